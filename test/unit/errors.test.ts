/** The table of errors: ids, texts, and that each row is thrown somewhere. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type ErrorKind, errorRows, FredError, invariant } from "../../src/errors.ts";

const kinds = Object.keys(errorRows) as ErrorKind[];
const sourceFolder = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "src");

/** Facts of any shape: every property reads as a word (and as a list with one, for rows that join). */
const anyFacts = new Proxy(
  {},
  { get: (_, name) => (name === "toString" ? () => "facts" : `<${String(name)}>`) },
);

function textOf(kind: ErrorKind): string {
  const text = errorRows[kind].text as (facts: object) => string;
  return text(anyFacts);
}

function allSources(): string {
  return readdirSync(sourceFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && entry.name !== "errors.ts")
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}

test("no two errors share an id", () => {
  const ids = kinds.map((kind) => errorRows[kind].id);
  expect(new Set(ids).size).toBe(ids.length);
});

describe("an error's text", () => {
  for (const kind of kinds) {
    test(`${kind}: names its facts and is one or more whole lines`, () => {
      const text = textOf(kind);
      expect(text.trim()).not.toBe("");
      expect(text).not.toMatch(/undefined|\[object/);
    });
  }

  // A fact, then what to do: two clauses, or a question ("did you mean …?"). It ends like a sentence, or with the words
  // of somebody else (a usage line, gdb's own message), here "<usage>".
  for (const kind of kinds.filter((kind) => errorRows[kind].blame === "user")) {
    test(`${kind}: gives the user a next step`, () => {
      const text = textOf(kind);
      expect(text).toMatch(/[.?!)…>]$/);
      expect(text).toMatch(/[;:,.?] \S+/);
    });
  }
});

test("every error is thrown by some source", () => {
  const sources = allSources();
  const thrownByErrorsItself: readonly string[] = ["internal"];
  const unused = kinds.filter(
    (kind) => !sources.includes(`"${kind}"`) && !thrownByErrorsItself.includes(kind),
  );
  expect(unused).toEqual([]);
});

test("a FredError carries its kind, facts, blame and cause", () => {
  const cause = new Error("below");
  const error = new FredError("noCheckpoint", { command: "fred-undo" }, { cause });
  expect(error).toMatchObject({
    kind: "noCheckpoint",
    blame: "user",
    facts: { command: "fred-undo" },
    cause,
  });
  expect(error.message).toContain('"fred-undo" needs a checkpoint');
});

test("an invariant that does not hold throws an internal error and one that holds does nothing", () => {
  invariant(true, "never thrown");
  expect(() => invariant(false, "the log is sorted")).toThrow("internal error: the log is sorted");
});
