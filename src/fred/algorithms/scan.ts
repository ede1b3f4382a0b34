/** Looking at every statement between the checkpoints: the only way to know the first, or the last, transition for certain. */
import type { CheckpointId } from "../../engine/engine.ts";
import { type Journey, sourcePlace, type Visit } from "../journey.ts";
import type { Search } from "./culprit.ts";
import type { Interval } from "./narrow.ts";
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
      found = { good: here.at, bad: at };
      if (which === "first") return found;
    }
    before = verdict;
    here = { at, whereabouts: next.whereabouts };
  }
  return found;
}

/** One `step`; out of start-up code to what it called (main, from _start), which `step` would run through. */
async function oneStep(
  journey: Journey,
  here: Visit,
  to: CheckpointId,
): Promise<Visit & { readonly isAtLimit: boolean }> {
  if (await isStartup(journey, here)) {
    const main = await journey.move("advance main", to);
    return main.refusal === null ? main : { ...(await journey.travel(to)), isAtLimit: true };
  }
  const next = await unit(journey, "step", here, to);
  return next.at === here.at ? { ...(await journey.travel(to)), isAtLimit: true } : next;
}

/** In code without source that nothing with source has called. Precondition: the program is at `here`. */
async function isStartup(journey: Journey, here: Visit): Promise<boolean> {
  if (sourcePlace(here) !== null) return false;
  const callers = (await journey.debugger.callers?.()) ?? [];
  return callers.every((caller) => caller.line === null);
}
