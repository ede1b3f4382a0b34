/** What a history shows for a long command that was left half-way: smaller commands, when they are few enough to find out. */
import type { CheckpointId } from "../engine/engine.ts";
import type { History } from "../history/branches.ts";
import { type Entry, mergeRepeated } from "../history/entry.ts";
import { type Budget, decompose, entryOf } from "./algorithms/decompose.ts";
import { type Journey, sourcePlace, type Visit } from "./journey.ts";

const budget: Budget = { moves: 24, ms: 120 };
/** When the user asks for the history. */
const patientBudget: Budget = { moves: 400, ms: 3000 };
/** More computing than this between two states is more statements than the budget allows. */
const worthwhileNs = 1_000_000;

/** Commands that lead from the beginning of `spanning` to `here`; the program ends at `here`. */
export async function piecesUpTo(
  journey: Journey,
  spanning: Entry<CheckpointId>,
  here: Visit,
): Promise<readonly Entry<CheckpointId>[]> {
  // The way from the program's first instruction is no debugger commands.
  if (spanning.kind === "run") return [];
  const start: Visit = { at: spanning.before, whereabouts: { kind: "ended", exitCode: null, signal: null } };
  const whole = {
    ...entryOf(placeMark(here), 1, start, here),
    command: null,
    from: spanning.from,
    isCutAtEnd: true,
  };
  const isPossible =
    (await isShort(journey, spanning.before, here.at)) && (await beginsInSource(journey, spanning.before));
  if (!isPossible) {
    await journey.travel(here.at);
    return [whole];
  }
  const way = await decompose(journey, spanning.before, here.at, budget);
  await journey.travel(here.at);
  return way.isComplete && way.entries.length > 0 ? mergeRepeated(way.entries) : [whole];
}

/** What reverse commands have left undecomposed, for lack of time, as commands. Ends wherever the last one ended. */
export async function decomposeMarks(
  journey: Journey,
  history: History<CheckpointId>,
  report: (text: string) => void,
): Promise<void> {
  for (const entry of history.current.entries.filter(isMark)) {
    report(`decomposing ${entry.text}`);
    if (!(await beginsInSource(journey, entry.before))) continue;
    const way = await decompose(journey, entry.before, entry.after, patientBudget);
    if (way.isComplete && way.entries.length > 0) history.replaceEntry(entry, mergeRepeated(way.entries));
  }
}

function isMark(entry: Entry<CheckpointId>): boolean {
  return entry.kind === "motion" && entry.command === null && /^\*(to .*|back)\*$/u.test(entry.text);
}

/** In the stars that FReD puts around what is no debugger command. */
function placeMark(visit: Visit): string {
  const place = sourcePlace(visit);
  return place === null ? "*back*" : `*to ${place.file?.split("/").at(-1) ?? "??"}:${place.line}*`;
}

/** Out of start-up code no debugger command leads in reasonable time. */
async function beginsInSource(journey: Journey, from: CheckpointId): Promise<boolean> {
  return sourcePlace(await journey.travel(from)) !== null;
}

async function isShort(journey: Journey, from: CheckpointId, to: CheckpointId): Promise<boolean> {
  const { past } = await journey.timeline();
  const [first, last] = [past.find(({ id }) => id === from), past.find(({ id }) => id === to)];
  return first !== undefined && last !== undefined && last.cpuNs - first.cpuNs < worthwhileNs;
}
