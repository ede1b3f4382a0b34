/** The way between two states as debugger commands: FReD's decomposition of a history into `next`s and `step`s. */
import type { CheckpointId } from "../../engine/engine.ts";
import type { Entry } from "../../history/entry.ts";
import { type Arrival, type Journey, sourcePlace, type Visit } from "../journey.ts";
import { unit } from "./units.ts";

export interface Decomposition {
  /** Commands from `from` to `target`; their states survive the search. */
  readonly entries: readonly Entry<CheckpointId>[];
  /** Where each of them began. */
  readonly starts: readonly Visit[];
  /** False when the budget ran out first. */
  readonly isComplete: boolean;
}

/** What a decomposition may cost; none: as much as it takes. */
export interface Budget {
  readonly moves: number;
  readonly ms: number;
}

/**
 * Rule: `next`s until the target is passed into a call; then back before that one, `step`, `next`s … . They are taken 1, 2, 4,
 * 8 … at a time; a batch that meets the target is halved. Units are remembered, never counts that may be cut short.
 * Example: 5 units and a call away: `next`, `next 2`, (`next 4` meets it: back) `next 2`, (`next` meets it: back) `step`, …
 */
export async function decompose(
  journey: Journey,
  from: CheckpointId,
  target: CheckpointId,
  budget: Budget | null = null,
): Promise<Decomposition> {
  const markKind = journey.markKind;
  journey.markKind = "stop";
  try {
    return await decomposeKept(journey, from, target, budget);
  } finally {
    journey.markKind = markKind;
  }
}

async function decomposeKept(
  journey: Journey,
  from: CheckpointId,
  target: CheckpointId,
  budget: Budget | null,
): Promise<Decomposition> {
  const entries: Entry<CheckpointId>[] = [];
  const starts: Visit[] = [];
  const stopMoves = journey.moveCount + (budget?.moves ?? 0);
  const stopMs = journey.elapsedMs + (budget?.ms ?? 0);
  const add = (command: "next" | "step", count: number, start: Visit, end: Visit) => {
    entries.push(entryOf(command, count, start, end));
    starts.push(start);
  };
  let here = await journey.travel(from);
  let batch = 1;
  let largest = Number.POSITIVE_INFINITY;
  while (here.at !== target) {
    if (budget !== null && (journey.moveCount > stopMoves || journey.elapsedMs > stopMs)) break;
    const next = await nexts(journey, here, batch, target);
    if (next.arrival.isAtLimit && next.count > 1) {
      largest = batch = Math.floor(next.count / 2);
      here = await journey.travel(here.at);
      continue;
    }
    if (!next.arrival.isAtLimit || isSameFrame(here, next.arrival)) {
      if (next.arrival.at === here.at) break;
      add("next", next.count, here, next.arrival);
      here = next.arrival;
      batch = Math.min(batch * 2, largest);
      if (largest < Number.POSITIVE_INFINITY) batch = largest = Math.max(1, Math.floor(largest / 2));
      continue;
    }
    here = await journey.travel(here.at);
    const step = await unit(journey, "step", here, target);
    if (step.at === here.at) break;
    add("step", 1, here, step);
    here = step;
    batch = 1;
    largest = Number.POSITIVE_INFINITY;
  }
  return { entries, starts, isComplete: here.at === target };
}

/** `count` nexts, in one command when nothing can disturb it. `count` in the result: how many were begun. */
async function nexts(
  journey: Journey,
  from: Visit,
  count: number,
  target: CheckpointId,
): Promise<{ arrival: Arrival; count: number }> {
  if (count > 1 && journey.isUndisturbed) {
    const arrival = await journey.move(`next ${count}`, target);
    if (arrival.isAtLimit || sourcePlace(arrival) !== null) return { arrival, count };
    await journey.travel(from.at);
  }
  let arrival = await unit(journey, "next", from, target);
  let done = 1;
  while (done < count && !arrival.isAtLimit && arrival.whereabouts.kind === "at") {
    arrival = await unit(journey, "next", arrival, target);
    done++;
  }
  return { arrival, count: done };
}

function isSameFrame(a: Visit, b: Visit): boolean {
  const [first, second] = [sourcePlace(a), sourcePlace(b)];
  return first !== null && second !== null && first.cfa === second.cfa && first.function === second.function;
}

/** A unit as an entry of the history. */
export function entryOf(command: string, count: number, start: Visit, end: Visit): Entry<CheckpointId> {
  const text = count === 1 ? command : `${command} ${count}`;
  const [from, to] = [levelOf(start), levelOf(end)];
  return { text, kind: "motion", command, count, before: start.at, after: end.at, from, to };
}

export function levelOf(visit: Visit): Entry["from"] {
  if (visit.whereabouts.kind !== "at") return null;
  const { function: name, cfa } = visit.whereabouts.place;
  return { function: name, cfa };
}
