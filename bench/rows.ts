/** What is measured: one row a promise, each with its goal. All figures are of this run on this machine. */
import { execFileSync } from "node:child_process";
import {
  type Command,
  elapsedMs,
  fredTs,
  plainGdb,
  programPath,
  type RecordedRun,
  runNative,
  runRecorded,
  runSession,
  targetPath,
  timed,
  timeToPrompt,
} from "./sessions.ts";
import { measurePairs, median } from "./statistics.ts";

export interface Measurement {
  /** What it is compared with: milliseconds, or null when the goal is a time alone. */
  readonly baseMs: number | null;
  readonly oursMs: number;
  readonly ratio: number | null;
  /** What else was measured, behind the row. */
  readonly note?: string;
}

export interface Row {
  readonly key: string;
  readonly name: string;
  /** What `baseMs` is. */
  readonly base: string;
  readonly goal: string;
  readonly isMet: ((m: Measurement) => boolean) | null;
  measure(): Promise<Measurement>;
}

/** Of the whole sieve: 1,000 take about 130 ms on the machine this was written on. */
const computeRounds = 20_000;
const searchRounds = 40_000;
const sieve = programPath("sieve");

function repeat(count: number, commands: readonly Command[]): Command[] {
  return Array.from({ length: count }, () => commands).flat();
}

function only(oursMs: number): Measurement {
  return { baseMs: null, oursMs, ratio: null };
}

/** Median time of the timed commands of one session. */
async function medianOfSession(
  commands: readonly Command[],
  program: readonly string[],
): Promise<Measurement> {
  const session = await runSession(fredTs, commands, program);
  return only(median(session.timesMs));
}

async function recordedElapsed(program: readonly string[]): Promise<number> {
  return elapsedMs((await runSession(fredTs, ["run"], program)).output);
}

/** Best of each: the debuggee is pinned to one CPU and cannot flee from another program there, the native run can. */
async function measureCompute(): Promise<Measurement> {
  const args = [String(computeRounds)];
  const pairs = await measurePairs(
    7,
    () => runNative(sieve, args),
    () => recordedElapsed([sieve, ...args]),
  );
  return { baseMs: pairs.bestBase, oursMs: pairs.bestOurs, ratio: pairs.bestOurs / pairs.bestBase };
}

async function measureSyscalls(): Promise<Measurement> {
  const program = programPath("calls");
  const pairs = await measurePairs(
    3,
    () => runNative(program, ["20000"]),
    () => recordedElapsed([program, "20000"]),
  );
  return { baseMs: pairs.base, oursMs: pairs.ours, ratio: pairs.ratio };
}

function measureUndoNext(): Promise<Measurement> {
  const lines = programPath("lines");
  return medianOfSession(
    ["break main", "run", "next", "next", ...repeat(21, ["next", timed("fred-undo")])],
    [lines],
  );
}

/** The pages are there before the continue that writes them, so that undo has to bring back every one. */
function measureUndoPages(): Promise<Measurement> {
  const commands = [
    "break dirty",
    "run",
    "continue",
    "break done",
    ...repeat(7, ["continue", timed("fred-undo")]),
  ];
  return medianOfSession(commands, [targetPath("memory_dirty"), "10000"]);
}

function measureReverse(forward: "next" | "step"): Promise<Measurement> {
  const commands = [
    "break main",
    "run",
    ...repeat(45, [forward]),
    ...repeat(31, [timed(`fred-reverse-${forward}`)]),
  ];
  return medianOfSession(commands, [programPath("lines")]);
}

/** The run and the search in one session: the program's own time is the base. */
async function measureSearch(): Promise<Measurement> {
  const commands = [
    "break done",
    timed("run"),
    timed(`fred-reverse-watch rounds_done < ${searchRounds * 0.6}`),
    "print rounds_done",
  ];
  const ours: number[] = [];
  const base: number[] = [];
  for (let round = 0; round < 3; round++) {
    const { timesMs, output } = await runSession(fredTs, commands, [sieve, String(searchRounds)]);
    if (!output.includes("culprit:")) throw new Error(`the search found nothing:\n${output}`);
    base.push(timesMs[0] ?? Number.NaN);
    ours.push(timesMs[1] ?? Number.NaN);
  }
  return { baseMs: median(base), oursMs: median(ours), ratio: median(ours) / median(base) };
}

async function measurePrompt(): Promise<Measurement> {
  const pairs = await measurePairs(
    7,
    () => timeToPrompt(plainGdb, sieve),
    () => timeToPrompt(fredTs, sieve),
  );
  return { baseMs: pairs.base, oursMs: pairs.ours, ratio: pairs.ratio };
}

/**
 * The same small piece of work: one sieve of 1,500 numbers. gdb's recording is so slow that it does one round; we do as many as
 * give a time that can be measured, and divide.
 */
