/** From an interval (good … bad) to the one statement that made it bad, by debugger commands. */
import type { CheckpointId } from "../../engine/engine.ts";
import { Bisection } from "../../history/bisection.ts";
import type { Place } from "../debugger.ts";
import { type Journey, sourcePlace, type Visit } from "../journey.ts";
import { callStatement, type KnownStop } from "./callers.ts";
import type { Interval } from "./narrow.ts";
import { constructorsWithin, firstSourceWithin } from "./startup.ts";
import { lastStatement } from "./statements.ts";
import { isInFrame, unit } from "./units.ts";
import type { WatchProbe } from "./watchProbe.ts";

export interface Culprit {
  /** Where the user is put: good here, and one `step` makes it bad. */
  readonly position: Visit;
  /** The values on both sides of the change. */
  readonly good: CheckpointId;
  readonly bad: CheckpointId;
}

export interface Search {
  readonly journey: Journey;
  readonly probe: WatchProbe;
  readonly stops: readonly KnownStop[];
  readonly report: (text: string) => void;
}

/** The activation of a function that an expression's locals belong to. */
export interface Activation {
  readonly frame: Place;
  /** Its first instruction. */
  readonly start: Visit;
}

/** A unit that turned good into bad. */
interface Unit {
  readonly start: Visit;
  readonly end: Visit;
  /** Nothing ran in this frame before `start` but whole statements: `start` is where a debugger would stop. */
  readonly isStatementStart: boolean;
}

/**
 * Rule: `next`s from the good state until one ends bad (batches 1, 2, 4 …, bisected); `step` into that one; when the first
 * state inside is bad the statement itself is the culprit, else `next`s inside, and so on.
 * Example: `insert(x)` is bad after: `step`, `next`, `next`: `len++` turned it; `step` there does not enter a call: culprit.
 */
export async function findCulprit(search: Search, interval: Interval): Promise<Culprit> {
  const { journey, probe } = search;
  let current = interval;
  for (;;) {
    journey.check();
    const start = await journey.travel(current.good);
    if (start.whereabouts.kind === "at" && start.whereabouts.place.line === null) {
      const left = await leaveSourceless(search, start, current);
      if ("position" in left) return left;
      current = left;
      continue;
    }
    const found = await firstBadUnit(search, current);
    await journey.travel(found.start.at);
    const step = await unit(journey, "step", found.start, found.end.at);
    const verdict = await probe.verdictHere(step.at);
    if (step.at === found.start.at) return { position: found.start, good: found.start.at, bad: found.end.at };
    if (verdict !== "bad") {
      current = { good: step.at, bad: found.end.at };
      continue;
    }
    const returned = await returnedInto(search, found.start, step);
    if (returned !== null) {
      current = returned;
      continue;
    }
    return await settle(search, { ...found, end: step });
  }
}

/** The value came with the call: the calling statement, after the other calls in it; the activation's beginning when that has no source. */
export async function callCulprit(
  { journey, stops }: Search,
  { frame, start }: Activation,
  body: CheckpointId,
): Promise<Culprit> {
  const call = await callStatement(journey, frame, start.at, stops);
  const position = call === null ? start : await lastStopWithin(journey, call, start);
  return { position, good: start.at, bad: body };
}

/** Batches of `next` from the good state; in the first batch that ends bad, the single unit. */
async function firstBadUnit(search: Search, interval: Interval): Promise<Unit> {
  const { journey, probe, report } = search;
  let start = await journey.travel(interval.good);
  let isStatementStart = false;
  for (let size = 1, total = 0; ; size = Math.min(size * 2, 64)) {
    report(`stepping through the last interval, ${total} statements done`);
    const states: Visit[] = [start];
    while (states.length <= size) {
      const last = states.at(-1) as Visit;
      const next = await unit(journey, "next", last, interval.bad);
      if (next.at === last.at)
        return { start: last, end: await journey.travel(interval.bad), isStatementStart };
      states.push(next);
      if (next.isAtLimit) break;
    }
    total += states.length - 1;
    const end = states.at(-1) as Visit;
    if (end.at === interval.bad || (await probe.verdictHere(end.at)) === "bad") {
      const low = await bisectVisits(probe, states);
      return {
        start: states[low] as Visit,
        end: states[low + 1] as Visit,
        isStatementStart: isStatementStart || low > 0,
      };
    }
    start = end;
    isStatementStart = true;
  }
}

