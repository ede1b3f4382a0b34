/** A typed line → a row of the table and its arguments; unknown names get the nearest one suggested. */
import { FredError } from "../../errors.ts";
import { type Arguments, parseArguments } from "../../history/argumentGrammar.ts";
import type { CommandSpec } from "./spec.ts";

/** The row that a word names: its full name, the name without "fred-", an alias with or without it, or a unique prefix. */
export function findCommand(table: readonly CommandSpec[], word: string): CommandSpec | null {
  const bare = word.replace(/^fred-/, "");
  const exact = table.find((row) => row.name === `fred-${bare}` || row.aliases.includes(bare));
  if (exact !== undefined) return exact;
  if (!word.startsWith("fred-")) return null;
  const beginning = table.filter((row) => row.name.startsWith(word));
  return beginning.length === 1 ? (beginning[0] ?? null) : null;
}

/** The same, or FredError "unknownFredCommand" with the nearest name. */
export function namedCommand(table: readonly CommandSpec[], word: string): CommandSpec {
  const row = findCommand(table, word) ?? findCommand(table, `fred-${word}`);
  if (row === null)
    throw new FredError("unknownFredCommand", { name: word, nearest: nearestName(table, word) });
  return row;
}

export function parseLine(
  table: readonly CommandSpec[],
  line: string,
): { readonly row: CommandSpec; readonly args: Arguments } {
  const trimmed = line.trim();
  const word = /^\S*/.exec(trimmed)?.[0] ?? "";
  const row = namedCommand(table, word);
  return { row, args: parseArguments(row.args, trimmed.slice(word.length), word, usageOf(row)) };
}

export function usageOf(row: CommandSpec): string {
  return row.usage === "" ? row.name : `${row.name} ${row.usage}`;
}

/** Names that begin with what was typed, for the Tab key. */
export function completions(table: readonly CommandSpec[], prefix: string): readonly string[] {
  return table.map((row) => row.name).filter((name) => name.startsWith(prefix));
}

/** The name with the fewest edits, if that is fewer than half of its letters. */
function nearestName(table: readonly CommandSpec[], word: string): string | null {
  const bare = word.replace(/^fred-?/, "");
  const scored = table
    .map((row) => ({ name: row.name, edits: editDistance(bare, row.name.slice("fred-".length)) }))
    .sort((a, b) => a.edits - b.edits);
  const best = scored[0];
  if (best === undefined) return null;
  return best.edits <= Math.max(1, (best.name.length - "fred-".length) / 2) ? best.name : null;
}

/** Levenshtein's distance, with two neighbouring letters swapped as one edit. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const previous = rows[i - 1] as number[];
      let least = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
