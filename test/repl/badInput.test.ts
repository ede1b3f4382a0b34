/** What a user can give wrongly, and what a machine can refuse: one clear line with the next step, and nothing is left. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Terminal } from "../helpers/terminal.ts";
import { Traces } from "../helpers/traces.ts";

const fredTs = resolve("bin/fred-ts");
const leftDeadlineMs = 5000;
const runDeadlineMs = 50_000;
const source = `#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
static int is(char **argv, const char *mode) { return argv[1] && strcmp(argv[1], mode) == 0; }
__attribute__((constructor)) static void early(int argc, char **argv) {
  if (is(argv, "crash")) *(volatile int *)0 = argc;
  if (is(argv, "exit")) _exit(9);
}
int twice(int value) { return 2 * value; }
int main(int argc, char **argv) {
  if (is(argv, "kill")) kill(getpid(), SIGKILL);
  if (is(argv, "long")) for (int i = 0; i < 3000000; i++) putchar('x');
  int result = twice(argc);
  printf("result %d\\n", result);
  return 0;
}
`;
/** Numbers of x86-64 system calls. */
const ptrace = 101;
const userfaultfd = 323;

let folder = "";
let traces: Traces;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bad-input-"));
  writeFileSync(join(folder, "app.c"), source);
  const gcc = (...words: string[]) => execFileSync("gcc", words, { cwd: folder });
  gcc("-g", "-o", "app", "app.c");
  gcc("-s", "-o", "stripped", "app.c");
  gcc("-o", "deny", resolve("test/helpers/deny.c"));
  mkdirSync(join(folder, 'it\'s a "folder" é'));
  copyFileSync(join(folder, "app"), join(folder, 'it\'s a "folder" é', "an app"));
});

afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  traces = new Traces();
});

afterEach(async () => {
  const left = await traces.left(leftDeadlineMs);
  traces.dispose();
  expect(left).toEqual([]);
});

interface Outcome {
  readonly status: number | null;
  /** stdout and stderr together. */
  readonly text: string;
}

function run(command: readonly string[], options: { env?: NodeJS.ProcessEnv; input?: string } = {}): Outcome {
  const [file, ...words] = command as [string, ...string[]];
  const { status, stdout, stderr } = spawnSync(file, words, {
    cwd: folder,
    env: { ...process.env, ...traces.env, ...options.env },
    input: options.input ?? "",
    encoding: "utf8",
    timeout: runDeadlineMs,
    maxBuffer: 1 << 24,
  });
  return { status, text: stdout + stderr };
}

const start = [process.execPath, fredTs, "gdb", "-q", "-nx"];
const batch = (...commands: string[]) => [...start, "-batch", ...commands.flatMap((line) => ["-ex", line])];

/** Nobody is told of a stack of ours. */
function expectOneLine({ status, text }: Outcome, line: string | RegExp, wanted: number): void {
  expect(text).toMatch(line);
  expect(text).not.toMatch(/node:internal|\.js:\d+|Traceback/u);
  expect(status).toBe(wanted);
}

describe("the command line", () => {
  test.each([
    [
      "no such program",
      ["./missing"],
      "fred-ts: ./missing: no such file; give the path of a program that exists.",
    ],
    [
      "an unknown option",
      ["--trackr=compare", "./app"],
      "unknown option --trackr=compare (did you mean --tracker?)",
    ],
    ["--args with nothing", ["--args"], "fred-ts: --args needs a value; see fred-ts help gdb."],
    ["an option without its value", ["-ex"], "fred-ts: -ex needs a value"],
    ["arguments without --args", ["./app", "one"], "put --args before it: fred-ts gdb --args ./app one"],
    ["a process to attach to", ["-p", "1"], "is not possible: time travel needs the whole run"],
    ["no such directory", ["-cd", "/nowhere", "./app"], "fred-ts: /nowhere: no such directory"],
    ["a gdb that is a directory", ["--gdb", "/tmp", "./app"], "no program /tmp was found; install gdb"],
    ["a gdb that cannot be executed", ["--gdb", "app.c", "./app"], "no program app.c was found; install gdb"],
  ])("%s", (_name, words, line) => {
    const outcome = run([...start, ...words]);
    expect(outcome.text).toContain(line);
    expectOneLine(outcome, /^fred-ts: [^\n]+\n$/u, 1);
  });

  test("a script that is missing is told as gdb tells it", () => {
    expectOneLine(
      run([...batch("print 1"), "-x", "missing.gdb"]),
      "missing.gdb: No such file or directory",
      0,
    );
  });
});