async function bisectVisits(probe: WatchProbe, states: readonly Visit[]): Promise<number> {
  const bisection = new Bisection(0, states.length - 1);
  for (let middle = bisection.next; middle !== null; middle = bisection.next) {
    bisection.tell(await probe.verdictAt((states[middle] as Visit).at));
  }
  return bisection.low;
}

/** When the step left its function: was the value still good as it returned? Then the caller's statement did it. */
async function returnedInto(search: Search, start: Visit, end: Visit): Promise<Interval | null> {
  const { journey, probe } = search;
  const [from, to] = [sourcePlace(start), sourcePlace(end)];
  if (from !== null && to !== null && isInFrame(end, from)) return null;
  await journey.travel(start.at);
  const finished = await journey.move("finish", end.at);
  if (finished.isAtLimit || finished.at === start.at) return null;
  return (await probe.verdictHere(finished.at)) === "bad" ? null : { good: finished.at, bad: end.at };
}

/** From code without source to its caller: a smaller interval, or the culprit when the change happens inside. */
async function leaveSourceless(
  search: Search,
  start: Visit,
  interval: Interval,
): Promise<Interval | Culprit> {
  const { journey, probe, stops } = search;
  const finished = await journey.move("finish", interval.bad);
  if (finished.at !== start.at && !finished.isAtLimit && (await probe.verdictHere(finished.at)) !== "bad") {
    return { good: finished.at, bad: interval.bad };
  }
  const isInside = finished.isAtLimit || finished.at === start.at;
  const source = isInside ? await firstSourceWithin(journey, start, interval.bad) : null;
  if (source !== null && (await probe.verdictAt(source.at)) !== "bad")
    return { good: source.at, bad: interval.bad };
  // A search may begin in the very function of the C library that calls the constructors, and it may have returned.
  const bad = isInside ? interval.bad : finished.at;
  for await (const early of constructorsWithin(journey, start.at, bad)) {
    if ((await probe.verdictAt(early.at)) !== "bad") return { good: early.at, bad };
  }
  const frame = start.whereabouts.kind === "at" ? start.whereabouts.place : null;
  const caller = frame === null ? null : await callStatement(journey, frame, start.at, stops);
  const position = caller === null ? start : await lastStopWithin(journey, caller, start);
  return { position, good: interval.good, bad };
}

/**
 * The user's position before the culprit unit. A unit that began in the middle of a statement (an automatic checkpoint) is
 * moved back to the statement's start, or to after the last call in it, if the value is good there as well.
 */
async function settle(search: Search, found: Unit): Promise<Culprit> {
  const { journey, probe } = search;
  const culprit = { good: found.start.at, bad: found.end.at };
  const place = sourcePlace(found.start);
  if (found.isStatementStart || place === null) return { position: found.start, ...culprit };
  const before = await lastStatement(journey, place, found.start.at);
  if (before.kind !== "statement" || beginsLine(place, before.visit))
    return { position: found.start, ...culprit };
  const position = await lastStopWithin(journey, before.visit, found.start);
  const isGood = (await probe.verdictAt(position.at)) !== "bad";
  return { position: await journey.travel(isGood ? position.at : found.start.at), ...culprit };
}

/** A stop at a line's first instruction is a statement's start, unless the statement before is of the same line. */
function beginsLine(place: Place, before: Visit): boolean {
  return place.isLineStart && place.line !== sourcePlace(before)?.line;
}

/**
 * From a statement's start: past the calls it has made before `target`, to where the debugger would stop last. Target itself
 * when that is nearer and has source.
 */
async function lastStopWithin(journey: Journey, statement: Visit, target: Visit): Promise<Visit> {
  let last = await journey.travel(statement.at);
  const frame = sourcePlace(statement);
  for (let calls = 0; calls < maxCallsInStatement && frame !== null; calls++) {
    let step: Visit & { isAtLimit: boolean } = await unit(journey, "step", last, target.at);
    if (step.isAtLimit || step.at === last.at) return last;
    while (!isInFrame(step, frame)) {
      const finish = await journey.move("finish", target.at);
      if (finish.at === step.at || finish.isAtLimit) return sourcePlace(target) === null ? last : target;
      step = finish;
    }
    last = step;
  }
  return sourcePlace(target) === null ? last : target;
}

/** A statement that calls more often (a loop in one line) keeps the position where the search met it. */
const maxCallsInStatement = 50;
