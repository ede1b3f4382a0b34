/** Where recordings lie that were not given a place: $XDG_DATA_HOME/fred-ts, one folder each, "NAME-NUMBER". */
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { type RecordingSummary, summariseRecording } from "../engine/recordings.ts";
import { FredError } from "../errors.ts";

export function storeDirectory(): string {
  return join(process.env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "fred-ts");
}

/** A name that is not used yet; the folder itself is the engine's to make. */
export function newRecordingPath(program: string): string {
  const store = storeDirectory();
  mkdirSync(store, { recursive: true, mode: 0o700 });
  const name = basename(program);
  const used = new Set(readdirSync(store));
  for (let number = 0; ; number++)
    if (!used.has(`${name}-${number}`)) return join(store, `${name}-${number}`);
}

/** Newest first. */
export function storedRecordings(): readonly string[] {
  const store = storeDirectory();
  let names: string[];
  try {
    names = readdirSync(store);
  } catch {
    return [];
  }
  const dated = names
    .map((name) => join(store, name))
    .map((path) => ({
      path,
      time: statSync(join(path, "0", "log"), { throwIfNoEntry: false })?.mtimeMs ?? null,
    }))
    .filter((one): one is { path: string; time: number } => one.time !== null);
  return dated.sort((a, b) => b.time - a.time).map(({ path }) => path);
}

/** A path, a name that fred-ts ls shows, or without a word the newest. Throws FredError "noRecordings". */
export function findRecording(word: string | undefined): string {
  const stored = storedRecordings();
  if (word === undefined) {
    const newest = stored[0];
    if (newest === undefined) throw new FredError("noRecordings", { directory: storeDirectory() });
    return newest;
  }
  const isHere = existsSync(join(resolve(word), "0", "log"));
  return isHere ? resolve(word) : (stored.find((path) => basename(path) === word) ?? resolve(word));
}

/** One process's run of one program within a recording. */
export interface TimelineOnDisk {
  readonly number: number;
  readonly directory: string;
  readonly summary: RecordingSummary;
}

/** In the order in which they began. Throws FredError "badRecording". */
export function timelinesOf(recording: string): readonly TimelineOnDisk[] {
  const names = statSync(recording, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(recording) : [];
  const numbers = names.filter((name) => /^\d+$/u.test(name)).map(Number);
  if (!numbers.includes(0)) throw new FredError("badRecording", { detail: `there is none in ${recording}` });
  return numbers
    .sort((a, b) => a - b)
    .map((number) => join(recording, String(number)))
    .map((directory) => ({
      number: Number(basename(directory)),
      directory,
      summary: summariseRecording(directory),
    }));
}

/** What the program that was started has become at its end: the last that it executed. */
export function mainTimeline(timelines: readonly TimelineOnDisk[]): TimelineOnDisk {
  let main = timelines[0] as TimelineOnDisk;
  for (const each of timelines)
    if (each.summary.origin === "exec" && each.summary.parent === main.number) main = each;
  return main;
}
