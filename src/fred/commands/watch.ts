/** The command fred-reverse-watch: runs the search and says what it found. */
import { FredError, invariant } from "../../errors.ts";
import type { Arguments } from "../../history/argumentGrammar.ts";
import { reverseWatch, type WatchResult } from "../algorithms/reverseWatch.ts";
import type { Place } from "../debugger.ts";
import type { Journey, Visit } from "../journey.ts";
import type { CommandContext, CommandResult, CommandSpec } from "./spec.ts";

async function watch(context: CommandContext, args: Arguments): Promise<CommandResult> {
  invariant(args.kind === "expression", "fred-reverse-watch takes an expression");
  const { journey } = context;
  const here = await startOfSearch(context, args.expression);
  const { stops } = await context.background(here);
  const result = await reverseWatch(journey, here, args, stops, (text) =>
    context.report(`${args.expression}: ${text}`),
  );
  const searched = `searched: ${journey.probeCount} probes, ${journey.restoreCount} restores, ${seconds(journey.elapsedMs)} s`;
  if (result.kind === "none") {
    await context.ui.print(noTransition(args.expression, args.which, result.value));
    await context.ui.print(searched);
    return { kind: "stayed" };
  }
  const { position } = result.culprit;
  const lines = [...missingSource(result.place), culpritLine(args.expression, result), searched];
  return { kind: "arrived", at: position.at, lines };
}

/**
 * Where the user is. After the program's end nothing can be evaluated: the state just before it, else the newest stop at which
 * the expression has a value, and the user is told.
 */
async function startOfSearch(context: CommandContext, expression: string): Promise<Visit> {
  const { journey, here, ui } = context;
  if (here.whereabouts.kind === "at") return here;
  const last = await journey.alive(here);
  const { stops } = await context.background(here);
  for (const at of [last.at, ...stops.map((stop) => stop.at)]) {
    const visit = await journey.travel(at);
    if (!(await hasValue(journey, expression))) continue;
    const place = visit.whereabouts.kind === "at" && at !== last.at ? visit.whereabouts.place : null;
    const where =
      place === null ? "just before its end" : `at the last stop that knows it, ${placeText(place)}`;
    await ui.print(`the program has ended; ${expression} is taken as it was ${where}.`);
    return visit;
  }
  return await journey.travel(last.at);
}

async function hasValue(journey: Journey, expression: string): Promise<boolean> {
  try {
    return (await journey.probe(await journey.debugger.bind(expression))).kind === "value";
  } catch (error) {
    if (error instanceof FredError && error.kind === "badExpression") return false;
    throw error;
  }
}

function culpritLine(expression: string, result: WatchResult & { kind: "found" }): string {
  return `culprit: ${placeText(result.place)}: ${expression} ${result.old} -> ${result.now}`;
}

function missingSource(place: Place | null): readonly string[] {
  if (place === null || place.line !== null) return [];
  return ["the culprit has no source, so no statement can be named; compile it with -g."];
}

function placeText(place: Place | null): string {
  if (place === null) return "the end of the program";
  const name = place.function ?? "??";
  const where = place.line === null ? `0x${place.pc.toString(16)}` : `${place.file ?? "??"}:${place.line}`;
  return `${where} in ${name} (thread ${place.threadNumber})`;
}

function noTransition(expression: string, which: "any" | "first" | "last", value: string): string {
  const fact =
    which === "any"
      ? `no transition: ${expression} is ${value} at the start of the search already`
      : `no transition: ${expression} never became ${value}`;
  return which === "any"
    ? `${fact}; fred-reverse-watch --last looks at every statement.`
    : `${fact}; you are where you were.`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

export const watchCommands: readonly CommandSpec[] = [
  {
    name: "fred-reverse-watch",
    aliases: ["rw"],
    args: "expression",
    usage: "[--first|--last] EXPR",
    summary: "Find the statement that gave EXPR the value it has now.",
    help: "A binary search over the history. You are put just before the statement: one step makes EXPR what it is now. --first and --last find the first or last such statement; they look at every statement and take long; of what runs before main (constructors) only at checkpoints.",
    needs: "process",
    isQuiet: true,
    run: watch,
  },
];
