/** Programs of the distribution under `fred-ts gdb -batch`: to their end, back to an early stop, wild travel, and to the same end again. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Random, seed } from "../engine/random.ts";
import {
  isInstalled,
  type RealProgram,
  realPrograms,
  sampleText,
  writeSamples,
} from "../helpers/realPrograms.ts";

const fred = resolve("bin/fred-ts");
const deadlineMs = 120_000;
const travelSteps = 6;

/** Defined inside gdb: prints a name and a hash of registers, stack and heap top. */
const stateCommand = `python
import gdb, hashlib
class State(gdb.Command):
  """Print a hash of the state."""
  def __init__(self): super().__init__("state", gdb.COMMAND_USER)
  def invoke(self, name, from_tty):
    digest = hashlib.sha1(gdb.execute("info registers", to_string=True).encode())
    digest.update(gdb.execute("info vector", to_string=True).encode())
    sp = int(gdb.parse_and_eval("(unsigned long)$rsp")) & ~4095
    inferior = gdb.selected_inferior()
    for page in (sp, sp + 4096):
      try:
        digest.update(inferior.read_memory(page, 4096).tobytes())
      except gdb.MemoryError:
        break  # the end of the stack
    print("state", name, digest.hexdigest())
State()
end
`;

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fred-real-"));
  writeSamples(folder);
  writeFileSync(join(folder, "state.gdb"), stateCommand);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Words for gdb's run command, which a shell reads. */
function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''").replaceAll("\n", " ")}'`).join(" ");
}

function clean(): void {
  rmSync(join(folder, "data.db"), { force: true });
}

function native({ path, args, stdin }: RealProgram): { status: number | null; output: string } {
  clean();
  const flat = args.map((word) => word.replaceAll("\n", " "));
  const run = spawnSync(path, flat, { cwd: folder, input: stdin, encoding: "latin1", maxBuffer: 1 << 28 });
  return { status: run.status, output: run.stdout };
}

/** A way through the past that any program allows; where there is nothing further back gdb or fred-ts says so, and that is fine. */
function wildTravel(random: Random): string[] {
  const moves = [
    "fred-goto early",
    "fred-goto start",
    "fred-goto head",
    "fred-undo",
    "reverse-stepi",
    "reverse-continue",
    "stepi 20",
    "continue",
  ];
  return Array.from({ length: travelSteps }, () => random.pick(moves));
}

/** What gdb showed, its messages on stderr first. */
function debug(program: RealProgram, commands: readonly string[]): string {
  clean();
  writeFileSync(join(folder, "input"), program.stdin);
  const words = [
    "gdb",
    "-q",
    "-nx",
    "-batch",
    "-x",
    "state.gdb",
    ...commands.flatMap((each) => ["-ex", each]),
    program.path,
  ];
  const run = spawnSync(process.execPath, [fred, ...words], {
    cwd: folder,
    encoding: "latin1",
    timeout: deadlineMs,
    env: { ...process.env, COLUMNS: "200" },
  });
  return run.stderr + run.stdout;
}

function statesIn(shown: string): Record<string, string> {
  return Object.fromEntries(
    [...shown.matchAll(/state (\w+) (\w{40})$/gmu)].map((found) => [found[1], found[2]]),
  );
}

function ending(status: number | null): string {
  return status === 0 ? "exited normally" : `exited with code 0${status?.toString(8)}`;
}

describe(`programs of the distribution, travel by seed ${seed}`, () => {
  for (const program of realPrograms(sampleText())) {
    const { name } = program;
    const title = isInstalled(program) ? name : `${name} (skipped: not installed)`;
    test.skipIf(!isInstalled(program))(title, { timeout: deadlineMs }, () => {
      const { status, output } = native(program);
      const shown = debug(program, [
        "set breakpoint pending on",
        "break __libc_start_main",
        `run ${quoted(program.args)} < input > output`,
        "break write",
        "continue",
        "fred-checkpoint early",
        "state first",
        "x/3i $pc",
        "disable",
        "continue",
        "fred-goto early",
        "state again",
        "stepi 30",
        "state later",
        "reverse-stepi 30",
        "state back",
        "continue",
        "enable",
        ...wildTravel(new Random(seed + name.length)),
        "fred-goto early",
        "state wild",
        "disable",
        "stepi 30",
        "state forth",
        "continue",
      ]);
      const states = statesIn(shown);
      expect(states, shown).toMatchObject({ first: expect.any(String), later: expect.any(String) });
      const { first, later, again, back, wild, forth } = states;
      expect({ again, back, wild, forth }, shown).toEqual({
        again: first,
        back: first,
        wild: first,
        forth: later,
      });
      expect(shown.trimEnd().split("\n").at(-1), shown).toContain(ending(status));
      expect(shown).not.toMatch(/diverged|Traceback|internal error|Remote failure/u);
      expect(
        readFileSync(join(folder, "output"), "latin1") === output,
        "the program's output, each byte once",
      ).toBe(true);
    });
  }
});
