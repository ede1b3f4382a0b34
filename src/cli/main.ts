/** The entry of fred-ts: finds the subcommand, runs it, and turns failures into one line and an exit status. */
import { FredError } from "../errors.ts";
import { renderGdbHelp, renderHelp, type Subcommand } from "./help.ts";
import { outliveTerminal } from "./lifetime.ts";
import { nearest } from "./nearest.ts";
import { readVersion } from "./version.ts";

interface RunnableSubcommand extends Subcommand {
  run(words: readonly string[]): Promise<number>;
}

const subcommands: readonly RunnableSubcommand[] = [
  {
    name: "gdb",
    usage: "gdb [options] [--args] PROGRAM [ARGS…]",
    summary: "debug PROGRAM with gdb, back and forth in time (fred-ts help gdb)",
    run: debugWithGdb,
  },
  {
    name: "record",
    usage: "record [-o DIR] [--hz N] [--max-size SIZE] [--follow-children] [--] PROGRAM [ARGS…]",
    summary: "run PROGRAM and write its recording to DIR",
    run: async (words) => await (await import("./recordCommand.ts")).runRecordCommand(words),
  },
  {
    name: "replay",
    usage: "replay [--verify] [--timeline N] [options of gdb] [DIR]",
    summary: "debug a recording with gdb, from its end; --verify: replay all of it and compare",
    run: async (words) => await (await import("./replayCommand.ts")).runReplayCommand(words),
  },
  {
    name: "ls",
    usage: "ls",
    summary: "the recordings that were not given a place of their own",
    run: async () => (await import("./recordingsCommand.ts")).listRecordings(),
  },
  {
    name: "info",
    usage: "info [DIR]",
    summary: "what a recording holds",
    run: async (words) => (await import("./recordingsCommand.ts")).showRecording(words),
  },
  {
    name: "pack",
    usage: "pack [DIR]",
    summary: "copy the files that the program had mapped into its recording, so that it can go elsewhere",
    run: async (words) => (await import("./recordingsCommand.ts")).packOne(words),
  },
  { name: "help", usage: "help [gdb]", summary: "this text, or the options of a command", run: help },
  { name: "version", usage: "version", summary: "the version of fred-ts", run: version },
];

const aliases: Readonly<Record<string, string>> = {
  "--help": "help",
  "-h": "help",
  "--version": "version",
  "-v": "version",
};

/** `words`: the command line without node and script. Resolves with the exit status. */
export async function main(words: readonly string[]): Promise<number> {
  outliveTerminal();
  try {
    const [word, ...rest] = words;
    if (word === undefined) {
      process.stderr.write(renderHelp(subcommands));
      return 1;
    }
    return await findSubcommand(word).run(rest);
  } catch (error) {
    return report(error);
  }
}

function findSubcommand(word: string): RunnableSubcommand {
  const name = aliases[word] ?? word;
  const found = subcommands.find((row) => row.name === name);
  if (found !== undefined) return found;
  const names = subcommands.map((row) => row.name);
  throw new FredError("unknownSubcommand", { name: word, nearest: nearest(word, names) });
}

async function debugWithGdb(words: readonly string[]): Promise<number> {
  const { runGdbCommand } = await import("./gdbCommand.ts");
  const { makeTimeMachine } = await import("./recordedTime.ts");
  return await runGdbCommand(words, makeTimeMachine);
}

async function help(words: readonly string[]): Promise<number> {
  process.stdout.write(words[0] === "gdb" ? renderGdbHelp() : renderHelp(subcommands));
  return 0;
}

async function version(): Promise<number> {
  process.stdout.write(`fred-ts ${readVersion()}\n`);
  return 0;
}

/** One line for what the user can mend; the stack as well for what only we can. */
function report(error: unknown): number {
  const isOurs = error instanceof FredError;
  if (isOurs && error.blame === "nobody") return 1;
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`fred-ts: ${text}\n`);
  if (!isOurs || error.blame === "internal") process.stderr.write(`${(error as Error).stack ?? ""}\n`);
  return 1;
}
