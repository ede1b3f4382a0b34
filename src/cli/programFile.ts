/** The file of the program to debug: found as gdb finds it, and checked before anything is started. */
import { accessSync, closeSync, constants, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import { FredError } from "../errors.ts";

export interface ProgramFile {
  readonly path: string;
  readonly hasDebugInfo: boolean;
}

/** Machines that people really meet (e_machine of elf.h). */
const machines: Readonly<Record<number, string>> = {
  3: "a 32-bit x86 program",
  8: "a MIPS program",
  20: "a PowerPC program",
  21: "a 64-bit PowerPC program",
  22: "an s390 program",
  40: "a 32-bit ARM program",
  183: "a 64-bit ARM (aarch64) program",
  243: "a RISC-V program",
  258: "a LoongArch program",
};
const x86_64 = 62;

/** `name` as typed: a path, a file of this directory, or a program on PATH (as gdb searches). */
export function findProgram(name: string): ProgramFile {
  const path = locate(name);
  const descriptor = open(path, name);
  try {
    return { path, hasDebugInfo: inspect(descriptor, name) };
  } finally {
    closeSync(descriptor);
  }
}

function locate(name: string): string {
  const here = resolve(name);
  if (name.includes("/") || exists(here)) return here;
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    const candidate = resolve(directory, name);
    if (directory !== "" && exists(candidate)) return realpathSync(candidate);
  }
  return here;
}

function exists(path: string): boolean {
  try {
    accessSync(path, constants.F_OK);
    return true;
  } catch {
    return false;
  }
}

function open(path: string, name: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === "EACCES" ? "permission denied" : "no such file";
    throw new FredError("programMissing", { path: name, why }, { cause: error });
  }
}

/** Throws when the file is no 64-bit x86 program; returns whether it has debug information. */
function inspect(descriptor: number, name: string): boolean {
  const file = fstatSync(descriptor);
  if (file.isDirectory()) throw new FredError("programMissing", { path: name, why: "is a directory" });
  const header = Buffer.alloc(64);
  const length = readSync(descriptor, header, 0, 64, 0);
  if (header.toString("latin1", 0, 2) === "#!") throw scriptError(descriptor, name);
  if (length < 20 || header.readUInt32BE(0) !== 0x7f454c46)
    throw notAProgram(name, "not an ELF program", "give the program that the compiler made");
  const machine = header.readUInt16LE(18);
  if (machine !== x86_64)
    throw new FredError("foreignProgram", {
      path: name,
      what: machines[machine] ?? `for machine ${machine}`,
    });
  if (header[4] !== 2) throw new FredError("foreignProgram", { path: name, what: "a 32-bit (x32) program" });
  const type = header.readUInt16LE(16);
  if (type === 1) throw notAProgram(name, "an object file", "link it to a program first");
  if (type === 4) throw notAProgram(name, "a core file", "give the program itself");
  if ((file.mode & 0o111) === 0) throw notAProgram(name, "not executable", "run chmod +x on it");
  return hasDebugSection(descriptor, header);
}

function scriptError(descriptor: number, name: string): FredError {
  const line = Buffer.alloc(200);
  const length = readSync(descriptor, line, 0, 200, 0);
  const interpreter = line.toString("utf8", 2, length).split("\n", 1)[0]?.trim() || "its interpreter";
  return notAProgram(name, "a script", `debug its interpreter: fred-ts gdb --args ${interpreter} ${name}`);
}

function notAProgram(path: string, what: string, next: string): FredError {
  return new FredError("notAProgram", { path, what, next });
}

/** Looks for .debug_info, its compressed form, or a link to separate debug files among the section names. */
function hasDebugSection(descriptor: number, header: Buffer): boolean {
  const count = header.readUInt16LE(60);
  const entrySize = header.readUInt16LE(58);
  if (count === 0 || entrySize < 64) return false;
  const table = Buffer.alloc(count * entrySize);
  if (readSync(descriptor, table, 0, table.length, header.readBigUInt64LE(40)) < table.length) return false;
  const names = table.subarray(header.readUInt16LE(62) * entrySize);
  if (names.length < 64) return false;
  const size = Math.min(Number(names.readBigUInt64LE(32)), 1 << 20);
  const text = Buffer.alloc(size);
  readSync(descriptor, text, 0, size, names.readBigUInt64LE(24));
  return [".debug_info\0", ".zdebug_info\0", ".gnu_debuglink\0"].some((section) => text.includes(section));
}
