/** One entry of a history: a command as it was typed, and the states before and after it. */
import type { CommandKind } from "./commandKinds.ts";

/** Which frame was the innermost one; enough to see whether a command stayed in it. */
export interface Level {
  readonly function: string | null;
  readonly cfa: bigint;
}

export type EntryKind = Exclude<CommandKind, "looking" | "unknown"> | "opaque" | "checkpoint";

/** `Id` names a state (a checkpoint's id). */
export interface Entry<Id extends number = number> {
  readonly text: string;
  readonly kind: EntryKind;
  /** The command's full name; null when it is not in the table. */
  readonly command: string | null;
  readonly count: number | null;
  readonly before: Id;
  readonly after: Id;
  readonly from: Level | null;
  readonly to: Level | null;
  /** A part of a command: it began before `before`. */
  readonly isCutAtStart?: boolean | undefined;
  /** A part of a command: it went on after `after`. */
  readonly isCutAtEnd?: boolean;
  /** The typed command that this is a part of; where all parts stand together again, it takes their place. */
  readonly origin?: Entry<Id> | undefined;
}

/** Whether undo counts it: it moved or changed the program. `run` has no state before it. */
export function isUndoable(entry: Entry): boolean {
  return entry.kind === "motion" || entry.kind === "change" || entry.kind === "opaque";
}

/** One command in one frame: the only ones whose `before` is a reverse-next's answer. */
export function stayedInFrame(entry: Entry): boolean {
  const { from, to } = entry;
  return from !== null && to !== null && from.cfa === to.cfa && from.function === to.function;
}

/** Equal commands in a row as one entry with a count: `next, next` is `next 2`. */
export function mergeRepeated<Id extends number>(entries: readonly Entry<Id>[]): Entry<Id>[] {
  const merged: Entry<Id>[] = [];
  for (const entry of entries) {
    const last = merged.at(-1);
    if (last !== undefined && isCounted(last) && last.command === entry.command && isCounted(entry)) {
      merged[merged.length - 1] = joined(last, entry);
    } else {
      merged.push(entry);
    }
  }
  return merged;
}

function isCounted(entry: Entry): boolean {
  return (
    entry.kind === "motion" && entry.count !== null && (entry.command === "next" || entry.command === "step")
  );
}

function joined<Id extends number>(first: Entry<Id>, second: Entry<Id>): Entry<Id> {
  const count = (first.count ?? 1) + (second.count ?? 1);
  return { ...first, text: `${first.command} ${count}`, count, after: second.after, to: second.to };
}
