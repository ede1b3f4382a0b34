/** The programs of test/targets: built once, found by name, and their lines found by marker. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Target, type TargetName, targetRow } from "../targets/index.ts";

const targetsFolder = join(dirname(fileURLToPath(import.meta.url)), "..", "targets");
const buildDeadlineMs = 300_000;

/** How a target was built: "" as index.ts says it, or one of the Makefile's other ways. */
export type Variant = "" | ".O2" | ".static" | ".nopie" | ".nodebug" | ".stripped";

let isBuilt = false;

/** Builds what is out of date. Test files run in processes of their own, so make is held by a lock. */
export function buildTargets(): void {
  if (isBuilt) return;
  const makefile = join(targetsFolder, "Makefile");
  const jobs = Math.min(2, availableParallelism());
  execFileSync("flock", [makefile, "make", "-s", `-j${jobs}`, "-C", targetsFolder], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: buildDeadlineMs,
  });
  isBuilt = true;
}

/** Absolute path of a target's executable, built when it was not. Not every target has every variant: see the Makefile. */
export function targetPath(name: TargetName, variant: Variant = ""): string {
  buildTargets();
  return join(targetsFolder, "build", `${name}${variant}`);
}

/** A copy of list_sort in a folder whose name has a space. */
export function spacedTargetPath(): string {
  buildTargets();
  return join(targetsFolder, "build", "with space", "list_sort");
}

/** The row of index.ts: arguments, input, exit and output. */
export function target(name: TargetName): Target {
  return targetRow(name);
}

export function sourcePath(name: TargetName): string {
  return join(targetsFolder, targetRow(name).source);
}

/** The line (from 1) of the comment "at: MARKER" in the source of a target. */
export function lineOf(name: TargetName, marker: string): number {
  return lineOfMarker(sourcePath(name), marker);
}

/** The same for any source file. */
export function lineOfMarker(path: string, marker: string): number {
  const lines = readFileSync(path, "utf8").split("\n");
  const index = lines.findIndex((line) => line.includes(`/* at: ${marker} */`));
  if (index < 0) throw new Error(`${path} has no marker "${marker}"`);
  return index + 1;
}

/** "list_sort.c:17", as gdb's break command takes it. */
export function placeOf(name: TargetName, marker: string): string {
  return `${targetRow(name).source}:${lineOf(name, marker)}`;
}

/** Whether this CPU has what the row needs of it; a test of such a target skips otherwise. */
export function cpuSupports(name: TargetName): boolean {
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1]?.split(" ") ?? [];
  const wanted: Partial<Record<Target["needs"][number], readonly string[]>> = {
    avx: ["avx"],
    avx2: ["avx2", "fma"],
    avx512: ["avx512f"],
  };
  return targetRow(name).needs.every((need) => (wanted[need] ?? []).every((flag) => flags.includes(flag)));
}
