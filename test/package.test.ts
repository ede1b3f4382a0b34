/** The npm package and its lock file: what is in them, and what must not be. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

interface LockEntry {
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function readLock(): Readonly<Record<string, LockEntry>> {
  return JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
}

/** The files that `npm pack` would take; nothing is compiled for it. */
function packedFiles(): readonly string[] {
  const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [packed] = JSON.parse(output) as [{ files: { path: string }[] }];
  return packed.files.map((file) => file.path);
}

/** Where Node finds `name` from the package at `from`: in its own node_modules or in one above. */
function isLocked(packages: Readonly<Record<string, LockEntry>>, from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, "")) {
    if (`${folder === "" ? "" : `${folder}/`}node_modules/${name}` in packages) return true;
    if (folder === "") return false;
  }
}

// npm ci failed on a fresh clone: a dependency's packages for other machines were not in the lock file.
test("the lock file has every package that another one in it needs, for all machines", () => {
  const packages = readLock();
  const missing = Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
      .filter((name) => !isLocked(packages, path, name))
      .map((name) => `${name} (for ${path})`),
  );
  expect(missing).toEqual([]);
});

test("the lock file names no registry", () => {
  const addresses = Object.values(readLock()).flatMap((entry) => entry.resolved ?? []);
  expect(addresses).toEqual([]);
});

test("the package has what it is built from and run with, and nothing that was built here", () => {
  const files = packedFiles();
  for (const needed of [
    "bin/fred-ts",
    "native/binding.gyp",
    "native/engine/session/session.h",
    "native/binding/addon.cc",
    "scripts/install.sh",
    "scripts/build_native.sh",
    "src/fred/backend/gdb/shim/fred_shim.py",
    "src/fred/backend/gdb/shim/fredshim/session.py",
  ]) {
    expect(files).toContain(needed);
  }
  expect(files.filter((file) => /^native\/build\/|__pycache__|\.setup-stamp|^test\//.test(file))).toEqual([]);
  // scripts/install.sh takes a folder with src/cli for a checkout, and builds nothing there.
  expect(files.filter((file) => file.startsWith("src/cli/"))).toEqual([]);
});
