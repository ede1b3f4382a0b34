/** `fred-ts gdb …`: checks what the user gave, then composes the parts and runs them. */
import { statSync } from "node:fs";
import { ReadStream, WriteStream } from "node:tty";
import { FredError } from "../errors.ts";
import { UserTerminal } from "../fred/repl/userTerminal.ts";
import { findGdb } from "./gdbCheck.ts";
import { runGdbFrontEnd } from "./gdbFrontEnd.ts";
import { type GdbOptions, parseGdbOptions } from "./gdbOptions.ts";
import { renderGdbHelp } from "./help.ts";
import { makePrivateDirectory } from "./privateDirectory.ts";
import { findProgram } from "./programFile.ts";
import type { TimeMachine } from "./timeMachine.ts";
import { readVersion } from "./version.ts";

const smallest = { columns: 20, rows: 4 };

/** `makeTime` builds the engine, the RSP server and the session; tests give their own. Returns the exit status. */
export async function runGdbCommand(
  words: readonly string[],
  makeTime: (options: GdbOptions) => Promise<TimeMachine>,
): Promise<number> {
  const options = parseGdbOptions(words);
  if (options.wantsHelp) return show(renderGdbHelp());
  if (options.wantsVersion) return show(`fred-ts ${readVersion()}\n`);
  return await runGdbSession(options, makeTime);
}

/** Returns the exit status. */
export async function runGdbSession(
  options: GdbOptions,
  makeTime: (options: GdbOptions) => Promise<TimeMachine>,
): Promise<number> {
  enter(options.directory);
  const gdbPath = findGdb(options.gdbPath);
  const program = options.program === null ? null : findProgram(options.program);
  const terminal = findTerminal(options);
  if (program?.hasDebugInfo === false) warnNoDebugInfo(options.program ?? program.path);
  const time = await makeTime(options);
  // gdb gets the name as typed: it shows it, and finds the file as we did.
  const parts = { options, gdbPath, program: options.program, terminal, time };
  return await runGdbFrontEnd({ ...parts, directory: makePrivateDirectory() });
}

function show(text: string): number {
  process.stdout.write(text);
  return 0;
}

function enter(directory: string | null): void {
  if (directory === null) return;
  try {
    if (!statSync(directory).isDirectory()) throw new Error("is not a directory");
    process.chdir(directory);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "no such directory" : "is no directory";
    throw new FredError("badDirectory", { path: directory, why }, { cause: error });
  }
}

/** The user's terminal when gdb would be interactive on it. */
function findTerminal(options: GdbOptions): UserTerminal | null {
  if (options.isBatch || !process.stdin.isTTY || !process.stdout.isTTY) return null;
  if (!(process.stdin instanceof ReadStream) || !(process.stdout instanceof WriteStream)) return null;
  const terminal = new UserTerminal(process.stdin, process.stdout);
  const { columns, rows } = terminal.size;
  if (columns < smallest.columns || rows < smallest.rows)
    throw new FredError("terminalTooSmall", { columns, rows });
  return terminal;
}

function warnNoDebugInfo(name: string): void {
  process.stderr.write(
    `fred-ts: ${name} has no debug information: functions and lines are unknown; compile it with -g.\n`,
  );
}
