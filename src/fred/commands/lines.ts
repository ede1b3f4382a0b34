/** Commands about the line of history: history, branch, switch, save, source, help. */
import { resolve } from "node:path";
import { invariant } from "../../errors.ts";
import type { Arguments } from "../../history/argumentGrammar.ts";
import { renderHistory, renderSinceCheckpoint } from "../../history/render.ts";
import { decomposeMarks } from "../pieces.ts";
import { namedCommand, usageOf } from "./resolve.ts";
import type { CommandContext, CommandResult, CommandSpec } from "./spec.ts";

async function showHistory({ journey, record, ui, report }: CommandContext): Promise<CommandResult> {
  await decomposeMarks(journey, record.history, report);
  const { current } = record.history;
  await ui.print(renderHistory(current));
  if (current.entries.some((entry) => entry.kind === "checkpoint")) {
    await ui.print(`since the last checkpoint: ${renderSinceCheckpoint(current)}`);
  }
  return { kind: "stayed" };
}

async function branch({ journey, record, ui }: CommandContext, args: Arguments): Promise<CommandResult> {
  invariant(args.kind === "word" && args.word !== null, "fred-branch takes a name");
  const { parent } = record.history.fork(args.word);
  const { isAtHead } = await journey.timeline();
  if (!isAtHead) for (const line of await journey.engine.startBranch()) await ui.print(line);
  await ui.print(`on branch ${args.word} now; fred-switch ${parent?.name} goes back to where you left it.`);
  return { kind: "stayed" };
}

async function switchBranch({ journey, record }: CommandContext, args: Arguments): Promise<CommandResult> {
  invariant(args.kind === "word" && args.word !== null, "fred-switch takes a name");
  const { here, name, ahead } = record.history.switchTo(args.word);
  // The state where two branches part is on both: one that only this branch has tells the engine which is meant.
  const own = ahead.at(-1);
  if (own !== undefined) await journey.travel(own.after);
  return { kind: "arrived", at: here, lines: [`on branch ${name}`] };
}

async function source({ ui }: CommandContext, args: Arguments): Promise<CommandResult> {
  invariant(args.kind === "word" && args.word !== null, "fred-source takes a file");
  await ui.source(args.word);
  return { kind: "stayed" };
}

async function save({ journey, ui }: CommandContext, args: Arguments): Promise<CommandResult> {
  invariant(args.kind === "word" && args.word !== null, "fred-save takes a folder");
  const directory = resolve(args.word);
  await journey.engine.save(directory);
  await ui.print(`saved; fred-ts replay ${directory} looks at it again.`);
  return { kind: "stayed" };
}

async function help({ ui, table }: CommandContext, args: Arguments): Promise<CommandResult> {
  const word = args.kind === "word" ? args.word : null;
  const row = word === null ? null : namedCommand(table, word);
  if (row === null) {
    for (const each of table) await ui.print(`${usageOf(each).padEnd(42)} ${each.summary}`);
    await ui.print('"fred-" may be left out where the debugger has no command of that name.');
    return { kind: "stayed" };
  }
  await ui.print(`${usageOf(row)}${row.aliases.length === 0 ? "" : `   (also ${row.aliases.join(", ")})`}`);
  await ui.print(`${row.summary} ${row.help}`);
  return { kind: "stayed" };
}

export const lineCommands: readonly CommandSpec[] = [
  {
    name: "fred-history",
    aliases: [],
    args: "none",
    usage: "",
    summary: "Show the commands that led here.",
    help: "After a reverse command, a longer command is shown as the smaller ones that lead here; `ahead` is what can be replayed.",
    needs: "process",
    isQuiet: true,
    run: showHistory,
  },
  {
    name: "fred-branch",
    aliases: [],
    args: "name",
    usage: "NAME",
    summary: "Go on from here on a new branch; the present one stays as it is.",
    help: "In the past the program then runs live, no longer along the recording.",
    needs: "process",
    isQuiet: false,
    run: branch,
  },
  {
    name: "fred-switch",
    aliases: [],
    args: "name",
    usage: "NAME",
    summary: "Go to another branch, where it was left.",
    help: "fred-list shows the branches.",
    needs: "process",
    isQuiet: false,
    run: switchBranch,
  },
  {
    name: "fred-save",
    aliases: [],
    args: "file",
    usage: "DIR",
    summary: "Write the present line of history to a folder, as a recording.",
    help: "fred-ts replay DIR travels in it later, fred-ts pack DIR makes it fit for another machine.",
    needs: "process",
    isQuiet: false,
    run: save,
  },
  {
    name: "fred-source",
    aliases: [],
    args: "file",
    usage: "FILE",
    summary: "Read commands from a file.",
    help: "As the debugger's own source command; fred commands may stand in the file.",
    needs: "nothing",
    isQuiet: false,
    run: source,
  },
  {
    name: "fred-help",
    aliases: [],
    args: "word",
    usage: "[COMMAND]",
    summary: "List the fred commands, or explain one.",
    help: "",
    needs: "nothing",
    isQuiet: false,
    run: help,
  },
];
