/** Looking at every statement between the checkpoints: the only way to know the first, or the last, transition for certain. */
import type { CheckpointId } from "../../engine/engine.ts";
import type { Journey } from "../journey.ts";
import type { KnownStop } from "./callers.ts";
import type { Interval } from "./narrow.ts";
import { firstSourceWithin } from "./startup.ts";
import { unit } from "./units.ts";
import type { WatchProbe } from "./watchProbe.ts";

interface Search {
  readonly journey: Journey;
  readonly probe: WatchProbe;
  readonly stops: readonly KnownStop[];
  readonly report: (text: string) => void;
}

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
  let wasBad = (await probe.verdictHere(from)) === "bad";
  for (let steps = 0; here.at !== to; steps++) {
    report(`${label}, ${steps} statements done`);
    let next = await unit(journey, "step", here, to);
    if (next.at === here.at) {
      const source = await firstSourceWithin(journey, here, to);
      next = { ...next, ...(await journey.travel(source?.at ?? to)) };
    }
    const at = next.isAtLimit ? to : next.at;
    const isBad = (await probe.verdictHere(at)) === "bad";
    if (!wasBad && isBad) {
      found = { good: here.at, bad: at };
      if (which === "first") return found;
    }
    wasBad = isBad;
    here = { at, whereabouts: next.whereabouts };
  }
  return found;
}
