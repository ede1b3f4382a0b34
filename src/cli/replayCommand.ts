/** `fred-ts replay [DIR]`: gdb on a recording, standing at its end; or, with --verify, the whole of it replayed and compared. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Stop } from "../engine/engine.ts";
import { NativeEngine } from "../engine/nativeEngine.ts";
import type { RecordingSummary } from "../engine/recordings.ts";
import { FredError } from "../errors.ts";
import { runGdbSession } from "./gdbCommand.ts";
import { parseGdbOptions } from "./gdbOptions.ts";
import { makeTimeMachine } from "./recordedTime.ts";
import { findRecording, mainTimeline, type TimelineOnDisk, timelinesOf } from "./recordingStore.ts";

const progressIntervalMs = 100;

/** Returns the exit status. */
export async function runReplayCommand(words: readonly string[]): Promise<number> {
  const { isVerify, timeline, gdbWords } = parse(words);
  const options = parseGdbOptions(gdbWords);
  const timelines = timelinesOf(findRecording(options.program ?? undefined));
  const chosen = timeline === null ? null : timelines.find(({ number }) => number === timeline);
  if (chosen === undefined)
    throw new FredError("noTimeline", { number: timeline ?? 0, count: timelines.length });
  if (isVerify) {
    for (const each of chosen === null ? timelines : [chosen]) await verify(each, timelines.length);
    return 0;
  }
  const { directory, summary } = chosen ?? mainTimeline(timelines);
  const program = programOf(directory, summary);
  const statements = [{ kind: "ex", text: "starti" } as const, ...options.statements];
  return await runGdbSession({ ...options, program, recording: directory, statements }, makeTimeMachine);
}

/** Our own options; the others are gdb's. */
function parse(words: readonly string[]) {
  const gdbWords = words.filter((word) => word !== "--verify");
  const at = gdbWords.findIndex((word) => word === "--timeline" || word.startsWith("--timeline="));
  if (at < 0) return { isVerify: gdbWords.length < words.length, timeline: null, gdbWords };
  const inline = (gdbWords[at] as string).split("=")[1];
  const [, value = inline] = gdbWords.splice(at, inline === undefined ? 2 : 1);
  const text = inline ?? value;
  if (text === undefined) throw new FredError("optionNeedsValue", { option: "--timeline" });
  if (!/^\d+$/u.test(text))
    throw new FredError("badOptionValue", { option: "--timeline", value: text, expected: "its number" });
  return { isVerify: words.includes("--verify"), timeline: Number(text), gdbWords };
}

/** The file with the program's symbols: where it was, or the copy in the recording. */
function programOf(directory: string, summary: RecordingSummary): string {
  const file = summary.files.find((one) => one.path === summary.program);
  const path = file?.kind === "copy" ? file.at : summary.program;
  if (existsSync(path)) return path;
  throw new FredError("badRecording", {
    detail: `${path}, the program of ${join(directory, "log")}, is missing`,
  });
}

/** Runs from every state to the next one; arriving there means that all registers and all memory are equal. */
async function verify({ number, directory, summary }: TimelineOnDisk, count: number): Promise<void> {
  const engine = new NativeEngine();
  const cancel = () => engine.interrupt();
  process.on("SIGINT", cancel);
  try {
    const end = await engine.open({ directory, checkpointHz: 0, tracker: "auto" });
    const states = (await engine.timeline()).past;
    const [start] = states;
    if (start === undefined) throw new FredError("badRecording", { detail: "it has no start" });
    await engine.restore(start.id);
    let shownMs = performance.now();
    for (const [index, state] of states.entries()) {
      if (index === 0) continue;
      const stop = await runTo(engine, state.id);
      if (stop.kind === "interrupted") throw new FredError("cancelled", {});
      if (stop.kind !== "historyEnd")
        throw new FredError("verifyFailed", { detail: explain(stop, state.event) });
      if (process.stderr.isTTY && performance.now() - shownMs > progressIntervalMs) {
        shownMs = performance.now();
        process.stderr.write(`\r\u001b[Kverified up to event ${state.event} of ${end.event}`);
      }
    }
    if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
    const name = count > 1 ? `timeline ${number} (${summary.argv[0] ?? summary.program}): ` : "";
    process.stdout.write(`${name}${report(states.length, end.event, summary)}\n`);
  } finally {
    process.off("SIGINT", cancel);
    await engine.close();
  }
}

async function runTo(engine: NativeEngine, limit: Parameters<NativeEngine["restore"]>[0]): Promise<Stop> {
  let stop = await engine.resume({ mode: "continue", limit });
  while (stop.kind === "signal") stop = await engine.resume({ mode: "continue", limit, signal: stop.signal });
  return stop;
}

function explain(stop: Stop, event: number): string {
  if (stop.kind === "diverged" || stop.kind === "unsupported") return stop.text;
  return `the state at event ${event} was never met; the replay came to event ${stop.event} (${stop.kind}). Please report it.`;
}

function report(states: number, events: number, { ending, isWhole }: RecordingSummary): string {
  const cut = isWhole ? "" : "; the recording was cut off there";
  return `identical: ${states} states and ${events} events, ${describeEnding(ending)}${cut}`;
}

export function describeEnding(ending: RecordingSummary["ending"]): string {
  if (ending === null) return "the program had not ended";
  return ending.kind === "exited" ? `exit status ${ending.number}` : `killed by signal ${ending.number}`;
}
