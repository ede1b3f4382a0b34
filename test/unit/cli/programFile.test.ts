/** Files given as the program: good ones, and each kind of bad one. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findProgram } from "../../../src/cli/programFile.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "program file "));
  writeFileSync(join(folder, "a.c"), "int main(void) { return 0; }\n");
  const gcc = (...words: string[]) => execFileSync("gcc", [...words, "a.c"], { cwd: folder });
  gcc("-g", "-o", "with debug");
  gcc("-s", "-o", "stripped");
  gcc("-c", "-o", "object.o");
  for (const [name, edit] of Object.entries(damages)) {
    const bytes = readFileSync(join(folder, "stripped"));
    edit(bytes);
    writeFileSync(join(folder, name), bytes, { mode: 0o755 });
  }
  writeFileSync(join(folder, "plain"), readFileSync(join(folder, "stripped")));
  chmodSync(join(folder, "plain"), 0o644);
  writeFileSync(join(folder, "text"), "hello\n", { mode: 0o755 });
  writeFileSync(join(folder, "empty"), "", { mode: 0o755 });
  writeFileSync(join(folder, "script"), "#!/bin/bash -e\n", { mode: 0o755 });
});

afterAll(() => rmSync(folder, { recursive: true }));

const damages: Readonly<Record<string, (bytes: Buffer) => void>> = {
  i386: (bytes) => {
    bytes[4] = 1;
    bytes.writeUInt16LE(3, 18);
  },
  arm: (bytes) => void bytes.writeUInt16LE(183, 18),
  core: (bytes) => void bytes.writeUInt16LE(4, 16),
};

test("a program in a path with spaces is found, and whether it has debug information", () => {
  expect(findProgram(join(folder, "with debug"))).toEqual({
    path: join(folder, "with debug"),
    hasDebugInfo: true,
  });
  expect(findProgram(join(folder, "stripped")).hasDebugInfo).toBe(false);
});

test("a name without a slash is looked up on PATH, as gdb does", () => {
  expect(findProgram("env").path).toMatch(/\/(env|coreutils)$/u);
});

test.each([
  ["missing", "no such file"],
  [".", "is a directory"],
  ["text", "is not an ELF program"],
  ["empty", "is not an ELF program"],
  ["script", "debug its interpreter: fred-ts gdb --args /bin/bash -e "],
  ["object.o", "is an object file; link it"],
  ["core", "is a core file"],
  ["plain", "run chmod +x"],
  ["i386", "is a 32-bit x86 program; fred-ts debugs 64-bit x86 programs"],
  ["arm", "is a 64-bit ARM (aarch64) program"],
])("%s: %s", (name, text) => {
  expect(() => findProgram(join(folder, name))).toThrow(text);
});
