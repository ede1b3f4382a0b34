/** fred-reverse-watch: the statement after which an expression has taken the value that it has now. */
import type { CheckpointId } from "../../engine/engine.ts";
import type { FrameScope, Place } from "../debugger.ts";
import { type Journey, sourcePlace, type Visit } from "../journey.ts";
import type { KnownStop } from "./callers.ts";
import { type Culprit, findCulprit } from "./culprit.ts";
import { bisect, type Interval, refine } from "./narrow.ts";
import { scanForTransition } from "./scan.ts";
import { activationStart } from "./statements.ts";
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
  const states = await statesToSearch(journey, here, probe);
  const search = { journey, probe, stops, report };
  const interval =
    request.which === "any"
      ? await anyTransition(journey, probe, states, report)
      : await scanForTransition(search, states, request.which);
  if (interval === null) return { kind: "none", value: probe.badText };
  const culprit = await findCulprit(search, interval);
  const position = await journey.travel(culprit.position.at);
  return {
    kind: "found",
    culprit,
    place: position.whereabouts.kind === "at" ? position.whereabouts.place : null,
    old: probe.textAt(culprit.good),
    now: probe.textAt(culprit.bad),
  };
}

async function anyTransition(
  journey: Journey,
  probe: WatchProbe,
  states: readonly CheckpointId[],
  report: (text: string) => void,
): Promise<Interval | null> {
  const first = states[0];
  if (first === undefined || states.length < 2 || (await probe.verdictAt(first)) === "bad") return null;
  return await refine(journey, probe, await bisect(journey, probe, states, report), report);
}

/** Checkpoints up to here, oldest first; for an expression with locals only those of its frame's activation. */
async function statesToSearch(journey: Journey, here: Visit, probe: WatchProbe): Promise<CheckpointId[]> {
  const { past } = await journey.timeline();
  const all = [...past.map((checkpoint) => checkpoint.id).filter((id) => id !== here.at), here.at];
  const frame = probe.scope === null ? null : await frameOf(journey, here, probe.scope);
  if (frame === null) return all;
  const start = await activationStart(journey, frame, here.at);
  if (start === null) return all;
  const before = new Set((await journey.timeline()).past.map((checkpoint) => checkpoint.id));
  return [start.at, ...all.filter((id) => id !== start.at && !before.has(id))];
}

async function frameOf(journey: Journey, here: Visit, scope: FrameScope): Promise<Place | null> {
  const place = sourcePlace(here);
  if (place !== null && place.cfa === scope.cfa) return place;
  const callers = (await journey.debugger.callers?.()) ?? [];
  const caller = callers.find((one) => one.cfa === scope.cfa && one.line !== null);
  return caller === undefined ? null : { ...caller, pc: caller.pc - 1n };
}
