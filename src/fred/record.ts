/** What a session remembers: the history, names of checkpoints, and where its stops were. */
import type { CheckpointId, Timeline } from "../engine/engine.ts";
import { FredError } from "../errors.ts";
import { History, type IsAhead } from "../history/branches.ts";
import { classify } from "../history/commandKinds.ts";
import type { Entry, EntryKind } from "../history/entry.ts";
import type { KnownStop } from "./algorithms/callers.ts";
import { levelOf } from "./algorithms/decompose.ts";
import type { Place } from "./debugger.ts";
import type { Visit } from "./journey.ts";

export class SessionRecord {
  readonly history: History<CheckpointId>;
  /** The program's first state. */
  readonly start: CheckpointId;
  /** Names that the user gave to checkpoints. */
  readonly names = new Map<string, CheckpointId>();
  readonly #visits = new Map<CheckpointId, Visit>();

  constructor(start: CheckpointId, settings: readonly Entry<CheckpointId>[]) {
    this.start = start;
    this.history = new History(start, settings);
  }

  /** What lies after `here`, the present state. */
  aheadIn(timeline: Timeline, here: CheckpointId): IsAhead<CheckpointId> {
    const idsOf = (checkpoints: Timeline["past"]) => new Set(checkpoints.map((checkpoint) => checkpoint.id));
    return this.history.aheadOf(here, idsOf(timeline.past), idsOf(timeline.future));
  }

  remember(visit: Visit): void {
    this.#visits.set(visit.at, visit);
  }

  isEnd(id: CheckpointId): boolean {
    return this.#visits.get(id)?.whereabouts.kind === "ended";
  }

  placeOf(id: CheckpointId): Place | null {
    const visit = this.#visits.get(id);
    return visit?.whereabouts.kind === "at" ? visit.whereabouts.place : null;
  }

  /** Stops of the present line of history with source, newest first. */
  stops(timeline: Timeline): readonly KnownStop[] {
    return timeline.past
      .map(({ id }) => ({ at: id, place: this.placeOf(id) }))
      .filter((stop): stop is KnownStop => stop.place !== null && stop.place.line !== null)
      .reverse();
  }

  /** Logs what was typed at one prompt: settings by themselves, what moved or changed as one entry. */
  log(
    commands: readonly string[],
    from: Visit,
    to: Visit,
    effect: { moved: boolean; changed: boolean },
    ahead: IsAhead<CheckpointId>,
  ): void {
    const isMotion = (text: string) => ["motion", "change", "unknown", "run"].includes(classify(text).kind);
    const settings = commands.filter((text) => classify(text).kind === "setting");
    for (const text of settings) this.history.log(settingEntry(text, from.at), ahead);
    if (!effect.moved && !effect.changed) return;
    const movers = commands.filter(isMotion);
    const typed = movers.length > 0 ? movers : commands.filter((text) => !settings.includes(text));
    this.history.log(motionEntry(typed, from, to, effect), ahead);
  }

  /** The checkpoint that the user calls so: a number is looked up among those that exist. */
  checkpointNamed(name: string, timeline: Timeline): CheckpointId {
    const known = this.names.get(name) ?? (name === "start" ? timeline.past[0]?.id : undefined);
    const last = timeline.future.at(-1)?.id ?? timeline.here ?? timeline.past.at(-1)?.id;
    const id = known ?? (name === "head" ? last : undefined);
    if (id === undefined) throw new FredError("unknownCheckpoint", { name });
    return id;
  }
}

export function settingEntry(text: string, at: CheckpointId): Entry<CheckpointId> {
  const command = classify(text).name;
  return {
    text: text.trim(),
    kind: "setting",
    command,
    count: 1,
    before: at,
    after: at,
    from: null,
    to: null,
  };
}

export function checkpointEntry(id: CheckpointId): Entry<CheckpointId> {
  const text = `*ckpt ${id}*`;
  return { text, kind: "checkpoint", command: null, count: 1, before: id, after: id, from: null, to: null };
}

/** The text is what was typed; several commands at one prompt (a script) are one entry, since only its ends are known. */
function motionEntry(
  typed: readonly string[],
  from: Visit,
  to: Visit,
  effect: { moved: boolean; changed: boolean },
): Entry<CheckpointId> {
  const known = typed.length === 1 ? classify(typed[0] ?? "") : null;
  const text = typed.length === 0 ? "*moved*" : typed.map((one) => one.trim()).join("; ");
  const level = { from: levelOf(from), to: levelOf(to) };
  return {
    text,
    kind: kindOf(known?.kind, effect),
    command: known?.name ?? null,
    count: known?.count ?? null,
    before: from.at,
    after: to.at,
    ...level,
  };
}

function kindOf(known: string | undefined, effect: { moved: boolean; changed: boolean }): EntryKind {
  if (known === "run") return "run";
  if (effect.changed && known !== "motion") return "change";
  return known === "motion" ? "motion" : "opaque";
}
