/** Looking at every statement between the checkpoints: the only way to know the first, or the last, transition for certain. */
import type { CheckpointId } from "../../engine/engine.ts";
import { type Journey, sourcePlace, type Visit } from "../journey.ts";
import type { Search } from "./culprit.ts";
import { type Interval, refine } from "./narrow.ts";
import { unit } from "./units.ts";

/** The wanted transition among `states` (oldest first): its interval is one `step`, or two neighbouring states. */
export async function scanForTransition(
  search: Search,
  states: readonly CheckpointId[],
  which: "first" | "last",
): Promise<Interval | null> {
  const count = states.length - 1;
  for (let done = 0; done < count; done++) {
    const index = which === "first" ? done : count - 1 - done;
    const [from, to] = [states[index] as CheckpointId, states[index + 1] as CheckpointId];
    const label = `looking at every statement, interval ${done + 1} of ${count}`;
    const found = await scanInterval(search, from, to, which, label);
    if (found !== null) return found;
  }
  return null;
}

async function scanInterval(
  { journey, probe, report }: Search,
  from: CheckpointId,
  to: CheckpointId,
  which: "first" | "last",
  label: string,
): Promise<Interval | null> {
  let found: Interval | null = null;
  let here = await journey.travel(from);
  let before = await probe.verdictHere(from);
  for (let steps = 0; here.at !== to; steps++) {
    report(`${label}, ${steps} statements done`);
    const next = await oneStep(journey, here, to);
    const at = next.isAtLimit ? to : next.at;
    const verdict = await probe.verdictHere(at);
    // Globals are unknown while the program is being loaded: their first value is no transition.
    const wasOther = before === "good" || (before === "unknown" && probe.scope !== null);
    if (wasOther && verdict === "bad") {
      const step = { good: here.at, bad: at };
      found = next.isStep ? step : await refine(journey, probe, step, report);
      if (which === "first") return found;
    }
    before = verdict;
    here = await journey.travel(at);
  }
  return found;
}

interface Move extends Visit {
  readonly isAtLimit: boolean;
  /** False for a way that no debugger command can follow statement by statement. */
  readonly isStep: boolean;
}

/**
 * One `step`; out of start-up code to what it called (main, from _start), which `step` would run through. What runs on the
 * way (constructors) is searched by checkpoints.
 */
async function oneStep(journey: Journey, here: Visit, to: CheckpointId): Promise<Move> {
  if (await isStartup(journey, here)) {
    const main = await journey.move("advance main", to);
    if (main.refusal === null) return { ...main, isStep: false };
    return { ...(await journey.travel(to)), isAtLimit: true, isStep: false };
  }
  const next = await unit(journey, "step", here, to);
  if (next.at !== here.at) return { ...next, isStep: true };
  return { ...(await journey.travel(to)), isAtLimit: true, isStep: false };
}

/** In code without source that nothing with source has called. Precondition: the program is at `here`. */
async function isStartup(journey: Journey, here: Visit): Promise<boolean> {
  if (sourcePlace(here) !== null) return false;
  const callers = (await journey.debugger.callers?.()) ?? [];
  return callers.every((caller) => caller.line === null);
}
