/** Commands that go back: undo, reverse-next, -step, -finish, -continue. */
import type { CheckpointId } from "../../engine/engine.ts";
import { FredError } from "../../errors.ts";
import type { Arguments } from "../../history/argumentGrammar.ts";
import type { Entry } from "../../history/entry.ts";
import { entryOf } from "../algorithms/decompose.ts";
import { type Background, reverseFinish, reverseNext, reverseStep } from "../algorithms/reverse.ts";
import type { Journey, Visit } from "../journey.ts";
import type { CommandContext, CommandResult, CommandSpec } from "./spec.ts";

function countOf(args: Arguments): number {
  return args.kind === "count" ? args.count : 1;
}

async function undo(context: CommandContext, args: Arguments): Promise<CommandResult> {
  const taken = context.record.history.undoable(countOf(args));
  const first = taken[0];
  if (first === undefined) throw new FredError("nothingToUndo", { wanted: countOf(args), available: 0 });
  const arrived = { kind: "arrived", at: first.before } as const;
  return taken.some((entry) => entry.kind === "change") ? { ...arrived, leavesLine: true } : arrived;
}

type OneBack = (journey: Journey, here: Visit, known: Background) => Promise<Visit | null>;

/** `count` times one step back; when the way ends early, as far as it goes. */
function repeated(command: string, oneBack: OneBack) {
  return async (context: CommandContext, args: Arguments): Promise<CommandResult> => {
    const wanted = countOf(args);
    let visit = context.here;
    for (let done = 0; done < wanted; done++) {
      context.report(`${command}: ${done} of ${wanted} done`);
      const before = await oneBack(context.journey, visit, await context.background(visit));
      if (before === null) return partWay(command, visit, done, wanted);
      visit = await context.journey.travel(before.at);
    }
    return { kind: "arrived", at: visit.at };
  };
}

function partWay(command: string, visit: Visit, done: number, wanted: number): CommandResult {
  if (done === 0) throw new FredError("noEarlierStatement", { command });
  return { kind: "arrived", at: visit.at, lines: [`no earlier statement: ${done} of ${wanted} done`] };
}

async function finish(context: CommandContext): Promise<CommandResult> {
  const call = await reverseFinish(context.journey, context.here, await context.background(context.here));
  if (call === null) throw new FredError("outermostFrame", { command: "fred-reverse-finish" });
  return { kind: "arrived", at: call.at };
}

/** gdb's own, so that conditions, ignore counts and catchpoints mean what they always do. */
async function backToBreakpoint(context: CommandContext): Promise<CommandResult> {
  const { journey, here } = context;
  // After the end the debugger has no process that could go back.
  await journey.alive(here);
  const arrival = await journey.move("reverse-continue", null);
  if (arrival.refusal !== null) throw arrival.refusal;
  if (arrival.at === here.at)
    return { kind: "arrived", at: here.at, lines: ["already at the start of the history"] };
  const span = (await context.background(arrival)).spanning;
  const pieces =
    span === null
      ? []
      : [entryOf("continue", hitsBefore(span, here.at), { ...here, at: span.before }, arrival)];
  const shown = arrival.outcome.output.trim();
  if (shown !== "") return { kind: "arrived", at: arrival.at, pieces, shown };
  const isStart = arrival.at === context.record.start;
  return { kind: "arrived", at: arrival.at, pieces, lines: isStart ? ["start of the history"] : [] };
}

/** How many hits lead from a command's beginning to the one before its end: of `continue 3` all but the last. */
function hitsBefore(span: Entry<CheckpointId>, end: CheckpointId): number {
  const isCounted = span.command === "continue" && span.after === end;
  return isCounted ? Math.max(1, (span.count ?? 1) - 1) : 1;
}

export const backCommands: readonly CommandSpec[] = [
  {
    name: "fred-undo",
    aliases: [],
    args: "count",
    usage: "[N]",
    summary: "Take back the last command, or the last N.",
    help: "The program is put where it was before the last N typed commands that moved or changed it; `next 5` is one. Breakpoints set meanwhile stay.",
    needs: "process",
    isQuiet: false,
    run: undo,
  },
  {
    name: "fred-reverse-next",
    aliases: ["rn"],
    args: "count",
    usage: "[N]",
    summary: "Back to the statement before, over calls.",
    help: "At the first statement of a function: to the statement that called it.",
    needs: "process",
    isQuiet: true,
    run: repeated("fred-reverse-next", reverseNext),
  },
  {
    name: "fred-reverse-step",
    aliases: ["rs"],
    args: "count",
    usage: "[N]",
    summary: "Back to the statement before, into calls.",
    help: "From after a call, to the last line of the function called; functions without source are passed over.",
    needs: "process",
    isQuiet: true,
    run: repeated("fred-reverse-step", reverseStep),
  },
  {
    name: "fred-reverse-finish",
    aliases: ["rf"],
    args: "none",
    usage: "",
    summary: "Back to the statement that called the present function.",
    help: "In the outermost function with source nothing moves.",
    needs: "process",
    isQuiet: true,
    run: finish,
  },
  {
    name: "fred-reverse-continue",
    aliases: ["rc"],
    args: "none",
    usage: "",
    summary: "Back to the previous breakpoint hit.",
    help: "Without one: to the start of the history.",
    needs: "process",
    isQuiet: false,
    run: backToBreakpoint,
  },
];
