/** Reads the imports of src and fails on an arrow that points the wrong way, on a barrel file, a vague name, or a long file. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

/** A part of src, from the file that it lies in. The first row whose prefix fits names the part. */
const parts = [
  { part: "cli", prefix: "cli/" },
  { part: "adapter", prefix: "adapter/" },
  { part: "bisect", prefix: "bisect/" },
  { part: "repl", prefix: "fred/repl/" },
  { part: "backend", prefix: "fred/backend/" },
  { part: "fred", prefix: "fred/" },
  { part: "history", prefix: "history/" },
  { part: "rsp", prefix: "rsp/" },
  { part: "nativeEngine", prefix: "engine/nativeEngine.ts" },
  { part: "engine", prefix: "engine/" },
  { part: "base", prefix: "errors.ts" },
  { part: "base", prefix: "log.ts" },
  { part: "base", prefix: "async.ts" },
  { part: "base", prefix: "chevrotain.ts" },
] as const;

type Part = (typeof parts)[number]["part"];

/** What each part may import besides itself. `types` are imports that vanish when compiled. */
const arrows: Record<Part, { readonly values: readonly Part[]; readonly types: readonly Part[] }> = {
  cli: {
    values: [
      "adapter",
      "bisect",
      "repl",
      "backend",
      "fred",
      "history",
      "rsp",
      "nativeEngine",
      "engine",
      "base",
    ],
    types: [],
  },
  adapter: { values: ["fred", "history", "base"], types: ["engine"] },
  bisect: { values: ["fred", "history", "base"], types: ["engine"] },
  repl: { values: ["fred", "history", "base"], types: ["engine"] },
  backend: { values: ["fred", "history", "base"], types: ["engine", "rsp"] },
  fred: { values: ["history", "base"], types: ["engine"] },
  history: { values: ["base"], types: [] },
  rsp: { values: ["engine", "base"], types: [] },
  nativeEngine: { values: ["engine", "base"], types: [] },
  engine: { values: ["base"], types: [] },
  base: { values: [], types: [] },
};

const longestFile = 450;
const vagueNames = /^(index|utils?|helpers?|common|misc|shared)$/i;

interface SourceFile {
  /** Relative to src, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

interface Import {
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

/** Comments and template texts could hold the word import; only whole statements at a line's start are read. */
function importsOf(text: string): Import[] {
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s+)?(?:([\w*\s{},$]+?)\s+from\s+)?["']([^"']+)["']/gm,
  );
  const found = [...statements].map(([, type, names, specifier]) => ({
    specifier: specifier ?? "",
    isTypeOnly: type !== undefined || hasOnlyTypes(names ?? ""),
  }));
  const dynamic = [...text.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)].map(([, specifier]) => ({
    specifier: specifier ?? "",
    isTypeOnly: false,
  }));
  return [...found, ...dynamic];
}

/** `{ type A, type B }` imports nothing at run time. */
function hasOnlyTypes(names: string): boolean {
  const inner = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
  if (inner === undefined) return false;
  const each = inner.split(",").map((name) => name.trim());
  return each.every((name) => name === "" || name.startsWith("type "));
}

function partOf(path: string): Part | null {
  return parts.find((row) => path.startsWith(row.prefix))?.part ?? null;
}

/** One line for each rule broken; empty for a good tree. */
function findViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => [...wrongArrows(file), ...wrongShape(file)]);
}

function wrongArrows(file: SourceFile): string[] {
  const from = partOf(file.path);
  if (from === null) return [`${file.path} lies in no known part of src`];
  return importsOf(file.text)
    .filter((each) => each.specifier.startsWith("."))
    .flatMap((each) => {
      const target = join(dirname(file.path), each.specifier);
      const to = partOf(target);
      if (to === null) return [`${file.path} imports ${target}, which lies in no known part of src`];
      const isAllowed =
        to === from ||
        arrows[from].values.includes(to) ||
        (each.isTypeOnly && arrows[from].types.includes(to));
      return isAllowed ? [] : [`${file.path} (${from}) must not import ${target} (${to})`];
    });
}

