/** The grammar of fred commands' arguments: every shape, and where its errors point. */
import { describe, expect, test } from "vitest";
import { parseArguments } from "../../../src/history/argumentGrammar.ts";

const parse = (shape: Parameters<typeof parseArguments>[0], text: string) =>
  parseArguments(shape, ` ${text}`, "fred-x", "fred-x …");

describe("arguments of fred commands", () => {
  test("a count is one when left out", () => {
    expect(parse("count", "")).toEqual({ kind: "count", count: 1 });
    expect(parse("count", " 12 ")).toEqual({ kind: "count", count: 12 });
  });

  test("an expression is taken as it stands, spaces, quotes and minus signs included", () => {
    expect(parse("expression", 'list_len(head)  < 10 && s == "a  b"')).toEqual({
      kind: "expression",
      expression: 'list_len(head)  < 10 && s == "a  b"',
      which: "any",
    });
    expect(parse("expression", "x --y")).toMatchObject({ expression: "x --y", which: "any" });
    expect(parse("expression", "--last c1 + 5")).toMatchObject({ expression: "c1 + 5", which: "last" });
    expect(parse("expression", "--first (--x)")).toMatchObject({ expression: "(--x)", which: "first" });
    expect(parse("expression", "s[0] == '")).toMatchObject({ expression: "s[0] == '" });
  });

  test("positions are checkpoints, events and names", () => {
    expect(parse("position", "12")).toEqual({
      kind: "position",
      position: { kind: "checkpoint", number: 12 },
    });
    expect(parse("position", "c7")).toEqual({
      kind: "position",
      position: { kind: "checkpoint", number: 7 },
    });
    expect(parse("position", "#300")).toEqual({ kind: "position", position: { kind: "event", number: 300 } });
    expect(parse("position", "start")).toEqual({
      kind: "position",
      position: { kind: "name", name: "start" },
    });
    expect(parse("position", "c7b")).toEqual({ kind: "position", position: { kind: "name", name: "c7b" } });
  });

  test("a file may have spaces, quoted or not", () => {
    expect(parse("file", '"my dir/a.gdb"')).toEqual({ kind: "word", word: "my dir/a.gdb" });
    expect(parse("file", "my dir/a.gdb")).toEqual({ kind: "word", word: "my dir/a.gdb" });
  });

  test.each([
    ["count", "two", "two", 8],
    ["count", "3 4", "4", 10],
    ["count", "0", "0", undefined],
    ["none", "x", "x", 8],
    ["name", "", "", 8],
    ["expression", "", "", 8],
    ["expression", "--frist x", "--frist", 8],
    ["position", "", "", 8],
  ] as const)("%s with %j is refused at its place", (shape, text, found, column) => {
    try {
      parse(shape, text);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ kind: "badFredArguments", facts: { found } });
      if (column !== undefined) expect(error).toMatchObject({ facts: { column } });
    }
  });
});
