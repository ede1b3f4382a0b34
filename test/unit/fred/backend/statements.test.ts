/** Gdb scripts as whole statements, by the shim's own module under gdb's Python. */
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const shim = resolve("src/fred/backend/gdb/shim");

function ask(expression: string): unknown {
  const code = `import sys,json; sys.dont_write_bytecode=True; sys.path.insert(0,${JSON.stringify(shim)}); from fredshim import statements as s; print(json.dumps(${expression}))`;
  const output = execFileSync("gdb", ["-nx", "-q", "-batch", "-ex", `python ${code}`], { encoding: "utf8" });
  return JSON.parse(output);
}

function split(script: string): unknown {
  return ask(`s.split(${JSON.stringify(script)})`);
}

test("lines, comments, empty lines and continuations", () => {
  expect(split("break main\n\n# a comment\n  run  \nprint 1 + \\\n 2\n")).toEqual([
    [1, "break main"],
    [4, "run"],
    [5, "print 1 +  2"],
  ]);
});

test("blocks are one statement each, nested ones too", () => {
  const script = [
    "define twice",
    "  if $argc == 1",
    "    while $i < 2",
    "      next",
    "    end",
    "  end",
    "end",
    "commands 1",
    "silent",
    "end",
    "next",
  ].join("\n");
  expect(split(script)).toEqual([
    [1, "define twice\nif $argc == 1\nwhile $i < 2\nnext\nend\nend\nend"],
    [8, "commands 1\nsilent\nend"],
    [11, "next"],
  ]);
});

test("python blocks keep their indentation and are not searched for other blocks", () => {
  expect(split("python\nif True:\n  print('define x')\nend\npython print(1)\nnext")).toEqual([
    [1, "python\nif True:\n  print('define x')\nend"],
    [5, "python print(1)"],
    [6, "next"],
  ]);
});

test("documentation is raw text", () => {
  expect(split("document twice\nif you like\nend\nnext")).toEqual([
    [1, "document twice\nif you like\nend"],
    [4, "next"],
  ]);
});

test("an unfinished block is the last statement, and known to be unfinished", () => {
  expect(split("next\nif 1\nnext")).toEqual([
    [1, "next"],
    [2, "if 1\nnext"],
  ]);
  expect(ask('[s.is_complete("if 1\\nnext"), s.is_complete("if 1\\nend"), s.is_complete("next")]')).toEqual([
    false,
    true,
    true,
  ]);
});

test("what a command is for decides whether what its calls change is kept", () => {
  const intents = ask(
    '[s.intent(x) for x in ("print f()", "p/x f()", "display f()", "call f()", "set var x = f()", "j 3", "next", "c 3", "")]',
  );
  expect(intents).toEqual([
    "looking",
    "looking",
    "looking",
    "changing",
    "changing",
    "changing",
    "moving",
    "moving",
    "looking",
  ]);
});