async function measureRecordFull(): Promise<Measurement> {
  const limit = "1500";
  const ourRounds = 100_000;
  const gdbTimes: number[] = [];
  const ourTimes: number[] = [];
  for (let round = 0; round < 3; round++) {
    const gdb = await runSession(
      plainGdb,
      [
        "break all_rounds",
        "break done",
        "run",
        "set record full insn-number-max unlimited",
        "record full",
        timed("continue"),
      ],
      [sieve, "1", limit],
    );
    if (!/Breakpoint 2, done/.test(gdb.output))
      throw new Error(`gdb's recording did not reach done:\n${gdb.output}`);
    gdbTimes.push(gdb.timesMs[0] ?? Number.NaN);
    ourTimes.push((await recordedElapsed([sieve, String(ourRounds), limit])) / ourRounds);
  }
  return { baseMs: median(gdbTimes), oursMs: median(ourTimes), ratio: median(gdbTimes) / median(ourTimes) };
}

/** The command of the row with these words for `work`, or a program of the system. */
function recordingRow(
  key: string,
  name: string,
  command: () => readonly string[],
  limit: number | null = null,
): Row {
  return {
    key,
    name,
    base: "native",
    goal: limit === null ? "(reported)" : `<= ${limit} x`,
    isMet: limit === null ? null : (m) => (m.ratio ?? Number.NaN) <= limit,
    measure: async () => {
      const runs = Array.from({ length: 3 }, () => runRecorded(command(), key !== "record-compile"));
      const of = (pick: (run: RecordedRun) => number) => median(runs.map(pick));
      const [nativeMs, oursMs] = [of((run) => run.nativeMs), of((run) => run.recordedMs)];
      const replay = of((run) => run.replayedMs / run.nativeMs);
      const speed = of((run) => run.bytes / 1e3 / run.recordedMs);
      const note = `replay ${replay.toFixed(1)} x, ${speed.toFixed(1)} MB/s of log`;
      return { baseMs: nativeMs, oursMs, ratio: oursMs / nativeMs, note };
    },
  };
}

function work(...words: readonly string[]): () => readonly string[] {
  return () => [programPath("work"), ...words];
}

/** The compiler proper: gcc itself only starts it. */
function compileCommand(): readonly string[] {
  const cc1 = execFileSync("gcc", ["-print-prog-name=cc1"], { encoding: "utf8" }).trim();
  return [cc1, "-quiet", "-fpreprocessed", "-O2", `${programPath("work")}.i`, "-o", "/dev/null"];
}

/** All on one processor, as a recording runs it. */
function pingPong(): readonly string[] {
  return ["taskset", "-c", "0", programPath("work"), "ping-pong", "20000"];
}

export const rows: readonly Row[] = [
  recordingRow("record-calls", "write and read of 64 B, recorded", work("calls", "50000")),
  recordingRow("record-copy", "copy of 64 MiB, recorded", work("copy", "4")),
  recordingRow("record-ping-pong", "8 threads hand over, recorded", pingPong, 3),
  recordingRow("record-churn", "malloc and free, recorded", work("churn", "20000000")),
  recordingRow("record-compile", "compiling a file, recorded", compileCommand),
  {
    key: "compute",
    name: "computing, recorded at 10 Hz, best of 7",
    base: "native",
    goal: "<= 1.03 x",
    isMet: (m) => (m.ratio ?? Number.NaN) <= 1.03,
    measure: measureCompute,
  },
  {
    key: "undo-next",
    name: "undo of a next",
    base: "",
    goal: "<= 30 ms",
    isMet: (m) => m.oursMs <= 30,
    measure: measureUndoNext,
  },
  {
    key: "undo-pages",
    name: "undo of a continue, 10,000 pages",
    base: "",
    goal: "<= 100 ms",
    isMet: (m) => m.oursMs <= 100,
    measure: measureUndoPages,
  },
  {
    key: "reverse-next",
    name: "reverse-next, median of 31",
    base: "",
    goal: "<= 100 ms",
    isMet: (m) => m.oursMs <= 100,
    measure: () => measureReverse("next"),
  },
  {
    key: "reverse-step",
    name: "reverse-step, median of 31",
    base: "",
    goal: "<= 100 ms",
    isMet: (m) => m.oursMs <= 100,
    measure: () => measureReverse("step"),
  },
  {
    key: "search",
    name: "reverse-watch over a run of 5 s",
    base: "that run",
    goal: "<= 3 x",
    isMet: (m) => (m.ratio ?? Number.NaN) <= 3,
    measure: measureSearch,
  },
  {
    key: "prompt",
    name: "to the first prompt",
    base: "gdb",
    goal: "<= gdb + 500 ms",
    isMet: (m) => m.oursMs - (m.baseMs ?? Number.NaN) <= 500,
    measure: measurePrompt,
  },
  {
    key: "record-full",
    name: "one small sieve, against record full",
    base: "gdb record",
    goal: "(reported)",
    isMet: null,
    measure: measureRecordFull,
  },
  {
    key: "syscalls",
    name: "40,000 system calls, recorded",
    base: "native",
    goal: "(reported)",
    isMet: null,
    measure: measureSyscalls,
  },
];
