/** The record of a session: entries in order, the position in them, and the branches that leaving the past makes. */
import { FredError, invariant } from "../errors.ts";
import { classify } from "./commandKinds.ts";
import { type Entry, isUndoable } from "./entry.ts";

export interface Branch<Id extends number = number> {
  readonly name: string;
  /** The branch that it left, and the state where it did; null for the first. */
  readonly parent: { readonly name: string; readonly at: Id } | null;
  /** Commands before the position. */
  readonly entries: readonly Entry<Id>[];
  /** Commands after the position, still replayable. */
  readonly ahead: readonly Entry<Id>[];
  /** The state at the position. */
  readonly here: Id;
}

/** Says whether a state lies after the present one. */
export type IsAhead<Id extends number> = (id: Id) => boolean;

/**
 * Invariants: entries are in the order of their states; settings are never ahead (they stay in force when the program goes
 * back); `current` is one of `branches`.
 */
export class History<Id extends number = number> {
  #branches: Branch<Id>[];
  #current = 0;

  constructor(start: Id, settings: readonly Entry<Id>[] = []) {
    this.#branches = [{ name: "main", parent: null, entries: settings, ahead: [], here: start }];
  }

  get branches(): readonly Branch<Id>[] {
    return this.#branches;
  }

  get current(): Branch<Id> {
    const branch = this.#branches[this.#current];
    invariant(branch, "the current branch exists");
    return branch;
  }

  /** A command was typed and has ended at `entry.after`. In the past it consumes what it passed of the commands ahead. */
  log(entry: Entry<Id>, isAhead: IsAhead<Id>): void {
    const { entries, ahead } = this.current;
    const left = ahead.filter((later) => isAhead(later.after));
    const [first, ...rest] = left;
    const consumed =
      first !== undefined && !isAhead(first.before) ? [{ ...first, before: entry.after }, ...rest] : left;
    this.#replace({ entries: [...entries, entry], ahead: consumed, here: entry.after });
  }

  /**
   * The program was put at `here`, which is not the end of a typed command perhaps: commands that end later go ahead. One
   * that contains `here` is cut in two; `pieces` (its decomposition up to here) replace its first part. `run` stays, as the
   * program stays: at its first state, cut there.
   */
  moveTo(here: Id, isAhead: IsAhead<Id>, pieces: readonly Entry<Id>[] = []): void {
    const done: Entry<Id>[] = [];
    const settings: Entry<Id>[] = [];
    const ahead: Entry<Id>[] = [];
    for (const entry of [...this.current.entries, ...this.current.ahead]) {
      if (!isAhead(entry.after)) done.push(entry);
      else if (entry.kind === "setting") settings.push(entry);
      else if (entry.kind !== "run" && (entry.before === here || isAhead(entry.before))) ahead.push(entry);
      else {
        const isCut = pieces.length > 0 && entry.kind !== "run";
        const cut = { ...entry, count: null, after: here, to: null, isCutAtEnd: true };
        done.push(...partsOf(entry, isCut ? pieces : [cut]));
        ahead.push(...partsOf(entry, [remainderOf(entry, here, pieces)]));
      }
    }
    const kept = settings.map((entry) => ({ ...entry, before: here, after: here }));
    this.#replace({ entries: [...joinParts(done), ...kept], ahead: joinCut(joinParts(ahead)), here });
  }

  /**
   * What lies after `here`. States that the timeline names in neither direction (it lists those in one certain order only) are
   * told by their place in the history.
   */
  aheadOf(here: Id, past: ReadonlySet<Id>, future: ReadonlySet<Id>): IsAhead<Id> {
    const order = [...this.current.entries, ...this.current.ahead].flatMap((e) => [e.before, e.after]);
    const known = order.lastIndexOf(here);
    const position = known >= 0 ? known : order.findLastIndex((id) => past.has(id));
    return (id) => id !== here && (future.has(id) || (!past.has(id) && order.lastIndexOf(id) > position));
  }

  /** Smaller commands in the place of one, over the same states; what is left of a command cut there is shortened by them. */
  replaceEntry(entry: Entry<Id>, pieces: readonly Entry<Id>[]): void {
    const entries = this.current.entries.flatMap((each) =>
      each === entry ? partsOf(entry, pieces) : [each],
    );
    const [rest, ...ahead] = this.current.ahead;
    this.#replace({ entries });
    if (rest === undefined || !entry.isCutAtEnd || !rest.isCutAtStart || rest.before !== entry.after) return;
    const shortened = remainderOf({ ...rest, count: classify(rest.text).count }, rest.before, pieces);
    this.#replace({ ahead: [shortened, ...ahead] });
  }

