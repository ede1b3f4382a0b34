/** Out of code that has no source (start-up code, a library that calls back): the first state with source that it called. */
import type { CheckpointId } from "../../engine/engine.ts";
import type { Place } from "../debugger.ts";
import { type Journey, sourcePlace, type Visit } from "../journey.ts";
import { activationStart } from "./statements.ts";

/**
 * `from` is in code that debugger commands cannot follow into its calls (_start, qsort). Rule: of the functions with source
 * that are live at `to`, the outermost whose activation began after `from`; the answer is that beginning. Null: there is none.
 * Example: `from` in _start, `to` in a function called by main: main's first instruction.
 */
export async function firstSourceWithin(
  journey: Journey,
  from: Visit,
  to: CheckpointId,
): Promise<Visit | null> {
  const end = await journey.travel(to);
  for (const frame of await framesWithSource(journey, end)) {
    const start = await activationStart(journey, frame, to);
    if (start === null) continue;
    const isLater = (await journey.timeline()).past.some((checkpoint) => checkpoint.id === from.at);
    if (isLater && start.at !== from.at) return start;
  }
  return null;
}

/** The beginnings of constructors between two states, the latest first; the caller travels as it likes meanwhile. */
export async function* constructorsWithin(
  journey: Journey,
  from: CheckpointId,
  to: CheckpointId,
): AsyncGenerator<Visit> {
  const addresses = (await journey.debugger.constructors?.()) ?? [];
  for (let end = to; ; ) {
    await journey.travel(end);
    const visit = await journey.rewind(addresses, 0n, (1n << 63n) - 1n);
    if (visit === null || !(await journey.timeline()).past.some(({ id }) => id === from)) return;
    yield visit;
    end = visit.at;
  }
}

/** Outermost first. */
async function framesWithSource(journey: Journey, visit: Visit): Promise<readonly Place[]> {
  const callers = ((await journey.debugger.callers?.()) ?? []).filter((caller) => caller.line !== null);
  const innermost = sourcePlace(visit);
  const outer = callers.map((caller) => ({ ...caller, pc: caller.pc - 1n })).reverse();
  return innermost === null ? outer : [...outer, innermost];
}
