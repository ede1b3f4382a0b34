/** The command fred-reverse-watch: runs the search and says what it found. */
import { invariant } from "../../errors.ts";
import type { Arguments } from "../../history/argumentGrammar.ts";
import { reverseWatch, type WatchResult } from "../algorithms/reverseWatch.ts";
import type { Place } from "../debugger.ts";
import type { CommandContext, CommandResult, CommandSpec } from "./spec.ts";

async function watch(context: CommandContext, args: Arguments): Promise<CommandResult> {
  invariant(args.kind === "expression", "fred-reverse-watch takes an expression");
  const { journey } = context;
  const here = await journey.alive(context.here);
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
  return { kind: "arrived", at: position.at, lines: [culpritLine(args.expression, result), searched] };
}

function culpritLine(expression: string, result: WatchResult & { kind: "found" }): string {
  return `culprit: ${placeText(result.place)}: ${expression} ${result.old} -> ${result.now}`;
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
    help: "A binary search over the history. You are put just before the statement: one step makes EXPR what it is now. --first and --last find the first or last such statement; they look at every statement and take long.",
    needs: "process",
    isQuiet: true,
    run: watch,
  },
];
