/** Commands that name states: checkpoint, restart, list, goto, timeline. */
import type { CheckpointId, Timeline } from "../../engine/engine.ts";
import { FredError, invariant } from "../../errors.ts";
import type { Arguments, Position } from "../../history/argumentGrammar.ts";
import { renderBranches } from "../../history/render.ts";
import { drawTimeline } from "../../history/timelineArt.ts";
import type { Journey } from "../journey.ts";
import { checkpointEntry, type SessionRecord } from "../record.ts";
import type { CommandContext, CommandResult, CommandSpec } from "./spec.ts";

async function takeCheckpoint(context: CommandContext, args: Arguments): Promise<CommandResult> {
  const { journey, record, ui } = context;
  const { id } = await journey.mark("user");
  const name = args.kind === "word" ? args.word : null;
  if (name !== null) record.names.set(name, id);
  record.history.log(checkpointEntry(id), record.aheadIn(await journey.timeline(), id));
  await ui.print(
    `checkpoint c${id}${name === null ? "" : ` "${name}"`}; fred-restart ${name ?? id} comes back here.`,
  );
  return { kind: "stayed" };
}

async function restart(context: CommandContext, args: Arguments): Promise<CommandResult> {
  invariant(args.kind === "position", "fred-restart takes a checkpoint");
  const timeline = await context.journey.timeline();
  const { position } = args;
  const isLast = position.kind === "name" && position.name === "";
  const at = isLast ? lastUserCheckpoint(timeline) : await resolve(context, position, timeline);
  if (at === null) throw new FredError("noCheckpoint", { command: "fred-restart" });
  return { kind: "arrived", at };
}

async function goTo(context: CommandContext, args: Arguments): Promise<CommandResult> {
  invariant(args.kind === "position", "fred-goto takes a position");
  const timeline = await context.journey.timeline();
  if (args.position.kind !== "event")
    return { kind: "arrived", at: await resolve(context, args.position, timeline) };
  const at = await resolve(context, args.position, timeline);
  await context.journey.travel(at);
  const { event } = await context.journey.timeline();
  const wanted = args.position.number;
  const lines = event === wanted ? [] : [`the nearest state before event ${wanted} is at event ${event}`];
  return { kind: "arrived", at, lines };
}

async function resolve(
  context: CommandContext,
  position: Position,
  timeline: Timeline,
): Promise<CheckpointId> {
  if (position.kind === "name") return context.record.checkpointNamed(position.name, timeline);
  if (position.kind === "event") return await stateAtEvent(context.journey, position.number, timeline);
  const all = [...timeline.past, ...timeline.future];
  const known = all.find((checkpoint) => checkpoint.id === position.number)?.id;
  const left = context.record.history.branchOf(position.number as CheckpointId);
  if (known !== undefined) return known;
  if (left === null) throw new FredError("unknownCheckpoint", { name: `c${position.number}` });
  context.record.history.switchTo(left.name);
  return position.number as CheckpointId;
}

/** The last state at or before an event; the gap to the next checkpoint is replayed to come nearer while that helps. */
async function stateAtEvent(journey: Journey, event: number, timeline: Timeline): Promise<CheckpointId> {
  const all = [...timeline.past, ...timeline.future];
  const before = all.findLast((checkpoint) => checkpoint.event <= event);
  if (event > timeline.eventCount || before === undefined) {
    throw new FredError("unknownEvent", { event, eventCount: timeline.eventCount });
  }
  let [best, next] = [before, all[all.indexOf(before) + 1]];
  while (best.event < event && next !== undefined) {
    await journey.travel(best.id);
    const inside = await journey.densify(best.id, next.id, 16);
    const nearer = inside.findLast((checkpoint) => checkpoint.event <= event && checkpoint.id !== best.id);
    const beyond = inside.find((checkpoint) => checkpoint.event > event && checkpoint.id !== next?.id);
    if (nearer === undefined) break;
    [best, next] = [nearer, beyond ?? next];
  }
  return best.id;
}

