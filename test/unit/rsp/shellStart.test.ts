/** Arguments and redirections by a real shell. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startByShell } from "../../../src/rsp/shellStart.ts";

let cwd = "";
const start = (line: string, shell = "/bin/sh") =>
  startByShell(line, { shell, cwd, env: ["PATH=/usr/bin:/bin", "NAME=two words", "HOME=/home/me"] });

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "shell start "));
  for (const name of ["qa", "qb"]) writeFileSync(join(cwd, name), "full");
});
afterEach(() => rmSync(cwd, { recursive: true }));

describe("the shell", () => {
  it("expands patterns, variables and substitutions, and removes quotes", async () => {
    const { args } = await start(`q* '*' "$NAME" $NAME ~ $(echo a | tr a b) \\> "" 'x;y'`);
    expect(args).toEqual(["qa", "qb", "*", "two words", "two", "words", "/home/me", "b", ">", "", "x;y"]);
  });

  it("redirects to files, appends, and joins descriptors in the order written", async () => {
    expect((await start("< qa >> qb 2>&1")).redirections).toEqual([
      { fd: 0, target: join(cwd, "qa"), mode: "read" },
      { fd: 1, target: join(cwd, "qb"), mode: "append" },
      { fd: 2, target: 1, mode: "duplicate" },
    ]);
    expect((await start('>"$NAME" 2>/dev/null </dev/null')).redirections).toEqual([
      { fd: 0, target: "/dev/null", mode: "read" },
      { fd: 1, target: join(cwd, "two words"), mode: "write" },
      { fd: 2, target: "/dev/null", mode: "write" },
    ]);
    expect((await start("a 2>&1")).redirections).toEqual([{ fd: 2, target: 1, mode: "duplicate" }]);
    expect((await start("a >&2")).redirections).toEqual([{ fd: 1, target: 2, mode: "duplicate" }]);
    expect(await start("")).toEqual({ args: [], redirections: [] });
  });

  it("empties the file of > as it would without us", async () => {
    await start("> qa");
    expect(readFileSync(join(cwd, "qa"), "utf8")).toBe("");
  });

  it("never gets to what stands behind a semicolon", async () => {
    expect((await start("a ; touch qc")).args).toEqual(["a"]);
    expect(() => readFileSync(join(cwd, "qc"))).toThrow();
  });

  it("says what is wrong: an open quote, a missing file, a missing shell, a pipe", async () => {
    await expect(start('"a')).rejects.toThrow(/\/bin\/sh does not take these arguments: .*quote/iu);
    await expect(start("< absent")).rejects.toThrow(/absent/u);
    await expect(start("a", "/no/shell")).rejects.toThrow(/\/no\/shell does not take these arguments/u);
    await expect(start("a | cat")).rejects.toThrow(/cannot stand in a pipe/u);
  });
});
