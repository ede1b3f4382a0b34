import { describe, expect, it } from "vitest";
import { parseRedirections, plainWord } from "../../../src/rsp/redirections.ts";
import { splitAsGdb, splitShellWords } from "../../../src/rsp/shellWords.ts";

const typed = (line: string) => {
  const words = splitShellWords(line);
  return words === null ? null : parseRedirections(words, "/work");
};
const fromRun = (...words: string[]) => parseRedirections(words.map(plainWord), "/work");

describe("redirections", () => {
  it("takes < > >> 2> from the words of vRun, with or without a blank", () => {
    expect(fromRun("-n", "<", "in", ">out", "2>>", "/tmp/log", "x")).toEqual({
      args: ["-n", "x"],
      redirections: [
        { fd: 0, target: "/work/in", mode: "read" },
        { fd: 1, target: "/work/out", mode: "write" },
        { fd: 2, target: "/tmp/log", mode: "append" },
      ],
    });
  });

  it("duplicates descriptors, and joins both outputs with &>", () => {
    expect(fromRun("2>&1").redirections).toEqual([{ fd: 2, target: 1, mode: "duplicate" }]);
    expect(fromRun(">&2").redirections).toEqual([{ fd: 1, target: 2, mode: "duplicate" }]);
    expect(fromRun("&>", "all").redirections).toEqual([
      { fd: 1, target: "/work/all", mode: "write" },
      { fd: 2, target: 1, mode: "duplicate" },
    ]);
    expect(fromRun("&>>all").redirections[0]).toMatchObject({ mode: "append" });
  });

  it("leaves words alone that no shell user would write without quotes", () => {
    expect(fromRun("<b>", "a>b", "x<", "=>", ">").args).toEqual(["<b>", "a>b", "x<", "=>", ">"]);
  });

  it("knows quoted operators on a typed command line", () => {
    expect(typed(`-e "a > b" '>' \\> c`)).toEqual({ args: ["-e", "a > b", ">", ">", "c"], redirections: [] });
    expect(typed(`a >"my file"`)).toEqual({
      args: ["a"],
      redirections: [{ fd: 1, target: "/work/my file", mode: "write" }],
    });
    expect(typed(`a '' b\\ c`)?.args).toEqual(["a", "", "b c"]);
    expect(typed(`a "b`)).toBeNull();
  });
});

describe("the words that gdb sends for a command line", () => {
  it.each([
    ["'s/(a)/\\1/' b", ["s/(a)/1/", "b"]],
    ['"x\\"y" a\\ b  ""', ['x"y', "a b", ""]],
    ["a'b c'd", ["ab cd"]],
    ["", []],
  ])("%s", (line, words) => {
    expect(splitAsGdb(line)).toEqual(words);
  });
});
