/** reverse-next, reverse-step and reverse-finish: from a state to the one before its last statement. */
import type { CheckpointId } from "../../engine/engine.ts";
import { type Entry, stayedInFrame } from "../../history/entry.ts";
import type { Place } from "../debugger.ts";
import { type Journey, sourcePlace, type Visit } from "../journey.ts";
import { callStatement, type KnownStop } from "./callers.ts";
import { lastStatement } from "./statements.ts";
import { unit } from "./units.ts";

/** What the session knows of the way to the present state. */
export interface Background {
  /** The command that ended here; null when the state is not the end of a typed command. */
  readonly lastEntry: Entry<CheckpointId> | null;
  /** Stops with source before here on this line of history, newest first. */
  readonly stops: readonly KnownStop[];
  /** The command that had begun but not ended here; null between commands. */
  readonly spanning: Entry<CheckpointId> | null;
}

/**
 * Rule: a last command `next` that stayed in its frame is taken back; else the last statement of the present activation;
 * at its first statement, the statement that called it. Null: there is none with source.
 */
export async function reverseNext(journey: Journey, here: Visit, known: Background): Promise<Visit | null> {
  const { lastEntry } = known;
  if (lastEntry?.command === "next" && lastEntry.count === 1 && stayedInFrame(lastEntry)) {
    const before = await journey.travel(lastEntry.before);
    if (sourcePlace(before) !== null) return before;
  }
  return await previousStatement(journey, here, known);
}

/**
 * Rule: a last command `step` is taken back. Else from the statement before (as reverse-next finds it), `step`: when that
 * enters a function, the function's last statement is nearer; again from there, until one `step` reaches here.
 * Example: here after `x = f(1) + g(2);`: its start; `step` enters f: f's `}`; `step` enters g: g's `}`; `step` arrives: g's `}`.
 */
export async function reverseStep(journey: Journey, here: Visit, known: Background): Promise<Visit | null> {
  const { lastEntry } = known;
  if (lastEntry?.command === "step" && lastEntry.count === 1) {
    const before = await journey.travel(lastEntry.before);
    if (sourcePlace(before) !== null) return before;
  }
  const statement = await previousStatement(journey, here, known);
  return statement === null ? null : await innermostBefore(journey, statement, here.at);
}

/**
 * The statement that called the present function; null at the outermost function with source. After the program's end: the
 * statement that called exit.
 */
export async function reverseFinish(journey: Journey, here: Visit, known: Background): Promise<Visit | null> {
  const live = await journey.alive(here);
  if (live.whereabouts.kind !== "at") return null;
  return await callStatement(journey, live.whereabouts.place, live.at, known.stops);
}

/** The last statement before `here` in its frame, else its call; after the program's end, the last of the outermost function. */
async function previousStatement(journey: Journey, here: Visit, known: Background): Promise<Visit | null> {
  const frame =
    here.whereabouts.kind === "at"
      ? here.whereabouts.place
      : (outermost(known.stops) ?? (await lastOfMain(journey, here)));
  if (frame === null) return null;
  if (frame.line !== null) {
    const found = await lastStatement(journey, frame, here.at);
    if (found.kind === "statement") return found.visit;
  }
  if (here.whereabouts.kind !== "at") return null;
  return await callStatement(journey, frame, here.at, known.stops);
}

/** Where no stop is known (a run without breakpoints): the last statement of main that ran, its whole activation. */
async function lastOfMain(journey: Journey, end: Visit): Promise<Place | null> {
  await journey.alive(end);
  const address = await journey.probe({ text: "(long) &main", scope: null }).catch(() => null);
  if (address?.kind !== "value" || !/^\d+$/u.test(address.text)) return null;
  const [entry, ...starts] = await journey.statements(BigInt(address.text));
  if (entry === undefined) return null;
  const addresses = starts.map((start) => start.address);
  const visit = await journey.rewind(addresses, 0n, (1n << 63n) - 1n);
  const place = visit === null ? null : sourcePlace(visit);
  return place === null ? null : { ...place, pc: entry.address + 1n, sp: place.cfa };
}

function outermost(stops: readonly KnownStop[]): Place | null {
  let found: Place | null = null;
  for (const { place } of stops) {
    if (place.line !== null && (found === null || place.cfa > found.cfa)) found = place;
  }
  // Its whole activation counts, even when the stop was at its first instruction.
  return found === null ? null : { ...found, pc: found.pc + 1n, sp: found.cfa };
}

/** The last statement before `target`, in whatever function, when `statement` is the last one of target's frame or caller. */
async function innermostBefore(journey: Journey, statement: Visit, target: CheckpointId): Promise<Visit> {
  let answer = statement;
  let from = await journey.travel(statement.at);
  const outer = sourcePlace(statement);
  for (;;) {
    const step = await unit(journey, "step", from, target);
    if (step.isAtLimit || step.at === from.at) return answer;
    const [place, origin] = [sourcePlace(step), sourcePlace(from)];
    if (place === null || origin === null) return answer;
    const isReturn = place.cfa > origin.cfa;
    const nearer = isReturn && place.cfa === outer?.cfa ? null : await lastOfFunction(journey, place, target);
    if (!isReturn) answer = nearer ?? step;
    else if (nearer !== null && (await isAtOrAfter(journey, nearer, step))) answer = nearer;
    else {
      // Returned into the middle of a statement known already: gdb stops there when the line table has an entry.
      from = await journey.travel(step.at);
      continue;
    }
    from = await journey.travel(answer.at);
  }
}

/** The last statement of a function at this depth; of the activation before when `target` is at the beginning of one. */
async function lastOfFunction(journey: Journey, frame: Place, target: CheckpointId): Promise<Visit | null> {
  let found = await lastStatement(journey, frame, target);
  while (found.kind === "entry") found = await lastStatement(journey, frame, found.visit.at);
  return found.kind === "statement" ? found.visit : null;
}

async function isAtOrAfter(journey: Journey, visit: Visit, earlier: Visit): Promise<boolean> {
  await journey.travel(visit.at);
  return (await journey.timeline()).past.some((checkpoint) => checkpoint.id === earlier.at);
}