function wrongShape(file: SourceFile): string[] {
  const broken: string[] = [];
  const lineCount = file.text.split("\n").length - 1;
  if (lineCount > longestFile) broken.push(`${file.path} has ${lineCount} lines, more than ${longestFile}`);
  const names = file.path.replace(/\.ts$/, "").split("/");
  for (const name of names)
    if (vagueNames.test(name)) broken.push(`${file.path} has the vague name "${name}"`);
  const code = file.text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const statements = code.split(";").map((statement) => statement.trim());
  const reExports = statements.filter((statement) => /^export\s[\s\S]*\sfrom\s/.test(statement));
  const others = statements.filter((statement) => statement !== "" && !reExports.includes(statement));
  if (reExports.length > 0 && others.length === 0) broken.push(`${file.path} is a barrel file`);
  return broken;
}

function readSources(): SourceFile[] {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..", "src");
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, "utf8") }));
}

test("the imports of src point one way, and its files are short and well named", () => {
  expect(findViolations(readSources())).toEqual([]);
});

describe("the check finds what it is for", () => {
  const violationsOf = (path: string, text: string) => findViolations([{ path, text }]);

  test("an import against the arrow", () => {
    expect(
      violationsOf("history/tree.ts", 'import { search } from "../fred/algorithms/search.ts";\n'),
    ).toEqual(["history/tree.ts (history) must not import fred/algorithms/search.ts (fred)"]);
  });

  test("an import of the native engine outside cli", () => {
    expect(
      violationsOf("fred/session.ts", 'import { NativeEngine } from "../engine/nativeEngine.ts";\n'),
    ).toHaveLength(1);
    expect(violationsOf("cli/gdb.ts", 'import { NativeEngine } from "../engine/nativeEngine.ts";\n')).toEqual(
      [],
    );
  });

  test("an import of a backend outside cli", () => {
    expect(violationsOf("fred/repl/loop.ts", 'import { Gdb } from "../backend/gdb/gdb.ts";\n')).toHaveLength(
      1,
    );
  });

  test("fred takes types from the engine but no values", () => {
    expect(
      violationsOf("fred/time.ts", 'import type { CheckpointId } from "../engine/engine.ts";\n'),
    ).toEqual([]);
    expect(
      violationsOf("fred/time.ts", 'import { type Engine, type Stop } from "../engine/engine.ts";\n'),
    ).toEqual([]);
    expect(violationsOf("fred/time.ts", 'import { Engine } from "../engine/engine.ts";\n')).toHaveLength(1);
  });

  test("an import over several lines, a re-export, a side effect and a dynamic import", () => {
    const several = 'import {\n  one,\n  two,\n} from "../cli/main.ts";\n';
    expect(violationsOf("fred/time.ts", several)).toHaveLength(1);
    expect(
      violationsOf("fred/time.ts", 'const x = 1;\nexport { main } from "../cli/main.ts";\n'),
    ).toHaveLength(1);
    expect(violationsOf("fred/time.ts", 'import "../cli/main.ts";\n')).toHaveLength(1);
    expect(violationsOf("fred/time.ts", 'const main = await import("../cli/main.ts");\n')).toHaveLength(1);
  });

  test("a barrel file, a vague name, a long file, and a file outside the parts", () => {
    expect(
      violationsOf("history/all.ts", '/** All. */\nexport { a } from "./a.ts";\nexport * from "./b.ts";\n'),
    ).toEqual(["history/all.ts is a barrel file"]);
    expect(violationsOf("history/utils.ts", "export const a = 1;\n")).toHaveLength(1);
    expect(violationsOf("history/long.ts", "// a line\n".repeat(longestFile + 1))).toHaveLength(1);
    expect(violationsOf("other/thing.ts", "export const a = 1;\n")).toHaveLength(1);
  });
});
