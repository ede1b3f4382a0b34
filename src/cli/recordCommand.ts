/** `fred-ts record … PROGRAM`: runs a program as a shell would, writes its recording, and ends as the program ends. */
import { accessSync, constants } from "node:fs";
import { constants as systemConstants } from "node:os";
import { delimiter, join, resolve } from "node:path";
import type { Stop } from "../engine/engine.ts";
import { engineErrorCode } from "../engine/engineErrors.ts";
import { NativeEngine } from "../engine/nativeEngine.ts";
import { FredError } from "../errors.ts";
import { nearest } from "./nearest.ts";
import { newRecordingPath } from "./recordingStore.ts";

const usage = "record [-o DIR] [--hz N] [--max-size SIZE] [--follow-children] [--] PROGRAM [ARGS…]";
const highestHz = 1000;
const valueOptions = ["-o", "--output", "--hz", "--max-size"];
const help = "fred-ts help";

interface RecordOptions {
  readonly directory: string | null;
  readonly checkpointHz: number;
  /** Bytes; null: no limit. */
  readonly maxSize: number | null;
  readonly followsChildren: boolean;
  readonly program: string;
  readonly programArguments: readonly string[];
}

/** Returns the exit status of the program; a fatal signal ends this process as well. */
export async function runRecordCommand(words: readonly string[]): Promise<number> {
  const options = parseRecordOptions(words);
  const path = locate(options.program);
  const directory = options.directory ?? newRecordingPath(path);
  const engine = new NativeEngine();
  try {
    const end = await record(engine, options, path, directory);
    return endAs(end);
  } finally {
    await engine.close();
  }
}

async function record(
  engine: NativeEngine,
  options: RecordOptions,
  path: string,
  directory: string,
): Promise<Stop> {
  const first = await engine.launch({
    path,
    argv: [options.program, ...options.programArguments],
    env: Object.entries(process.env).map(([name, value]) => `${name}=${value}`),
    cwd: process.cwd(),
    disableAslr: true,
    tty: null,
    redirections: [],
    checkpointHz: options.checkpointHz,
    tracker: "auto",
    recordTo: resolve(directory),
    ...(options.maxSize === null ? {} : { recordLimit: options.maxSize }),
    followsChildren: options.followsChildren,
    keepsGroup: true,
  });
  passSignalsOn(first.pid);
  let stop: Stop | null = first;
  do stop = await goOn(engine, stop);
  while (stop !== null && ["signal", "interrupted", "executed"].includes(stop.kind));
  const status = await engine.recordingStatus();
  if (stop?.kind === "unsupported") tell(new FredError("recordingEnds", { why: stop.text }).message);
  // The program itself goes through its end: others may wait for that.
  const end: Stop =
    stop === null
      ? { ...first, kind: "killed", signal: systemConstants.signals.SIGKILL }
      : await engine.letGo();
  for (const line of await engine.takeNotes()) tell(line);
  if (status !== null && status.failure !== null)
    tell(new FredError("recordingFailed", { detail: status.failure }).message);
  return end;
}

/** Null: somebody has killed the program. */
async function goOn(engine: NativeEngine, stop: Stop): Promise<Stop | null> {
  try {
    return await engine.resume({ mode: "continue", signal: stop.kind === "signal" ? stop.signal : 0 });
  } catch (error) {
    if (engineErrorCode(error) !== "GONE") throw error;
    return null;
  }
}

/** The terminal's own signals reach the program by itself: it is in our process group. Those sent to us are meant for it. */
function passSignalsOn(pid: number): void {
  for (const signal of ["SIGINT", "SIGQUIT"] as const) process.on(signal, () => {});
  for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const)
    process.on(signal, () => void process.kill(pid, signal));
}

function endAs(end: Stop): number {
  if (end.kind !== "killed") return end.kind === "exited" ? end.code : 1;
  const name = Object.entries(systemConstants.signals).find(([, number]) => number === end.signal)?.[0];
  process.removeAllListeners(name ?? "");
  if (name !== undefined) process.kill(process.pid, name);
  return 128 + end.signal;
}

function tell(text: string): void {
  process.stderr.write(`fred-ts: ${text}\n`);
}

function parseRecordOptions(words: readonly string[]): RecordOptions {
  const rest = [...words];
  let directory: string | null = null;
  let checkpointHz = 10;
  let maxSize: number | null = null;
  let followsChildren = false;
  while (rest[0]?.startsWith("-") === true) {
    const word = rest.shift() as string;
    if (word === "--") break;
    if (word === "--follow-children") {
      followsChildren = true;
      continue;
    }
    const equals = word.startsWith("--") ? word.indexOf("=") : -1;
    const option = equals < 0 ? word : word.slice(0, equals);
    if (!valueOptions.includes(option))
      throw new FredError("unknownOption", { option: word, nearest: nearest(option, valueOptions), help });
    const value = equals < 0 ? rest.shift() : word.slice(equals + 1);
    if (value === undefined) throw new FredError("optionNeedsValue", { option, help });
    if (option === "--hz") checkpointHz = readNumber(option, value, highestHz);
    else if (option === "--max-size") maxSize = readSize(option, value);
    else directory = value;
  }
  const [program, ...programArguments] = rest;
  if (program === undefined) throw new FredError("wordMissing", { usage });
  return { directory, checkpointHz, maxSize, followsChildren, program, programArguments };
}

function readNumber(option: string, value: string, most: number): number {
  const number = value.trim() === "" ? Number.NaN : Number(value);
  if (number >= 0 && number <= most) return number;
  throw new FredError("badOptionValue", { option, value, expected: `a number from 0 to ${most}` });
}

const units: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

function readSize(option: string, value: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([kmgt]?)b?$/iu.exec(value) ?? [];
  if (digits === undefined || unit === undefined || Number(digits) === 0)
    throw new FredError("badOptionValue", { option, value, expected: "a size such as 500M or 2G" });
  return Math.round(Number(digits) * (units[unit.toLowerCase()] as number));
}

/** As a shell finds it. */
function locate(name: string): string {
  if (name.includes("/")) return resolve(name);
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    const candidate = join(directory || ".", name);
    try {
      accessSync(candidate, constants.X_OK);
      return resolve(candidate);
    } catch {}
  }
  throw new FredError("programMissing", { path: name, why: "no such program on PATH" });
}
