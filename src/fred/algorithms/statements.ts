/** The last statement of one activation of a function that began before a state: what every reverse step looks for. */
import type { CheckpointId } from "../../engine/engine.ts";
import type { Place } from "../debugger.ts";
import { type Journey, sourcePlace, type Visit } from "../journey.ts";
import { isInFrame, unit } from "./units.ts";

/** "entry": no statement of the activation lies between its beginning (the visit) and the state. */
export type Found =
  | { readonly kind: "statement"; readonly visit: Visit }
  | { readonly kind: "entry"; readonly visit: Visit }
  | { readonly kind: "none" };

/**
 * Rule: among the statement starts of `frame`'s function, with a stack pointer of this activation, take the last that ran
 * before `target`; go on back while the line stays the same (a `for` line has three starts); the first start of that line
 * after another line is the statement. Forward `next`s must reach `target` from it: the last of them is the answer.
 * Example: in `5: for (i = 0; i < 3; i++)` / `6: x += i;`, before line 6: hits `i < 3` (5), then `i++` (5), then 6: → `i++`.
 * Precondition: `frame` is live at `target`, or was. The function's first address belongs to the call, not to a statement.
 */
export async function lastStatement(journey: Journey, frame: Place, target: CheckpointId): Promise<Found> {
  const starts = await journey.statements(frame.pc);
  const entry = starts[0]?.address;
  if (entry === undefined) return { kind: "none" };
  const here = await journey.travel(target);
  if (frame.pc === entry) return { kind: "entry", visit: here };
  const activation = { frame, addresses: starts.map((start) => start.address) };
  const last = await rewindIn(journey, activation);
  if (last === null) return { kind: "none" };
  if (last.place.pc === entry) return { kind: "entry", visit: last.visit };
  const sameLine = new Set(starts.filter((s) => s.line === last.place.line).map((s) => s.address));
  const start = await lineRunStart(journey, activation, last, sameLine);
  return { kind: "statement", visit: await lastUnitStart(journey, frame, start, target) };
}

/** The beginning of the present activation of `frame`'s function (its first instruction); null without source. */
export async function activationStart(
  journey: Journey,
  frame: Place,
  target: CheckpointId,
): Promise<Visit | null> {
  const entry = (await journey.statements(frame.pc))[0]?.address;
  if (entry === undefined) return null;
  const here = await journey.travel(target);
  if (frame.pc === entry) return here;
  return (await rewindIn(journey, { frame, addresses: [entry] }))?.visit ?? null;
}

interface Activation {
  readonly frame: Place;
  /** Ascending; the first is the function's entry. */
  readonly addresses: readonly bigint[];
}

interface Hit {
  readonly visit: Visit;
  readonly place: Place & { readonly line: number };
}

/** The last hit of the activation's addresses before the present state; hits in other activations are passed over. */
async function rewindIn(journey: Journey, { frame, addresses }: Activation): Promise<Hit | null> {
  for (;;) {
    const visit = await journey.rewind(addresses, lowestStackPointer(frame), frame.cfa - 1n);
    if (visit === null) return null;
    const place = sourcePlace(visit);
    if (place !== null && place.cfa === frame.cfa) return { visit, place };
  }
}

/**
 * Deeper activations of the same function have a smaller stack pointer than a statement of this one. In a prologue or
 * epilogue the frame is not (or no longer) built, so nothing is known: all are looked at, and told apart by their cfa.
 */
function lowestStackPointer(frame: Place): bigint {
  return frame.cfa - frame.sp <= 16n ? 0n : frame.sp;
}

/** Back from `last` over all starts of its line to the first of them in a row. `skipped`: addresses known to be of that line. */
async function lineRunStart(
  journey: Journey,
  activation: Activation,
  last: Hit,
  skipped: Set<bigint>,
): Promise<Visit> {
  const entry = activation.addresses[0];
  skipped.add(last.place.pc);
  for (;;) {
    const addresses = activation.addresses.filter((address) => address === entry || !skipped.has(address));
    const before = await rewindIn(journey, { ...activation, addresses });
    if (before === null) return last.visit;
    if (before.place.pc === entry)
      return await firstStatement(journey, activation.frame, before.visit, last.visit);
    if (before.place.line === last.place.line) {
      skipped.add(before.place.pc);
      continue;
    }
    const next = await unit(journey, "next", before.visit, last.visit.at);
    return isInFrame(next, activation.frame) ? next : last.visit;
  }
}

/**
 * From an activation's beginning, where the program is, to where a breakpoint on the function stops; `limit` when that lies
 * before.
 */
export async function firstStatement(
  journey: Journey,
  frame: Place,
  entry: Visit,
  limit: Visit,
): Promise<Visit> {
  const body = await journey.bodyStart(frame.pc);
  if (body === null || entry.at === limit.at) return limit;
  if (sourcePlace(entry)?.pc === body) return entry;
  const arrival = await journey.move(`advance *0x${body.toString(16)}`, limit.at);
  return isInFrame(arrival, frame) ? arrival : limit;
}

/** Forward from `start` by `next`s in the frame until `target` is reached: where the last of them began. */
async function lastUnitStart(
  journey: Journey,
  frame: Place,
  start: Visit,
  target: CheckpointId,
): Promise<Visit> {
  let last = await journey.travel(start.at);
  for (;;) {
    const next = await unit(journey, "next", last, target);
    if (next.isAtLimit || next.at === last.at || !isInFrame(next, frame)) return last;
    last = next;
  }
}
