/** Past a program's start-up code: the first state with source between one without any caller and a later one. */
import type { CheckpointId } from "../../engine/engine.ts";
import type { Place } from "../debugger.ts";
import { type Journey, sourcePlace, type Visit } from "../journey.ts";
import { activationStart } from "./statements.ts";

/**
 * `from` is in code that never returns (ld.so, _start): debugger commands cannot leave it. The outermost function with source
 * that is live at `to` (main) was then called after it: the beginning of that activation. Null when nothing there has source.
 */
export async function firstSourceWithin(
  journey: Journey,
  from: Visit,
  to: CheckpointId,
): Promise<Visit | null> {
  const end = await journey.travel(to);
  const frame = await outermostWithSource(journey, end);
  if (frame === null) return null;
  const start = await activationStart(journey, frame, to);
  if (start === null) return null;
  const isLater = (await journey.timeline()).past.some((checkpoint) => checkpoint.id === from.at);
  return isLater && start.at !== from.at ? start : null;
}

async function outermostWithSource(journey: Journey, visit: Visit): Promise<Place | null> {
  const callers = ((await journey.debugger.callers?.()) ?? []).filter((caller) => caller.line !== null);
  const outermost = callers.at(-1);
  return outermost === undefined ? sourcePlace(visit) : { ...outermost, pc: outermost.pc - 1n };
}