function lastUserCheckpoint(timeline: Timeline): CheckpointId | null {
  const isUser = (checkpoint: { kind: string }) => checkpoint.kind === "user";
  return (timeline.past.findLast(isUser) ?? timeline.future.find(isUser))?.id ?? null;
}

async function list({ journey, record, ui, here }: CommandContext): Promise<CommandResult> {
  const timeline = await journey.timeline();
  const all = [...timeline.past, ...timeline.future];
  const shown = all.filter(({ id, kind }) => kind === "user" || kind === "start" || id === here.at);
  for (const { id, kind, event } of shown) {
    const mark = id === here.at ? "*" : " ";
    await ui.print(
      `${mark} c${id} ${kind === "stop" ? "here" : kind}${nameOf(record, id)}, event ${event}${placeOf(record, id)}`,
    );
  }
  const automatic = all.filter(({ kind }) => kind === "automatic").length;
  const stops = all.filter(({ kind }) => kind === "stop").length;
  await ui.print(`and ${stops} stops, ${automatic} automatic checkpoints; fred-goto cN goes to any.`);
  await ui.print("branches:");
  for (const line of renderBranches(record.history.branches, record.history.current)) await ui.print(line);
  return { kind: "stayed" };
}

function nameOf(record: SessionRecord, id: CheckpointId): string {
  const names = [...record.names].filter(([, named]) => named === id).map(([name]) => ` "${name}"`);
  return names.join("");
}

function placeOf(record: SessionRecord, id: CheckpointId): string {
  if (record.isEnd(id) && id !== record.start) return ", the end of the program";
  const place = record.placeOf(id);
  if (place === null) return "";
  if (place.line === null) return `, ${place.function ?? `0x${place.pc.toString(16)}`}`;
  return `, ${place.function ?? "??"} at ${place.file ?? "??"}:${place.line}`;
}

async function timelineLine({ journey, ui }: CommandContext): Promise<CommandResult> {
  const { past, future, here, event, eventCount } = await journey.timeline();
  await ui.print(drawTimeline({ past, future, here, event, eventCount }, ui.width));
  return { kind: "stayed" };
}

const common = { needs: "process", isQuiet: false } as const;

export const placeCommands: readonly CommandSpec[] = [
  {
    name: "fred-checkpoint",
    aliases: ["ckpt"],
    args: "word",
    usage: "[NAME]",
    summary: "Mark the present state, to come back to.",
    help: "Every stop is a checkpoint anyway; this one has a name and is listed by fred-list.",
    ...common,
    run: takeCheckpoint,
  },
  {
    name: "fred-restart",
    aliases: [],
    args: "checkpoint",
    usage: "[N|NAME]",
    summary: "Go to a checkpoint; without an argument, to the last one made by fred-checkpoint.",
    help: "Nothing is lost: what came after stays ahead, and becomes a branch when the program is changed from there.",
    ...common,
    run: restart,
  },
  {
    name: "fred-list",
    aliases: [],
    args: "none",
    usage: "",
    summary: "List checkpoints and branches.",
    help: "The present state and branch are marked by a star.",
    ...common,
    run: list,
  },
  {
    name: "fred-goto",
    aliases: [],
    args: "position",
    usage: "N|cN|#EVENT|NAME|start|head",
    summary: "Go to a checkpoint (N or cN), to an event (#N), or to a named checkpoint.",
    help: "Events are numbered as the recording numbers them; the last state known at or before the event is taken.",
    ...common,
    run: goTo,
  },
  {
    name: "fred-timeline",
    aliases: [],
    args: "none",
    usage: "",
    summary: "Draw the recording in one line.",
    help: "[ start, o stop, C your checkpoint, . automatic checkpoints, @ here; what lies ahead is drawn with =.",
    ...common,
    run: timelineLine,
  },
];