describe("the program", () => {
  test.each([
    ["crashes in a constructor", "crash", "Program received signal SIGSEGV", 0],
    ["exits in a constructor", "exit", "exited with code 011", 0],
    ["kills itself", "kill", "Program terminated with signal SIGKILL, Killed", 0],
  ])("%s", (_name, mode, line, status) => {
    expectOneLine(run([...batch("run"), "--args", "./app", mode]), line, status);
  });

  test("has died at once: its whole life can be travelled", () => {
    const outcome = run([...batch("run", "fred-goto start", "continue"), "--args", "./app", "crash"]);
    expect(outcome.text.match(/Program received signal SIGSEGV/gu)).toHaveLength(2);
  });

  test("writes a line of three million characters", () => {
    const { text } = run([...batch("run"), "--args", "./app", "long"]);
    expect(text).toContain(`${"x".repeat(3_000_000)}result 4`);
  });

  test("has a path with spaces, quotes and letters of other languages", () => {
    const outcome = run([...batch("break twice", "run", "finish", "fred-undo"), 'it\'s a "folder" é/an app']);
    expectOneLine(outcome, /Value returned is \$1 = 2\n#0 {2}twice \(value=1\)/u, 0);
  });

  test("is stripped: statements are unknown, instructions work in both directions", () => {
    const commands = ["starti", "stepi 3", "reverse-stepi 3", "info symbol $pc", "fred-reverse-next"];
    const outcome = run([...batch(...commands), "./stripped"]);
    expect(outcome.text).toContain("./stripped has no debug information: functions and lines are unknown");
    expect(outcome.text).toContain("_start in section .text of /lib64/ld-linux");
    expectOneLine(outcome, "no statement with source lies before this one; reverse-stepi goes back", 1);
  });

  test("is deleted between two runs, and comes back", () => {
    copyFileSync(join(folder, "app"), join(folder, "volatile"));
    const commands = ["run", "shell mv volatile away", "run", "shell mv away volatile", "run"];
    const outcome = run([...batch(...commands), "./volatile"]);
    expect(outcome.text).toMatch(
      /could not be started: execute .*volatile: No such file or directory; mend that and/u,
    );
    expect(outcome.text.match(/result 2/gu)).toHaveLength(2);
    expect(outcome.status).toBe(0);
  });

  test("is rebuilt between two runs: the new one is run and travelled", () => {
    const rebuild =
      "shell sed s/2...value/value+42/ app.c > new.c; gcc -g -o rebuilt new.c; touch -d tomorrow rebuilt";
    copyFileSync(join(folder, "app"), join(folder, "rebuilt"));
    const outcome = run([
      ...batch("break twice", "run", rebuild, "run", "finish", "fred-undo", "finish"),
      "./rebuilt",
    ]);
    expect(outcome.text.match(/Value returned is \$\d = 43/gu)).toHaveLength(2);
  });

  test.each([
    // Each shell has its own words for the fact.
    [
      "/bin/sh",
      /\/bin\/sh does not take these arguments: .*nowhere: No such file.*; correct them with set args/u,
    ],
    [
      "/bin/bash",
      /\/bin\/bash does not take these arguments: .*nowhere: No such file.*; correct them with set args/u,
    ],
  ])("its input is missing, which %s tells", (shell, line) => {
    expectOneLine(run([...batch("run < nowhere"), "./app"], { env: { SHELL: shell } }), line, 1);
  });

  test("its folder is missing", () => {
    expectOneLine(
      run([...batch("set cwd /nowhere", "run"), "./app"]),
      /go to the folder \/nowhere: No such file or directory/u,
      1,
    );
  });
});

describe("an expression of a search", () => {
  const at = ["break twice", "run"];
  test.each([
    ["does not parse", "value +", '"value +" is no expression here: '],
    ["names nothing", "nosuch == 1", 'No symbol "nosuch" in current context; try it with print first.'],
    ["is missing", "", "an expression of the program (flags: --first, --last) expected"],
    [
      "has no value",
      "*(int*)0",
      "*(int*)0 has no value here (Cannot access memory at address 0x0); go to a place",
    ],
    ["has an unknown flag", "--frist value", 'expected, not "--frist"; usage: fred-reverse-watch'],
  ])("%s", (_name, expression, line) => {
    const outcome = run([...batch(...at, `fred-reverse-watch ${expression}`.trim()), "./app"]);
    expect(outcome.text).toContain(line);
    expect(outcome.status).toBe(1);
  });

  test("has a value in some states only: the others count as good, and the position is kept when nothing is found", () => {
    const outcome = run([
      ...batch(...at, "fred-reverse-watch value == 1 ? 1 : *(int*)0", "info symbol $pc"),
      "./app",
    ]);
    expectOneLine(outcome, /^(twice|main)/mu, 0);
  });
});

test("the nearest fred command is named", () => {
  expectOneLine(
    run([...batch("fred-undoo"), "./app"]),
    'there is no fred command "fred-undoo"; did you mean fred-undo?',
    1,
  );
});

describe("the machine", () => {
  const denied = (call: number, error: number) => ["./deny", String(call), String(error)];

  test("forbids ptrace", () => {
    const outcome = run([...denied(ptrace, constants.errno.EPERM), ...batch("run"), "./app"]);
    expectOneLine(
      outcome,
      /refuses ptrace: .*not permitted; allow it with sysctl kernel\.yama.*--cap-add=SYS_PTRACE/u,
      1,
    );
  });

  test("forbids userfaultfd: a note, and going back works", () => {
    const commands = batch("break twice", "run", "finish", "fred-undo");
    const outcome = run([...denied(userfaultfd, constants.errno.EPERM), ...commands, "./app"]);
    expect(outcome.text.match(/note: changed memory is found by comparing all of it/gu)).toHaveLength(1);
    expectOneLine(outcome, /#0 {2}twice/u, 0);
  });

  test("has no userfaultfd, which was asked for", () => {
    const command = [...batch("run"), "--tracker", "pagemap-scan", "./app"];
    const outcome = run([...denied(userfaultfd, constants.errno.ENOSYS), ...command]);
    expectOneLine(
      outcome,
      "this system has no pagemap-scan (userfaultfd: Function not implemented); leave the option",
      1,
    );
  });

  test.each([
    ["missing", "/nowhere", "no such directory"],
    ["a file", fredTs, "it is no directory"],
  ])("TMPDIR is %s", (_name, path, why) => {
    const outcome = run([...batch("run"), "./app"], { env: { TMPDIR: path } });
    expectOneLine(
      outcome,
      `fred-ts: no socket for gdb at ${path}: ${why}; set TMPDIR to a writable directory`,
      1,
    );
  });

  test("TMPDIR is too long for a socket: /tmp serves", () => {
    const long = join(traces.temporary, "x".repeat(100));
    mkdirSync(long);
    expectOneLine(run([...batch("run"), "./app"], { env: { TMPDIR: long } }), "result 2", 0);
    rmSync(long, { recursive: true });
  });

  const canMount = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;
  test.skipIf(!canMount)("the disk is full (skipped where tmpfs cannot be mounted)", () => {
    for (const inodes of [1, 2, 3]) {
      const script =
        'mount -t tmpfs -o nr_inodes="$0" none "$TMPDIR" && "$@"; status=$?; ls "$TMPDIR"; exit $status';
      const command = ["unshare", "-m", "sh", "-c", script, String(inodes), ...batch("run"), "./app"];
      expectOneLine(
        run(command),
        /^fred-ts: no socket for gdb at [^\n]*full[^\n]*|ENOSPC[^\n]*; set TMPDIR to/mu,
        1,
      );
    }
  });

  const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const canBeNobody = spawnSync(nobody[0] as string, [...nobody.slice(1), "test", "-r", fredTs]).status === 0;
  test.skipIf(!canBeNobody)("TMPDIR may not be written (skipped when we cannot be nobody here)", () => {
    chmodSync(folder, 0o755);
    const outcome = run([...nobody, ...batch("run"), "./app"], { env: { TMPDIR: folder } });
    expectOneLine(outcome, `no socket for gdb at ${folder}: permission denied; set TMPDIR`, 1);
  });

  test("HOME does not exist: no history is kept, all else works", () => {
    const outcome = run([...start, "./app"], { env: { HOME: "/nowhere" }, input: "run\nprint 6 * 7\n" });
    expectOneLine(outcome, "$1 = 42", 0);
  });
});

describe("the terminal", () => {
  interface Shape {
    readonly columns?: number;
    readonly rows?: number;
    readonly env?: Readonly<Record<string, string>>;
  }

  /** `before`: words that start the command, such as env. */
  function show(shape: Shape, before: readonly string[] = []): Terminal {
    const commands = ["set pagination off", "break twice", "run"].flatMap((line) => ["-ex", line]);
    const words = [...before, ...start, ...commands, "./app"];
    return Terminal.start("/usr/bin/env", words, {
      ...shape,
      cwd: folder,
      env: { ...traces.env, ...shape.env },
    });
  }

  test.each([
    [1, 1],
    [10, 24],
    [80, 3],
  ])("of %i x %i is too small, and is told so", async (columns, rows) => {
    const terminal = show({ columns, rows });
    expect((await terminal.exited()).code).toBe(1);
    const text = terminal.shown.replace(/\s+/gu, " ");
    expect(text).toContain(
      `the terminal has only ${columns} x ${rows} characters; enlarge it to 20 x 4 or more.`,
    );
  });

  test.each([
    ["the smallest", { columns: 20, rows: 4 }, []],
    ["dumb", { env: { TERM: "dumb" } }, []],
    ["of no type", {}, ["-u", "TERM"]],
    ["of an unknown type", { env: { TERM: "no-such-terminal" } }, []],
  ])("that is %s works", async (_name, shape, prefix) => {
    const terminal = show(shape, prefix);
    await terminal.expect(/twice\s+\(value=1\)/u);
    await terminal.expect("(gdb) ");
    terminal.send("fred-timeline");
    await terminal.expect("(gdb) ");
    terminal.press("\x04");
    terminal.send("y");
    expect((await terminal.exited()).code).toBe(0);
  });

  test("that becomes too small later does no harm", async () => {
    const terminal = show({});
    await terminal.expect("(gdb) ");
    terminal.resize(1, 1);
    terminal.send("fred-timeline");
    terminal.resize(80, 24);
    terminal.send("print 6 * 7");
    await terminal.expect("= 42");
    await terminal.dispose();
  });

  test("is no terminal: commands come from a pipe, the output goes to a file", () => {
    const outcome = run([...start, "./app"], { input: "break twice\nrun\nfinish\nfred-undo\n" });
    expectOneLine(outcome, /#0 {2}twice \(value=1\)/u, 0);
  });

  test("stdin is closed, stdout is closed", () => {
    const quote = batch("run")
      .map((word) => `'${word}'`)
      .join(" ");
    expect(run(["sh", "-c", `${quote} ./app <&-`])).toMatchObject({ status: 0 });
    expect(run(["sh", "-c", `${quote} ./app >&-`])).toEqual({ status: 0, text: "" });
  });
});
