/** The terminal front end over plain gdb (native target, no engine): bytes, keys, ^C, commands of ours, the program's terminal. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { Terminal } from "../helpers/terminal.ts";

const helper = resolve("test/helpers/nativeGdb.mjs");
const source = `#include <stdio.h>
#include <string.h>
#include <unistd.h>
int add(int a, int b) {
  int sum = a + b; /* at: sum */
  return sum;
}
int length(const char *text) { return strlen(text); }
int main(int argc, char **argv) {
  char line[64];
  int total = 0;
  if (argc > 1 && strcmp(argv[1], "ask") == 0) {
    printf("name? ");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin)) printf("hello %s", line);
    return 3;
  }
  if (argc > 1 && strcmp(argv[1], "spin") == 0) for (;;) usleep(1000);
  for (int i = 0; i < 5; i++) total = add(total, i);
  printf("total %d\\n", total);
  return 0;
}
`;

let folder = "";
let logFile = "";
let terminal: Terminal;

function start(...words: string[]): Terminal {
  terminal = Terminal.start(process.execPath, [helper, logFile, "-q", "-nx", ...words], { cwd: folder });
  return terminal;
}

interface LogEntry {
  readonly terminal?: string;
  readonly prompt?: { commands: string[]; moved: boolean; changed: boolean; repeated: boolean };
  readonly scratch?: string;
}

function logged(): readonly LogEntry[] {
  return readFileSync(logFile, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as LogEntry);
}

function prompts(): readonly NonNullable<LogEntry["prompt"]>[] {
  return logged().flatMap((entry) => (entry.prompt === undefined ? [] : [entry.prompt]));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "front end "));
  logFile = join(folder, "log");
  writeFileSync(join(folder, "app.c"), source);
  execFileSync("gcc", ["-g", "-O0", "-o", "my app", "app.c"], { cwd: folder });
});

afterEach(async () => {
  await terminal.dispose();
  rmSync(folder, { recursive: true });
});

afterAll(() => {
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`fred-ts-${terminal.pid}-`))).toEqual([]);
});

describe("at the prompt", () => {
  test("completion, the pid of gdb and its history work as in gdb", async () => {
    start("./my app");
    await terminal.expect("(gdb) ");
    terminal.press("break ad\t\r");
    await terminal.expect(/Breakpoint 1 at .*app\.c, line 5/u);
    await terminal.expect("(gdb) ");
    expect(await terminal.command("print 6 * 7")).toBe("$1 = 42");
    terminal.press("\x1b[A\r");
    await terminal.expect("$2 = 42");
    // Before the prompt gdb's terminal edits lines itself, and ^D would be the end of an empty one.
    await terminal.expect("(gdb) ");
    terminal.press("\x04");
    expect(await terminal.exited()).toEqual({ code: 0, signal: 0 });
  });

  test("fred commands and their free aliases exist, gdb's own commands stay", async () => {
    start("./my app");
    await terminal.expect("(gdb) ");
    expect(await terminal.command("help fred-evaluate")).toContain("fred-evaluate summary.");
    expect(await terminal.command("help evaluate")).toContain("fred-evaluate summary.");
    expect(await terminal.command("help next")).toContain("Step program");
    expect(await terminal.command("fred-fail")).toBe("this failed; try again.");
    terminal.press("fred-ev\t");
    await terminal.expect("fred-evaluate ");
  });

  test("what was typed is reported with what it did, an empty line as a repetition", async () => {
    start("./my app");
    await terminal.expect("(gdb) ");
    for (const line of ["break add", "run", "next", "", "list", "set var sum = 7", "print sum"])
      await terminal.command(line);
    expect(prompts().map((p) => [p.commands.join(), p.moved, p.changed, p.repeated])).toEqual([
      ["break add", false, false, false],
      ["run", true, false, false],
      ["next", true, false, false],
      ["next", true, false, true],
      ["list", false, false, false],
      ["set var sum = 7", false, true, false],
      ["print sum", false, false, false],
    ]);
  });

  test("a block that was typed over several lines is one statement", async () => {
    start("./my app");
    await terminal.expect("(gdb) ");
    await terminal.command("break add");
    await terminal.command("commands 1", ">");
    await terminal.command("silent", ">");
    await terminal.command("end");
    expect(prompts().at(-1)?.commands).toEqual(["commands 1\nsilent\nend"]);
  });
});

describe("quiet work", () => {
  test("moves show nothing but the final frame, run no breakpoint commands and no hook-stop", async () => {
    writeFileSync(
      join(folder, "setup.gdb"),
      "break add\ncommands\necho COMMANDS\\n\nend\ndefine hook-stop\necho HOOK\\n\nend\n",
    );
    start("-x", "setup.gdb", "./my app");
    await terminal.expect("(gdb) ");
    expect(await terminal.command("run")).toContain("COMMANDS");
    const shown = await terminal.command("fred-moves next; next; finish; continue");
    expect(shown).toMatch(/^#0 {2}add \(a=0, b=1\) at app\.c:5\n5\t/u);
    expect(await terminal.command("continue")).toMatch(/HOOK[\s\S]*COMMANDS/u);
  });

  test("an evaluation that calls a function is announced before it changes anything, and ended", async () => {
    start("./my app");
    await terminal.expect("(gdb) ");
    await terminal.command("break add");
    await terminal.command("run");
    expect(await terminal.command('fred-evaluate length("four") + a')).toBe('{"kind":"value","text":"4"}');
    expect(logged().flatMap((entry) => entry.scratch ?? [])).toEqual([
      "begin",
      "call",
      "call",
      "return",
      "end",
    ]);
    expect(await terminal.command("fred-evaluate a +")).toMatch(/no expression here/u);
    expect(await terminal.command("fred-evaluate *(int *)0")).toContain('"unknown"');
  });

  test("^C cancels a fred command that waits", async () => {
    start("./my app");
    await terminal.expect("(gdb) ");
    terminal.send("fred-wait");
    await terminal.expect("waiting\n");
    terminal.press("\x03");
    // "Quit" when ^C met gdb while it printed the line; the terminal's echo may come late.
    await terminal.expect(/(cancelled|Quit)\n(\^C)?\(gdb\) /u);
  });
});

describe("the program's terminal", () => {
  test("the program has one of its own: input goes to it, its output comes before gdb's stop line", async () => {
    start("--args", "./my app", "ask");
    await terminal.expect("(gdb) ");
    await terminal.command(`tty ${logged().find((entry) => entry.terminal !== undefined)?.terminal}`);
    terminal.send("run");
    await terminal.expect("name? ");
    terminal.send("world");
    const shown = await terminal.expect("(gdb) ");
    expect(shown).toMatch(/hello world\n[\s\S]*exited with code 03/u);
  });

  test("^C stops a program that runs", async () => {
    start("--args", "./my app", "spin");
    await terminal.expect("(gdb) ");
    terminal.send("run");
    await terminal.expect("libthread_db.so.1");
    terminal.press("\x03");
    await terminal.expect("SIGINT");
    await terminal.expect("(gdb) ");
  });

  test("a new size of the window reaches gdb and the program", async () => {
    start("./my app");
    await terminal.expect("(gdb) ");
    terminal.resize(71, 33);
    const tty = logged().find((entry) => entry.terminal !== undefined)?.terminal;
    // readline shows its prompt again at a new size.
    terminal.send(`shell stty size < ${tty}`);
    await terminal.expect("33 71\n");
  });
});

describe("the end", () => {
  test("SIGTERM ends gdb and leaves nothing", async () => {
    start("./my app");
    await terminal.expect("(gdb) ");
    await terminal.command("break main");
    await terminal.command("run");
    terminal.kill("SIGTERM");
    expect((await terminal.exited()).code).toBe(143);
  });

  test("gdb's crash gives the terminal back and a status that tells it", async () => {
    start("./my app");
    await terminal.expect("(gdb) ");
    await terminal.command("shell true");
    terminal.send("python import os; os.kill(os.getpid(), 9)");
    expect((await terminal.exited()).code).toBe(137);
  });
});
