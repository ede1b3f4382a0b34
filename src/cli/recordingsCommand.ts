/** `fred-ts ls`, `fred-ts info` and `fred-ts pack`: what there is, without replaying it. */
import { basename } from "node:path";
import { packRecording } from "../engine/recordings.ts";
import { FredError } from "../errors.ts";
import {
  findRecording,
  mainTimeline,
  storeDirectory,
  storedRecordings,
  type TimelineOnDisk,
  timelinesOf,
} from "./recordingStore.ts";
import { describeEnding } from "./replayCommand.ts";

const longestCommand = 60;

export function listRecordings(): number {
  const recordings = storedRecordings();
  if (recordings.length === 0) throw new FredError("noRecordings", { directory: storeDirectory() });
  for (const path of recordings) process.stdout.write(`${describe(path)}\n`);
  return 0;
}

function describe(path: string): string {
  const name = basename(path).padEnd(20);
  try {
    const timelines = timelinesOf(path);
    const { summary } = timelines[0] as TimelineOnDisk;
    const size = timelines.reduce((sum, each) => sum + each.summary.bytes, 0);
    return [
      name,
      renderTime(summary.startedMs),
      renderSize(size).padStart(9),
      renderCommand(summary.argv),
    ].join("  ");
  } catch (error) {
    return `${name}  ${error instanceof Error ? error.message : String(error)}`;
  }
}

export function showRecording([word]: readonly string[]): number {
  const recording = findRecording(word);
  const timelines = timelinesOf(recording);
  const main = mainTimeline(timelines);
  process.stdout.write(`recording:   ${recording}\n`);
  for (const each of timelines) {
    const isMain = timelines.length > 1 && each === main;
    if (timelines.length > 1)
      process.stdout.write(
        `\ntimeline ${each.number}: ${describeOrigin(each)}${isMain ? " (replay shows this one)" : ""}\n`,
      );
    for (const [name, value] of rowsOf(each)) process.stdout.write(`${`${name}:`.padEnd(12)} ${value}\n`);
  }
  return 0;
}

function describeOrigin({ summary: { origin, parent } }: TimelineOnDisk): string {
  if (origin === "exec") return `executed by timeline ${parent}`;
  return origin === "fork" ? `a child of timeline ${parent}` : "the program that was started";
}

function rowsOf({ summary }: TimelineOnDisk): readonly (readonly [string, string])[] {
  const references = summary.files.filter((file) => file.kind === "reference").map((file) => file.path);
  return [
    ["program", summary.program],
    ["command", renderCommand(summary.argv)],
    ["folder", summary.cwd],
    ["started", renderTime(summary.startedMs)],
    ["CPU time", `${(summary.cpuNs / 1e9).toFixed(3)} s`],
    ["events", String(summary.events)],
    ["states", String(summary.states)],
    ["size", renderSize(summary.bytes)],
    [
      "ending",
      `${describeEnding(summary.ending)}${summary.isWhole ? "" : "; cut off: its writer was killed"}`,
    ],
    ["files", references.length === 0 ? "all within (packed)" : `needs ${references.join(", ")}`],
  ];
}

export function packOne([word]: readonly string[]): number {
  const recording = findRecording(word);
  const count = timelinesOf(recording).reduce((sum, { directory }) => sum + packRecording(directory), 0);
  const what = count === 0 ? "it was packed already" : `${count} file${count === 1 ? "" : "s"} copied`;
  process.stdout.write(
    `${recording}: ${what}; it can be replayed on machines with the same kind of processor.\n`,
  );
  return 0;
}

/** As one line that a terminal shows whole. */
function renderCommand(argv: readonly string[]): string {
  const words = argv.map((word) => (/^[\w@%+=:,./-]+$/u.test(word) ? word : JSON.stringify(word)));
  const line = words.join(" ");
  return line.length > longestCommand ? `${line.slice(0, longestCommand)}…` : line;
}

function renderTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

function renderSize(bytes: number): string {
  const names = ["B", "KiB", "MiB", "GiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < names.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${names[unit]}`;
}
