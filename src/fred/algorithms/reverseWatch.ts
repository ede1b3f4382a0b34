/** fred-reverse-watch: the statement after which an expression has taken the value that it has now. */
import type { CheckpointId } from "../../engine/engine.ts";
import type { FrameScope, Place } from "../debugger.ts";
import { type Journey, sourcePlace, type Visit } from "../journey.ts";
import type { KnownStop } from "./callers.ts";
import { type Activation, type Culprit, callCulprit, findCulprit, type Search } from "./culprit.ts";
import { bisect, type Interval, refine } from "./narrow.ts";
import { scanForTransition } from "./scan.ts";
import { activationStart, firstStatement } from "./statements.ts";
import { WatchProbe } from "./watchProbe.ts";

export interface WatchRequest {
  readonly expression: string;
  /** any: one transition, by bisection; first, last: that one, which takes looking at every statement. */
  readonly which: "any" | "first" | "last";
}

export type WatchResult =
  | {
      readonly kind: "found";
      readonly culprit: Culprit;
      readonly place: Place | null;
      readonly old: string;
      readonly now: string;
    }
  | { readonly kind: "none"; readonly value: string };

/**
 * Rule: bad now (by definition), good at the first state, else there is no transition to be found; bisect the checkpoints;
 * refine the interval; decompose what is left by debugger commands (DESIGN §5). The state at the end: before the culprit.
 */
export async function reverseWatch(
  journey: Journey,
  here: Visit,
  request: WatchRequest,
  stops: readonly KnownStop[],
  report: (text: string) => void,
): Promise<WatchResult> {
  const probe = await WatchProbe.begin(journey, request.expression);
  await probe.verdictHere(here.at);
  const search = { journey, probe, stops, report };
  const range = await rangeToSearch(journey, here, probe);
  const culprit = await culpritIn(search, range, request.which);
  if (culprit === null) return { kind: "none", value: probe.badText };
  const position = await journey.travel(culprit.position.at);
  return {
    kind: "found",
    culprit,
    place: position.whereabouts.kind === "at" ? position.whereabouts.place : null,
    old: probe.textAt(culprit.good),
    now: probe.textAt(culprit.bad),
  };
}

/** The checkpoints to look at, and where the frame of the expression comes from. */
interface Range {
  /** Oldest first, ending with the user's position. */
  readonly states: readonly CheckpointId[];
  /** The activation that the expression's locals belong to; null: it has none, or it cannot be told. */
  readonly activation: Activation | null;
}

async function culpritIn(
  search: Search,
  range: Range,
  which: WatchRequest["which"],
): Promise<Culprit | null> {
  const { states, activation } = range;
  const isFromCall =
    activation !== null &&
    search.probe.isSetByCall &&
    (await search.probe.verdictAt(states[0] as CheckpointId)) === "bad";
  if (isFromCall && which !== "last") return await callCulprit(search, activation, states[0] as CheckpointId);
  const interval =
    which === "any" ? await anyTransition(search, states) : await scanForTransition(search, states, which);
  if (interval !== null) return await findCulprit(search, interval);
  return isFromCall ? await callCulprit(search, activation, states[0] as CheckpointId) : null;
}

async function anyTransition(search: Search, states: readonly CheckpointId[]): Promise<Interval | null> {
  const { journey, probe, report } = search;
  const first = states[0];
  if (first === undefined || states.length < 2 || (await probe.verdictAt(first)) === "bad") return null;
  return await refine(journey, probe, await bisect(journey, probe, states, report), report);
}

/** All up to here; for an expression with locals from where the frame of this activation was set up. */
async function rangeToSearch(journey: Journey, here: Visit, probe: WatchProbe): Promise<Range> {
  const { past } = await journey.timeline();
  const all = [...past.map((checkpoint) => checkpoint.id).filter((id) => id !== here.at), here.at];
  const frame = probe.scope === null ? null : await frameOf(journey, here, probe.scope);
  const start = frame === null ? null : await activationStart(journey, frame, here.at);
  if (frame === null || start === null) return { states: all, activation: null };
  const body = await journey.travel((await firstStatement(journey, frame, start, here)).at);
  const before = new Set((await journey.timeline()).past.map((checkpoint) => checkpoint.id));
  const states = [body.at, ...all.filter((id) => id !== body.at && !before.has(id))];
  return { states, activation: { frame, start } };
}

async function frameOf(journey: Journey, here: Visit, scope: FrameScope): Promise<Place | null> {
  const place = sourcePlace(here);
  if (place !== null && place.cfa === scope.cfa) return place;
  const callers = (await journey.debugger.callers?.()) ?? [];
  const caller = callers.find((one) => one.cfa === scope.cfa && one.line !== null);
  return caller === undefined ? null : { ...caller, pc: caller.pc - 1n };
}
