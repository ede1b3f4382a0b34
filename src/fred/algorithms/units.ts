/** One whole `next` or `step`, whatever stops it on the way: breakpoints in callees, code without source. */
import type { CheckpointId } from "../../engine/engine.ts";
import type { Place } from "../debugger.ts";
import { type Arrival, type Journey, sourcePlace, type Visit } from "../journey.ts";

/**
 * Rule: a unit ends where the debugger's command would end if the user's breakpoints were off and it never stopped in code
 * without source. A breakpoint deeper than the start is left by `finish`, the rest of the statement done by the command.
 * Precondition: the program is at `from`.
 */
export async function unit(
  journey: Journey,
  command: "next" | "step",
  from: Visit,
  limit: CheckpointId | null,
): Promise<Arrival> {
  const origin = sourcePlace(from);
  let arrival = await journey.move(command, limit);
  for (;;) {
    const repair =
      repairOf(arrival, command, origin) ?? (await repairOfCallback(journey, arrival, command, origin));
    if (repair === null) return arrival;
    const repaired = await journey.move(repair, limit);
    if (repaired.at === arrival.at) return arrival;
    arrival = repaired;
  }
}

/** The command that brings an unfinished unit on; null when it is whole. */
function repairOf(arrival: Arrival, command: "next" | "step", origin: Place | null): string | null {
  if (arrival.isAtLimit || arrival.whereabouts.kind === "ended") return null;
  const { place } = arrival.whereabouts;
  if (place.line === null) return "finish";
  if (arrival.outcome.cause === "function-finished") return command;
  if (arrival.outcome.cause !== "breakpoint-hit" || origin === null) return null;
  if (command === "next" && place.cfa < origin.cfa) return "finish";
  const isMidStatement = place.cfa === origin.cfa && place.line === origin.line;
  return isMidStatement || !place.isLineStart ? command : null;
}

/** A breakpoint that stopped a `step` in a function called back by code without source: `step` alone would not enter it. */
async function repairOfCallback(
  journey: Journey,
  arrival: Arrival,
  command: "next" | "step",
  origin: Place | null,
): Promise<string | null> {
  const place = sourcePlace(arrival);
  if (arrival.isAtLimit || arrival.outcome.cause !== "breakpoint-hit") return null;
  if (command !== "step" || place === null || origin === null || place.cfa >= origin.cfa) return null;
  const callers = (await journey.debugger.callers?.()) ?? [];
  return callers.some((caller) => caller.line === null && caller.cfa < origin.cfa) ? "finish" : null;
}

/** Whether a visit's innermost frame is this one. Two activations at one depth look alike. */
export function isInFrame(visit: Visit, frame: Place): boolean {
  const place = sourcePlace(visit);
  return place !== null && place.cfa === frame.cfa && place.function === frame.function;
}
