/** Narrowing an interval (good … bad) by checkpoints: bisect those there are, make denser ones, bisect again. */
import type { CheckpointId } from "../../engine/engine.ts";
import { Bisection } from "../../history/bisection.ts";
import type { Journey } from "../journey.ts";
import type { WatchProbe } from "./watchProbe.ts";

/** Good at `good`, bad at `bad`, which is later. */
export interface Interval {
  readonly good: CheckpointId;
  readonly bad: CheckpointId;
}

/** New checkpoints asked for in each refinement. */
const densityCount = 16;

/** `states` in their order; the first is good, the last is bad. */
export async function bisect(
  journey: Journey,
  probe: WatchProbe,
  states: readonly CheckpointId[],
  report: (text: string) => void,
): Promise<Interval> {
  const bisection = new Bisection(0, states.length - 1);
  for (let middle = bisection.next; middle !== null; middle = bisection.next) {
    journey.check();
    report(`bisecting ${states.length} checkpoints, at most ${bisection.probesLeft} probes left`);
    bisection.tell(await probe.verdictAt(states[middle] as CheckpointId));
  }
  return { good: states[bisection.low] as CheckpointId, bad: states[bisection.high] as CheckpointId };
}

/**
 * Rule: replay the interval once, leaving checkpoints; bisect them; the tenth or so that holds the change is the next
 * interval; stop when replay leaves no new one inside. So each part of the run is executed at most twice per level.
 */
export async function refine(
  journey: Journey,
  probe: WatchProbe,
  interval: Interval,
  report: (text: string) => void,
): Promise<Interval> {
  let current = interval;
  for (let level = 1; ; level++) {
    report(`refining the last interval (level ${level})`);
    const inside = await checkpointsInside(journey, current);
    if (inside.length === 0) return current;
    current = await bisect(journey, probe, [current.good, ...inside, current.bad], report);
  }
}

/** New checkpoints strictly between the two, in order. */
async function checkpointsInside(journey: Journey, { good, bad }: Interval): Promise<CheckpointId[]> {
  await journey.travel(good);
  const made = await journey.densify(good, bad, densityCount);
  return made.map((checkpoint) => checkpoint.id).filter((id) => id !== good && id !== bad);
}
