/** The command line of `fred-ts gdb`. */
import { describe, expect, test } from "vitest";
import { parseGdbOptions } from "../../../src/cli/gdbOptions.ts";
import { nearest } from "../../../src/cli/nearest.ts";

const parse = (line: string) => parseGdbOptions(line.split(" ").filter((word) => word !== ""));

describe("accepted", () => {
  test("commands and files keep their order; both dash forms and both value forms count", () => {
    const options = parseGdbOptions([
      "-ex",
      "break main",
      "--ex=run",
      "-x",
      "a b.gdb",
      "--eval-command",
      "bt",
      "app",
    ]);
    expect(options.statements).toEqual([
      { kind: "ex", text: "break main" },
      { kind: "ex", text: "run" },
      { kind: "file", text: "a b.gdb" },
      { kind: "ex", text: "bt" },
    ]);
    expect(options.program).toBe("app");
  });

  test("after --args everything belongs to the program, dashes included", () => {
    const options = parse("-q --args app -x 1 --batch --");
    expect(options).toMatchObject({ program: "app", isBatch: false, statements: [], gdbOptions: ["-q"] });
    expect(options.programArguments).toEqual(["-x", "1", "--batch", "--"]);
  });

  test("options of gdb go on with their values; options may come after the program", () => {
    const options = parse("-nx app -d src --tui -iex on --symbols=s -batch");
    expect(options.gdbOptions).toEqual(["-nx", "-d", "src", "-tui", "-iex", "on", "-s", "s", "-batch"]);
    expect(options.isBatch).toBe(true);
  });

  test("unique abbreviations work as in gdb", () => {
    expect(parse("--eval next app").statements).toEqual([{ kind: "ex", text: "next" }]);
    expect(parse("--ret app").gdbOptions).toEqual(["-return-child-result"]);
  });

  test("our own options", () => {
    const options = parse(
      "--checkpoint-hz 0 --tracker=compare --allow-side-effects --gdb /x/gdb -cd d --tty /dev/x app",
    );
    expect(options).toMatchObject({
      checkpointHz: 0,
      tracker: "compare",
      allowSideEffects: true,
      gdbPath: "/x/gdb",
      directory: "d",
      tty: "/dev/x",
    });
  });
});

describe("refused in one line that names the next step", () => {
  test.each([
    ["--bacth app", "unknown option --bacth (did you mean --batch?); see fred-ts help gdb."],
    ["--zzzzzz app", "unknown option --zzzzzz; see fred-ts help gdb."],
    ["-ex", "-ex needs a value; see fred-ts help gdb."],
    ["--checkpoint-hz fast app", "--checkpoint-hz fast: expected a number from 0 to 1000."],
    ["--checkpoint-hz -1 app", "--checkpoint-hz -1: expected a number from 0 to 1000."],
    ["--tracker magic app", "--tracker magic: expected auto, pagemap-scan, compare."],
    ["app 1 2", "to pass arguments to the program put --args before it: fred-ts gdb --args app 1 2 …"],
    ["-p 12", "-p 12 is not possible: time travel needs the whole run; start the program under fred-ts."],
  ])("%s", (line, text) => {
    expect(() => parse(line)).toThrow(text);
  });
});

test("the nearest word is one that a slip of the finger makes, or none", () => {
  expect(nearest("gbd", ["gdb", "help"])).toBe(null);
  expect(nearest("gdbb", ["gdb", "help"])).toBe("gdb");
  expect(nearest("replya", ["replay", "record"])).toBe("replay");
  expect(nearest("xyz", ["gdb", "help"])).toBe(null);
});
