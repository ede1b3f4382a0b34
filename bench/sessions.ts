/** Runs programs, gdb and fred-ts for a measurement: to their end with their output, or up to the first prompt in a terminal. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawn as spawnInTerminal } from "node-pty";

/** The compiled file lies in bench/build. */
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const sessionDeadlineMs = 180_000;
const promptDeadlineMs = 30_000;

export const fredTs: readonly string[] = [join(root, "bin", "fred-ts"), "gdb"];
export const plainGdb: readonly string[] = ["gdb"];

export function programPath(name: "sieve" | "calls" | "lines" | "work"): string {
  return join(root, "bench", "build", name);
}

export function targetPath(name: string): string {
  return join(root, "test", "targets", "build", name);
}

/** Runs a program without a debugger; the milliseconds that it says it took. */
export function runNative(program: string, args: readonly string[]): number {
  const run = spawnSync(program, args, { encoding: "utf8", timeout: sessionDeadlineMs });
  return elapsedMs(run.stdout);
}

/** The last "elapsed_ns N" of an output, in milliseconds. */
export function elapsedMs(output: string): number {
  const last = [...output.matchAll(/elapsed_ns (\d+)/g)].at(-1)?.[1];
  if (last === undefined) throw new Error(`the program did not say how long it took:\n${output}`);
  return Number(last) / 1e6;
}

export interface RecordedRun {
  readonly nativeMs: number;
  readonly recordedMs: number;
  /** Of the whole replay, less what a replay of nothing takes. */
  readonly replayedMs: number;
  readonly bytes: number;
}

/** Wall-clock times of a command without us, under `fred-ts record`, and of its replay. `elapsed`: the time that the program tells. */
export function runRecorded(command: readonly string[], tellsTime: boolean): RecordedRun {
  const folder = mkdtempSync(join(tmpdir(), "fred-bench-"));
  const bin = join(root, "bin", "fred-ts");
  const time = (words: readonly string[]): number => {
    const [file, ...args] = words;
    const start = performance.now();
    const run = spawnSync(file ?? "", args, { encoding: "utf8", timeout: sessionDeadlineMs });
    if (run.status !== 0)
      throw new Error(`${words.join(" ")} ended with ${run.status}:\n${run.stdout}${run.stderr}`);
    return tellsTime && run.stdout.includes("elapsed_ns") ? elapsedMs(run.stdout) : performance.now() - start;
  };
  try {
    const [recording, nothing] = [join(folder, "work"), join(folder, "nothing")];
    const nativeMs = time(command);
    const startMs = time([bin, "record", "-o", nothing, "/bin/true"]);
    const recordedMs = time([bin, "record", "-o", recording, "--", ...command]) - (tellsTime ? 0 : startMs);
    const replayedMs =
      time([bin, "replay", "--verify", recording]) - time([bin, "replay", "--verify", nothing]);
    return { nativeMs, recordedMs, replayedMs, bytes: statSync(join(recording, "0", "log")).size };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Session {
  readonly output: string;
  /** Milliseconds of each timed command, in order. */
  readonly timesMs: readonly number[];
}

/** A command whose time is wanted. gdb's own Python reads the clock before and after, so nothing of the start counts. */
export interface Timed {
  readonly timed: string;
}

export type Command = string | Timed;

export function timed(command: string): Timed {
  return { timed: command };
}

/** Runs a debugger in -batch with these commands on a program. Throws when it fails. */
export async function runSession(
  debuggerCommand: readonly string[],
  commands: readonly Command[],
  program: readonly string[],
): Promise<Session> {
  const ex = ["set confirm off", "python import time", ...commands.flatMap(withClock)].flatMap((line) => [
    "-ex",
    line,
  ]);
  const [file, ...args] = [...debuggerCommand, "-q", "-nx", "-batch", ...ex, "--args", ...program];
  const output = await outputOf(file ?? "", args);
  const timesMs = [...output.matchAll(/^took_ms ([\d.]+)/gm)].map(([, ms]) => Number(ms));
  const wanted = commands.filter((command) => typeof command !== "string").length;
  if (timesMs.length !== wanted)
    throw new Error(`${timesMs.length} of ${wanted} commands were timed:\n${output}`);
  return { output, timesMs };
}

function withClock(command: Command): string[] {
  if (typeof command === "string") return [command];
  return [
    "python fred_bench_start = time.monotonic()",
    command.timed,
    'python print("took_ms %.3f" % ((time.monotonic() - fred_bench_start) * 1000))',
  ];
}

function outputOf(file: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], timeout: sessionDeadlineMs });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${file} ended with ${signal ?? code}:\n${output}`));
    });
  });
}

/** Milliseconds from the start of a debugger in a terminal to its first prompt. */
export function timeToPrompt(debuggerCommand: readonly string[], program: string): Promise<number> {
  const [file, ...args] = [...debuggerCommand, "-q", "-nx", program];
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const terminal = spawnInTerminal(file ?? "", args, { cols: 100, rows: 30 });
    let seen = "";
    let promptAfterMs: number | null = null;
    const deadline = setTimeout(() => terminal.kill("SIGKILL"), promptDeadlineMs);
    terminal.onData((text) => {
      seen += text;
      if (promptAfterMs !== null || !seen.includes("(gdb) ")) return;
      promptAfterMs = performance.now() - start;
      terminal.write("quit\r");
    });
    terminal.onExit(() => {
      clearTimeout(deadline);
      if (promptAfterMs === null) reject(new Error(`${file} gave no prompt:\n${seen}`));
      else resolve(promptAfterMs);
    });
  });
}