  /** The entry whose execution passes `here` (began before it, ends after it); null when `here` is between commands. */
  spanning(here: Id, isAhead: IsAhead<Id>): Entry<Id> | null {
    const all = [...this.current.entries, ...this.current.ahead];
    return (
      all.find((e) => isAhead(e.after) && e.before !== here && !isAhead(e.before) && e.kind !== "setting") ??
      null
    );
  }

  /** The last `count` entries that undo takes back, oldest first. */
  undoable(count: number): readonly Entry<Id>[] {
    const entries = this.#sinceRun().filter(isUndoable);
    if (count > entries.length)
      throw new FredError("nothingToUndo", { wanted: count, available: entries.length });
    return entries.slice(entries.length - count);
  }

  /** Leaves the present line: a new branch goes on from here with an empty future, the old one stays listed as it is. */
  fork(name: string | null): Branch<Id> {
    const chosen = name ?? this.#freeName();
    if (this.#branches.some((branch) => branch.name === chosen))
      throw new FredError("branchExists", { name: chosen });
    const { entries, here, name: parent } = this.current;
    this.#branches.push({ name: chosen, parent: { name: parent, at: here }, entries, ahead: [], here });
    this.#current = this.#branches.length - 1;
    return this.current;
  }

  /** Makes the named branch the current one; the caller puts the program at its `here`. */
  switchTo(name: string): Branch<Id> {
    const index = this.#branches.findIndex((branch) => branch.name === name);
    if (index === -1) throw new FredError("unknownBranch", { name });
    this.#current = index;
    return this.current;
  }

  /** The branch that has been at `id`: the current one if it was, else the newest; null when none has. */
  branchOf(id: Id): Branch<Id> | null {
    const knows = (branch: Branch<Id>) =>
      branch.here === id ||
      [...branch.entries, ...branch.ahead].some((e) => e.before === id || e.after === id);
    return knows(this.current) ? this.current : (this.#branches.findLast(knows) ?? null);
  }

  #sinceRun(): readonly Entry<Id>[] {
    const { entries } = this.current;
    return entries.slice(entries.findLastIndex((entry) => entry.kind === "run") + 1);
  }

  #freeName(): string {
    let number = this.#branches.length + 1;
    while (this.#branches.some((branch) => branch.name === `branch-${number}`)) number++;
    return `branch-${number}`;
  }

  #replace(change: Partial<Branch<Id>>): void {
    this.#branches[this.#current] = { ...this.current, ...change };
  }
}

function partsOf<Id extends number>(entry: Entry<Id>, parts: readonly Entry<Id>[]): readonly Entry<Id>[] {
  // `run` stays what it is, and goes on by `continue`.
  if (entry.kind === "run") return parts;
  return parts.map((part) => ({ ...part, origin: entry.origin ?? entry }));
}

/** All parts of a typed command in a row are that command: how it was taken apart does not matter when it is done as a whole. */
function joinParts<Id extends number>(entries: readonly Entry<Id>[]): Entry<Id>[] {
  const joined: Entry<Id>[] = [];
  for (const entry of entries) {
    joined.push(entry);
    const { origin } = entry;
    if (origin === undefined || entry.after !== origin.after) continue;
    const first = joined.findLastIndex((each) => each.before === origin.before && each.origin === origin);
    if (first >= 0 && joined.slice(first).every((each) => each.origin === origin))
      joined.splice(first, joined.length, origin);
  }
  return joined;
}

/** A command that was cut at a place is whole again when both its parts lie ahead. */
function joinCut<Id extends number>(entries: readonly Entry<Id>[]): Entry<Id>[] {
  const joined: Entry<Id>[] = [];
  for (const entry of entries) {
    const last = joined.at(-1);
    if (last?.isCutAtEnd && entry.isCutAtStart && last.after === entry.before) {
      const { before, from, isCutAtStart } = last;
      joined[joined.length - 1] = { ...entry, before, from, isCutAtStart };
    } else {
      joined.push(entry);
    }
  }
  return joined;
}

/** What is left of a command after its first part: `next 5` after `next 4` is `next`, `run` goes on by `continue`. */
function remainderOf<Id extends number>(entry: Entry<Id>, here: Id, pieces: readonly Entry<Id>[]): Entry<Id> {
  const rest = { ...entry, count: null, before: here, from: null, isCutAtStart: true };
  if (entry.kind === "run") return { ...rest, text: "continue", kind: "motion", command: "continue" };
  const [piece, ...others] = pieces;
  if (entry.command === null || entry.count === null || others.length > 0) return rest;
  if (piece?.command !== entry.command || piece.count === null || piece.count >= entry.count) return rest;
  const count = entry.count - piece.count;
  return { ...rest, count, text: count === 1 ? entry.command : `${entry.command} ${count}` };
}
