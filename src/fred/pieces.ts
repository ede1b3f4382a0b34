/** What a history shows for a long command that was left half-way: smaller commands, when they are few enough to find out. */
import type { CheckpointId } from "../engine/engine.ts";
import { type Entry, mergeRepeated } from "../history/entry.ts";
import { type Budget, decompose, entryOf } from "./algorithms/decompose.ts";
import { type Journey, sourcePlace, type Visit } from "./journey.ts";

const budget: Budget = { moves: 24, ms: 120 };
/** More computing than this between two states is more statements than the budget allows. */
const worthwhileNs = 1_000_000;

/** Commands that lead from the beginning of `spanning` to `here`; the program ends at `here`. */
export async function piecesUpTo(
  journey: Journey,
  spanning: Entry<CheckpointId>,
  here: Visit,
): Promise<readonly Entry<CheckpointId>[]> {
  const start: Visit = { at: spanning.before, whereabouts: { kind: "ended", exitCode: null, signal: null } };
  const whole = { ...entryOf(placeMark(here), 1, start, here), command: null, from: spanning.from };
  if (!(await isShort(journey, spanning.before, here.at))) return [whole];
  const way = await decompose(journey, spanning.before, here.at, budget);
  await journey.travel(here.at);
  return way.isComplete && way.entries.length > 0 ? mergeRepeated(way.entries) : [whole];
}

/** In the stars that FReD puts around what is no debugger command. */
function placeMark(visit: Visit): string {
  const place = sourcePlace(visit);
  return place === null ? "*back*" : `*to ${place.file?.split("/").at(-1) ?? "??"}:${place.line}*`;
}

async function isShort(journey: Journey, from: CheckpointId, to: CheckpointId): Promise<boolean> {
  const { past } = await journey.timeline();
  const [first, last] = [past.find(({ id }) => id === from), past.find(({ id }) => id === to)];
  return first !== undefined && last !== undefined && last.cpuNs - first.cpuNs < worthwhileNs;
}
