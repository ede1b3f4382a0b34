/** The statement that called the present function: in the nearest caller with source. */
import type { CheckpointId } from "../../engine/engine.ts";
import type { Place } from "../debugger.ts";
import { type Journey, sourcePlace, type Visit } from "../journey.ts";
import { decompose } from "./decompose.ts";
import { activationStart, lastStatement } from "./statements.ts";

/** A state with source that the user has seen earlier on this line of history. */
export interface KnownStop {
  readonly at: CheckpointId;
  readonly place: Place;
}

/**
 * Rule: the caller's frame is told by the debugger, or found one instruction before the activation's first; the statement
 * is the last one that began in that frame. A caller without source (qsort calling back) is passed over; where only the
 * debugger's commands can tell, the way from a known stop is decomposed. Null: no caller has source.
 */
export async function callStatement(
  journey: Journey,
  frame: Place,
  target: CheckpointId,
  stops: readonly KnownStop[],
): Promise<Visit | null> {
  const caller = journey.debugger.callers
    ? await toldCaller(journey, target)
    : await steppedCaller(journey, frame, target);
  if (caller === "outermost") return null;
  if (caller === "unknown") return await calledOnTheWay(journey, target, stops, frame);
  const found = await lastStatement(journey, caller.place, caller.at);
  return found.kind === "statement" ? found.visit : null;
}

interface Caller {
  readonly place: Place;
  /** A state in which the call has not returned. */
  readonly at: CheckpointId;
}

async function toldCaller(journey: Journey, target: CheckpointId): Promise<Caller | "outermost"> {
  await journey.travel(target);
  const callers = (await journey.debugger.callers?.()) ?? [];
  const place = callers.find((caller) => caller.line !== null);
  return place === undefined ? "outermost" : { place: { ...place, pc: place.pc - 1n }, at: target };
}

async function steppedCaller(
  journey: Journey,
  frame: Place,
  target: CheckpointId,
): Promise<Caller | "unknown"> {
  const start = await activationStart(journey, frame, target);
  if (start === null) return "unknown";
  const call = await journey.move("reverse-stepi", null);
  const place = sourcePlace(call);
  return place === null ? "unknown" : { place, at: call.at };
}

/** From each known stop that a caller may be: the last unit on the way to `target` that is not deeper than the call. */
async function calledOnTheWay(
  journey: Journey,
  target: CheckpointId,
  stops: readonly KnownStop[],
  frame: Place,
): Promise<Visit | null> {
  const outer = stops.filter((stop) => stop.place.line !== null && stop.place.cfa > frame.cfa);
  for (const stop of outer) {
    const way = await decompose(journey, stop.at, target);
    const call = way.starts.findLast((start) => (sourcePlace(start)?.cfa ?? 0n) > frame.cfa);
    if (way.isComplete && call !== undefined) return call;
  }
  return null;
}
