/** Is there a usable gdb? Looked up on PATH before the start; its version and Python are asked only when it failed to start. */
import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import { promisify } from "node:util";
import { FredError } from "../errors.ts";

const oldestMajor = 12;
const probeDeadlineMs = 10_000;

/** Absolute path of the gdb named `name`. */
export function findGdb(name: string): string {
  const candidates = name.includes("/")
    ? [resolve(name)]
    : (process.env.PATH ?? "")
        .split(delimiter)
        .filter((directory) => directory !== "")
        .map((directory) => resolve(directory, name));
  for (const path of candidates) {
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {}
  }
  throw new FredError("gdbMissing", { path: name });
}

/** Throws "gdbTooOld" for a version such as "Debian 13.1-3" whose number is below 12. */
export function checkGdbVersion(path: string, version: string): void {
  const major = Number.parseInt(/(\d+)\.\d+/u.exec(version)?.[1] ?? "", 10);
  if (major < oldestMajor) throw new FredError("gdbTooOld", { path, version });
}

/** Why gdb did not greet, by starting it once more, alone; null: nothing is wrong with it. */
export async function diagnoseGdb(path: string): Promise<FredError | null> {
  const arguments_ = [
    "-nx",
    "-q",
    "-batch",
    "-ex",
    "show version",
    "-ex",
    "python print('fred-' + 'python')",
  ];
  try {
    const { stdout } = await promisify(execFile)(path, arguments_, { timeout: probeDeadlineMs });
    const version = /GNU gdb[^\n]*?(\d+\.\d+[^\s]*)\s*$/mu.exec(stdout)?.[1];
    if (version === undefined)
      return new FredError("gdbBroken", { path, why: "it does not say its version" });
    checkGdbVersion(path, version);
    if (!stdout.includes("fred-python")) return new FredError("gdbWithoutPython", { path });
    return null;
  } catch (error) {
    if (error instanceof FredError) return error;
    const failure = error as { readonly stderr?: string; readonly message: string };
    if (failure.stderr?.includes("Python scripting is not supported"))
      return new FredError("gdbWithoutPython", { path });
    return new FredError("gdbBroken", { path, why: firstLine(failure.stderr || failure.message) });
  }
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}
