/** Files given as the program: good ones, and each kind of bad one. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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
  gcc("-shared", "-o", "library.so");
  gcc("-static-pie", "-o", "static");
  for (const [name, edit] of Object.entries(damages)) {
    const bytes = readFileSync(join(folder, "stripped"));
    edit(bytes);
    writeFileSync(join(folder, name), bytes, { mode: 0o755 });
  }
  writeFileSync(join(folder, "plain"), readFileSync(join(folder, "stripped")));
  chmodSync(join(folder, "plain"), 0o644);
  writeFileSync(join(folder, "text"), "hello\n", { mode: 0o755 });
  writeFileSync(join(folder, "empty"), "", { mode: 0o755 });
  writeFileSync(join(folder, "cut"), readFileSync(join(folder, "stripped")).subarray(0, 40), { mode: 0o755 });
  execFileSync("mkfifo", ["pipe"], { cwd: folder });
  symlinkSync("circle", join(folder, "circle"));
  writeFileSync(join(folder, "bare script"), "#!", { mode: 0o755 });
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
  x32: (bytes) => void bytes.writeUInt8(1, 4),
  "unknown machine": (bytes) => void bytes.writeUInt16LE(777, 18),
  "big endian": (bytes) => void bytes.writeUInt8(2, 5),
  "far sections": (bytes) => void bytes.writeBigUInt64LE(2n ** 63n, 40),
  "many sections": (bytes) => void bytes.writeUInt16LE(65_535, 60),
  "far segments": (bytes) => void bytes.writeBigUInt64LE(2n ** 40n, 32),
  "no loader": (bytes) => void bytes.write("/nowhere", bytes.indexOf("/lib64/ld-")),
};

test("a program in a path with spaces is found, and whether it has debug information", () => {
  expect(findProgram(join(folder, "with debug"))).toEqual({
    path: join(folder, "with debug"),
    hasDebugInfo: true,
  });
  expect(findProgram(join(folder, "stripped")).hasDebugInfo).toBe(false);
});

test("a program without a loader is good, and so is the loader itself", () => {
  expect(findProgram(join(folder, "static")).hasDebugInfo).toBe(false);
  expect(findProgram("/lib64/ld-linux-x86-64.so.2").path).toContain("ld-linux");
});

test("a line break in the path is refused", () => {
  expect(() => findProgram("new\nline")).toThrow(
    /new\\nline" is a path with a line break, which gdb cannot take; link/u,
  );
});

test("the name is empty", () => {
  expect(() => findProgram("")).toThrow('"": is no name of a file; give the path');
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
  ["x32", "is a 32-bit (x32) program"],
  ["unknown machine", "is for machine 777"],
  ["library.so", "is a shared library; debug a program that loads it"],
  ["bare script", "debug its interpreter: fred-ts gdb --args INTERPRETER "],
  ["cut", "is damaged or cut off; build or copy it again"],
  ["big endian", "is damaged or cut off"],
  ["far sections", "is damaged or cut off"],
  ["many sections", "is damaged or cut off"],
  ["far segments", "is damaged or cut off"],
  ["no loader", "needs the dynamic loader /nowhere"],
  ["pipe", "is no ordinary file"],
  ["circle", "its symbolic links lead in a circle"],
  ["with debug/inside", "no such file"],
])("%s: %s", (name, text) => {
  expect(() => findProgram(join(folder, name))).toThrow(text);
});
