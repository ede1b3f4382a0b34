/** Whoever dies, and whenever: within a second no process, file or terminal mode is left, and who lives on says why. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Terminal } from "../helpers/terminal.ts";
import { Traces } from "../helpers/traces.ts";

const fredTs = resolve("bin/fred-ts");
const source = resolve("test/repl/lifecycle.c");
/** For the end of all processes and files. The machine that tests may be busy: the aim is one second. */
const cleanDeadlineMs = 4000;

let folder = "";
let program = "";
let traces: Traces;
let terminal: Terminal;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lifecycle-"));
  program = join(folder, "lifecycle");
  execFileSync("gcc", ["-g", "-O0", "-o", program, source]);
});

afterAll(() => rmSync(folder, { recursive: true }));

afterEach(async () => {
  await terminal.dispose();
  traces.dispose();
});

/** fred-ts below a shell, which shows the modes of the terminal before and after. */
function start(...words: string[]): void {
  traces = new Traces();
  // A shell that outlives its terminal (its trap is not inherited), to tell of fred-ts's end.
  const line =
    'trap : HUP; stty -g | sed s/^/before:/; "$@" 2>errors; echo $? >status; stty -g | sed s/^/after:/; echo "status:$(cat status):"';
  terminal = Terminal.start(
    "/bin/sh",
    ["-c", line, "sh", process.execPath, fredTs, "gdb", "-q", "-nx", ...words],
    {
      cwd: folder,
      env: traces.env,
    },
  );
}

const prompt = "(gdb) ";

const moments = {
  "before the first prompt": async () => {
    start("--args", program, "quick");
    await traces.process("gdb");
  },
  "at the prompt": async () => {
    start("-ex", "break done", "-ex", "run", "--args", program, "quick");
    await terminal.expect("Breakpoint 1, done");
    await terminal.expect(prompt);
  },
  "while the program computes": async () => {
    start("-ex", "run", "--args", program, "spin");
    await terminal.expect("spinning");
  },
  "while the program waits for a key": async () => {
    start("-ex", "run", "--args", program, "read");
    await terminal.expect("asking");
  },
  "during a search": async () => {
    start("-ex", "break done", "-ex", "run", "--args", program, "count");
    await terminal.expect("Breakpoint 1, done");
    await terminal.expect(prompt);
    await terminal.command("up");
    terminal.send("fred-reverse-watch --first odd > 140000");
    await terminal.expect("looking at every statement");
  },
  "when the program has ended": async () => {
    start("-ex", "run", "--args", program, "quick");
    await terminal.expect("exited normally");
    await terminal.expect(prompt);
  },
} as const;
type Moment = keyof typeof moments;
const everyMoment = Object.keys(moments) as Moment[];

async function kill(name: string, signal: NodeJS.Signals): Promise<void> {
  process.kill(await traces.process(name), signal);
}

async function expectNothingLeft(): Promise<void> {
  expect(await traces.left(cleanDeadlineMs)).toEqual([]);
}

async function expectEnd(status: number | RegExp): Promise<void> {
  const text = await terminal.expect(/status:\d+:/u);
  expect(text).toMatch(typeof status === "number" ? `status:${status}:` : status);
  const modes = (when: string) => new RegExp(`${when}:(\\S+)`, "u").exec(terminal.shown)?.[1];
  expect(modes("after")).toBe(modes("before"));
  expect(terminal.shown).not.toMatch(/\.js:\d+|node:internal|Assertion/u);
  await expectNothingLeft();
}

describe.each(everyMoment)("%s", (moment) => {
  test("SIGTERM", async () => {
    await moments[moment]();
    await kill("node", "SIGTERM");
    await expectEnd(143);
  });

  test("SIGHUP", async () => {
    await moments[moment]();
    await kill("node", "SIGHUP");
    await expectEnd(129);
  });

  test("the terminal is closed", async () => {
    await moments[moment]();
    terminal.close();
    await expectNothingLeft();
    expect(readFileSync(join(folder, "status"), "utf8")).toBe("129\n");
    expect(readFileSync(join(folder, "errors"), "utf8")).toBe("");
  });

  test("SIGKILL", async () => {
    await moments[moment]();
    await kill("node", "SIGKILL");
    await terminal.expect("status:137:");
    await expectNothingLeft();
  });

  test("gdb is killed", async () => {
    await moments[moment]();
    await kill("gdb", "SIGKILL");
    await expectEnd(137);
  });

  test("gdb gets SIGTERM", async () => {
    await moments[moment]();
    await kill("gdb", "SIGTERM");
    await expectEnd(/status:\d+:/u);
  });
});

describe("the session goes on when", () => {
  const gone =
    "the program was killed by SIGKILL, and its recording is gone with it; start it again with run.";
  const living = async () => {
    await terminal.expect(prompt);
    expect(await terminal.command("print 6 * 7")).toContain("= 42");
    await terminal.command("set confirm off");
    terminal.send("quit");
    await expectEnd(0);
  };

  test.each(["while the program computes", "while the program waits for a key"] as const)(
    "the program is killed %s",
    async (moment) => {
      await moments[moment]();
      await kill("lifecycle", "SIGKILL");
      await terminal.expect("Program terminated with signal SIGKILL");
      await living();
      expect(terminal.shown).toContain(gone);
    },
  );

  test("the program is killed at the prompt: the next move tells", async () => {
    await moments["at the prompt"]();
    await kill("lifecycle", "SIGKILL");
    terminal.send("next");
    await terminal.expect(gone);
    await living();
  });

  test("the program is killed after its end: going back tells", async () => {
    await moments["when the program has ended"]();
    await kill("lifecycle", "SIGKILL");
    terminal.send("fred-goto start");
    await terminal.expect(gone);
    await living();
  });

  test("the program is killed during a search", async () => {
    await moments["during a search"]();
    await kill("lifecycle", "SIGKILL");
    await terminal.expect(gone);
    await living();
  });

  test.each(["at the prompt", "while the program computes", "during a search"] as const)(
    "SIGINT comes %s, as ^C does",
    async (moment) => {
      await moments[moment]();
      await kill("node", "SIGINT");
      await terminal.expect(/Quit|SIGINT|cancelled/u);
      await living();
    },
  );
});

describe("in batch mode", () => {
  const compute = async () => {
    start("-batch", "-ex", "run", "--args", program, "spin");
    await terminal.expect("spinning");
  };

  test.each([
    ["node", "SIGTERM", 143],
    ["node", "SIGHUP", 129],
    ["gdb", "SIGKILL", 137],
    ["gdb", "SIGTERM", /status:\d+:/u], // its own, as without fred-ts
  ] as const)("%s gets %s", async (name, signal, status) => {
    await compute();
    await kill(name, signal);
    await expectEnd(status);
  });

  test("the terminal is closed, and the shell with it", async () => {
    await compute();
    process.kill(terminal.pid, "SIGKILL");
    terminal.close();
    await expectNothingLeft();
  });

  test("SIGKILL: gdb and the program go", async () => {
    await compute();
    const [gdb, debuggee] = [await traces.process("gdb"), await traces.process("lifecycle")];
    await kill("node", "SIGKILL");
    await terminal.expect("status:137:");
    expect(await traces.left(cleanDeadlineMs, (pid) => [gdb, debuggee].includes(pid))).toEqual([]);
  });
});
