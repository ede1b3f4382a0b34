import { describe, expect, it } from "vitest";
import { parseRedirections } from "../../../src/rsp/redirections.ts";
import { splitWords } from "../../../src/rsp/shellWords.ts";

const fromRun = (...words: string[]) => parseRedirections(words, "/work");

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

  it("splits a line as gdb does for vRun", () => {
    expect(splitWords(`-e "a > b" '>' \\> c''d`)).toEqual(["-e", "a > b", ">", ">", "cd"]);
    expect(splitWords(`  a '' b\\ c  `)).toEqual(["a", "", "b c"]);
    expect(splitWords(`'a\\b' "c`)).toEqual(["ab", "c"]);
    expect(splitWords("")).toEqual([]);
  });
});
