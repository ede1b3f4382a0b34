/** The file of the program to debug: found as gdb finds it, and checked before anything is started. */
import { accessSync, closeSync, constants, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import { FredError } from "../errors.ts";
import { type ElfFile, readElf } from "./elfFile.ts";

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
  if (name === "") throw programMissing(name, "is no name of a file");
  const path = locate(name);
  if (/[\n\r]/u.test(path))
    throw notAProgram(
      JSON.stringify(path),
      "a path with a line break, which gdb cannot take",
      "link to it from elsewhere",
    );
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
    // A pipe without a writer would keep us waiting.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw programMissing(
      name,
      reasons[(error as NodeJS.ErrnoException).code ?? ""] ?? "cannot be opened",
      error,
    );
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  ELOOP: "its symbolic links lead in a circle",
  ENAMETOOLONG: "the name is too long",
};

/** Throws when the file is no 64-bit x86 program that can be started; returns whether it has debug information. */
function inspect(descriptor: number, name: string): boolean {
  const file = fstatSync(descriptor);
  if (file.isDirectory()) throw programMissing(name, "is a directory");
  if (!file.isFile()) throw programMissing(name, "is no ordinary file");
  const start = Buffer.alloc(200);
  const length = readSync(descriptor, start, 0, start.length, 0);
  if (start.toString("latin1", 0, 2) === "#!") throw scriptError(start.toString("utf8", 2, length), name);
  const elf = readElf(descriptor);
  if (elf === null) throw notAProgram(name, "not an ELF program", "give the program that the compiler made");
  checkElf(elf, name);
  if ((file.mode & 0o111) === 0) throw notAProgram(name, "not executable", "run chmod +x on it");
  return elf.hasDebugInfo;
}

function checkElf(elf: ElfFile, path: string): void {
  const what = machines[elf.machine] ?? `for machine ${elf.machine}`;
  if (elf.machine !== x86_64) throw new FredError("foreignProgram", { path, what });
  if (!elf.is64Bit) throw new FredError("foreignProgram", { path, what: "a 32-bit (x32) program" });
  if (elf.kind === "object") throw notAProgram(path, "an object file", "link it to a program first");
  if (elf.kind === "core") throw notAProgram(path, "a core file", "give the program itself");
  if (!elf.isComplete) throw notAProgram(path, "damaged or cut off", "build or copy it again");
  if (elf.entry === 0n) throw notAProgram(path, "a shared library", "debug a program that loads it");
  if (elf.loader !== null && !exists(elf.loader))
    throw new FredError("loaderMissing", { path, loader: elf.loader });
}

function scriptError(text: string, name: string): FredError {
  const interpreter = text.split("\n", 1)[0]?.trim() || "INTERPRETER";
  return notAProgram(name, "a script", `debug its interpreter: fred-ts gdb --args ${interpreter} ${name}`);
}

function notAProgram(path: string, what: string, next: string): FredError {
  return new FredError("notAProgram", { path, what, next });
}

function programMissing(path: string, why: string, cause?: unknown): FredError {
  return new FredError("programMissing", { path: path === "" ? '""' : path, why }, { cause });
}
