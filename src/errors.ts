/** Every failure that fred-ts can report: one row each, with its blame and a text that names the fact and the next step. */

export type Blame = "user" | "internal" | "nobody";

interface ErrorRow<Facts> {
  readonly id: number;
  readonly blame: Blame;
  text(facts: Facts): string;
}

function row<Facts>(id: number, blame: Blame, text: (facts: Facts) => string): ErrorRow<Facts> {
  return { id, blame, text };
}

function didYouMean(nearest: string | null): string {
  return nearest === null ? "" : ` (did you mean ${nearest}?)`;
}

export const errorRows = {
  cancelled: row<object>(1, "nobody", () => "cancelled"),
  internal: row<{ what: string }>(2, "internal", (f) => `internal error: ${f.what}; please report it.`),
  engineFailed: row<{ call: string; detail: string }>(
    10,
    "internal",
    (f) => `the engine failed in ${f.call}: ${f.detail}; the session can go on, travel back or run again.`,
  ),
  noProcess: row<{ command: string }>(
    20,
    "user",
    (f) => `"${f.command}" needs a running program; start it with run.`,
  ),
  noCheckpoint: row<{ command: string }>(
    21,
    "user",
    (f) => `"${f.command}" needs a checkpoint; make one with fred-checkpoint.`,
  ),
  unknownFredCommand: row<{ name: string; nearest: string | null }>(200, "user", (f) =>
    f.nearest === null
      ? `there is no fred command "${f.name}"; fred-help lists them.`
      : `there is no fred command "${f.name}"; did you mean ${f.nearest}? (fred-help lists all)`,
  ),
  badFredArguments: row<{ command: string; column: number; found: string; expected: string; usage: string }>(
    201,
    "user",
    (f) =>
      `${f.command}: column ${f.column}: ${f.expected} expected${f.found === "" ? "" : `, not "${f.found}"`}; usage: ${f.usage}`,
  ),
  nothingToUndo: row<{ wanted: number; available: number }>(202, "user", (f) =>
    f.available === 0
      ? "nothing to undo: no command has moved the program since its start; fred-reverse-next and fred-goto start go further back."
      : `only ${f.available} command${f.available === 1 ? "" : "s"} can be undone, not ${f.wanted}; try fred-undo ${f.available}.`,
  ),
  noEarlierStatement: row<{ command: string }>(
    203,
    "user",
    (f) =>
      `${f.command}: no statement with source lies before this one; reverse-stepi goes back by one instruction, fred-goto start to the first.`,
  ),
  outermostFrame: row<{ command: string }>(
    204,
    "user",
    (f) =>
      `${f.command}: this is the outermost function with source, nothing called it; try fred-reverse-next.`,
  ),
  unknownCheckpoint: row<{ name: string }>(
    205,
    "user",
    (f) => `there is no checkpoint "${f.name}"; fred-list shows them.`,
  ),
  unknownBranch: row<{ name: string }>(
    206,
    "user",
    (f) => `there is no branch "${f.name}"; fred-list shows them, fred-branch ${f.name} makes it.`,
  ),
  branchExists: row<{ name: string }>(
    207,
    "user",
    (f) => `a branch "${f.name}" exists already; fred-switch ${f.name} goes to it.`,
  ),
  unknownEvent: row<{ event: number; eventCount: number }>(
    208,
    "user",
    (f) => `event ${f.event} is not recorded; the recording has events 0 to ${f.eventCount}.`,
  ),
  noValueHere: row<{ expression: string; why: string }>(
    209,
    "user",
    (f) => `${f.expression} has no value here (${f.why}); go to a place where print ${f.expression} works.`,
  ),
  namelessFrame: row<{ expression: string }>(
    214,
    "user",
    (f) =>
      `${f.expression} uses registers of a function without a name, which cannot be found again elsewhere; compile the program with -g, or ask about memory.`,
  ),
  unknownSubcommand: row<{ name: string; nearest: string | null }>(
    100,
    "user",
    (f) => `"${f.name}" is not a fred-ts command${didYouMean(f.nearest)}; see fred-ts help.`,
  ),
  unknownOption: row<{ option: string; nearest: string | null; help?: string }>(
    101,
    "user",
    (f) => `unknown option ${f.option}${didYouMean(f.nearest)}; see ${f.help ?? "fred-ts help gdb"}.`,
  ),
  optionNeedsValue: row<{ option: string; help?: string }>(
    102,
    "user",
    (f) => `${f.option} needs a value; see ${f.help ?? "fred-ts help gdb"}.`,
  ),
  badOptionValue: row<{ option: string; value: string; expected: string }>(
    103,
    "user",
    (f) => `${f.option} ${f.value}: expected ${f.expected}.`,
  ),
  programMissing: row<{ path: string; why: string }>(
    104,
    "user",
    (f) => `${f.path}: ${f.why}; give the path of a program that exists.`,
  ),
  notAProgram: row<{ path: string; what: string; next: string }>(
    105,
    "user",
    (f) => `${f.path} is ${f.what}; ${f.next}.`,
  ),
  foreignProgram: row<{ path: string; what: string }>(
    106,
    "user",
    (f) => `${f.path} is ${f.what}; fred-ts debugs 64-bit x86 programs: build it for x86-64.`,
  ),
  loaderMissing: row<{ path: string; loader: string }>(
    118,
    "user",
    (f) =>
      `${f.path} needs the dynamic loader ${f.loader}, which is not here; install the C library that it was built for.`,
  ),
  gdbMissing: row<{ path: string }>(
    107,
    "user",
    (f) => `no program ${f.path} was found; install gdb (apt-get install gdb) or name it with --gdb PATH.`,
  ),
  gdbTooOld: row<{ path: string; version: string }>(
    108,
    "user",
    (f) => `${f.path} is gdb ${f.version}; fred-ts needs gdb 12 or newer: name another one with --gdb PATH.`,
  ),
  gdbWithoutPython: row<{ path: string }>(
    109,
    "user",
    (f) => `${f.path} has no Python; install the full gdb (apt-get install gdb) or name one with --gdb PATH.`,
  ),
  terminalTooSmall: row<{ columns: number; rows: number }>(
    111,
    "user",
    (f) => `the terminal has only ${f.columns} x ${f.rows} characters; enlarge it to 20 x 4 or more.`,
  ),
  argumentsWithoutArgs: row<{ program: string }>(
    112,
    "user",
    (f) => `to pass arguments to the program put --args before it: fred-ts gdb --args ${f.program} …`,
  ),
  cannotAttach: row<{ option: string }>(
    113,
    "user",
    (f) => `${f.option} is not possible: time travel needs the whole run; start the program under fred-ts.`,
  ),
  recordedAlready: row<object>(
    122,
    "user",
    () =>
      "gdb's record is not needed: fred-ts records already; reverse-step and fred-help show the ways back.",
  ),
  oneProgram: row<{ command: string }>(
    119,
    "user",
    (f) => `${f.command} is not possible: a recording has one program; start another fred-ts for the second.`,
  ),
  forkingCheckpoint: row<{ command: string }>(
    121,
    "user",
    (f) => `gdb's ${f.command} is about forks of the program; use fred-${f.command}.`,
  ),
  cannotDisconnect: row<object>(
    120,
    "user",
    () => "disconnect is not possible: it would end the recording; use kill for the program, or quit.",
  ),
  gdbRefused: row<{ command: string; why: string }>(
    114,
    "user",
    (f) => `gdb refused "${f.command}": ${f.why}`,
  ),
  gdbBroken: row<{ path: string; why: string }>(
    115,
    "user",
    (f) =>
      `${f.path} did not start its part of fred-ts: ${f.why}; try ${f.path} alone, or name another with --gdb PATH.`,
  ),
  badExpression: row<{ expression: string; why: string }>(
    117,
    "user",
    (f) => `"${f.expression}" is no expression here: ${f.why.replace(/\.$/u, "")}; try it with print first.`,
  ),
  badDirectory: row<{ path: string; why: string }>(
    116,
    "user",
    (f) => `${f.path}: ${f.why}; give a directory that exists.`,
  ),
  addonMissing: row<{ path: string }>(
    300,
    "user",
    (f) =>
      `the native engine is not built (${f.path} is missing); run npm run setup in a checkout, else npm rebuild fred-ts.`,
  ),
  addonUnusable: row<{ path: string; why: string }>(
    301,
    "user",
    (f) => `the native engine does not load (${f.path}: ${f.why}); build it again with npm run build:native.`,
  ),
  cannotStart: row<{ detail: string }>(
    302,
    "user",
    (f) => `the program could not be started: ${f.detail}; mend that and type run again.`,
  ),
  ptraceRefused: row<{ detail: string }>(
    303,
    "user",
    (f) =>
      `the system refuses ptrace: ${f.detail}; allow it with sysctl kernel.yama.ptrace_scope=0 (in a container: --cap-add=SYS_PTRACE).`,
  ),
  trackerRefused: row<{ detail: string }>(
    305,
    "user",
    (f) => `this system has no pagemap-scan (${f.detail}); leave the option --tracker out.`,
  ),
  engineUnsupported: row<{ detail: string }>(
    304,
    "user",
    (f) =>
      `this cannot be recorded yet: ${f.detail}; travel back and stop before it, or debug it with plain gdb.`,
  ),
  shellRefused: row<{ shell: string; why: string }>(
    307,
    "user",
    (f) => `${f.shell} does not take these arguments: ${f.why}; correct them with set args.`,
  ),
  noPipes: row<{ line: string }>(
    306,
    "user",
    (f) => `"${f.line}": a recorded program cannot stand in a pipe; use files, or start it from a script.`,
  ),
  socketFailed: row<{ path: string; why: string }>(
    310,
    "user",
    (f) => `no socket for gdb at ${f.path}: ${f.why}; set TMPDIR to a writable directory with a short path.`,
  ),
  programGone: row<object>(
    312,
    "user",
    () => "the program was killed by SIGKILL, and its recording is gone with it; start it again with run.",
  ),
  badRecording: row<{ detail: string }>(
    320,
    "user",
    (f) => `the recording cannot be used: ${f.detail}; fred-ts ls shows what there is.`,
  ),
  cannotSave: row<{ detail: string }>(
    327,
    "user",
    (f) => `the recording cannot be written: ${f.detail}; give another folder, or remove the old one.`,
  ),
  storedPast: row<object>(
    321,
    "user",
    () =>
      "this is a recording: it can be looked at from everywhere, but not changed; run the program with fred-ts gdb for that.",
  ),
  noRecordings: row<{ directory: string }>(
    322,
    "user",
    (f) => `there is no recording in ${f.directory}; fred-ts record PROGRAM makes one.`,
  ),
  recordingFailed: row<{ detail: string }>(
    323,
    "user",
    (f) =>
      `the recording ends before the program: ${f.detail}; make room, or give another place with -o DIR.`,
  ),
  recordingEnds: row<{ why: string }>(
    325,
    "nobody",
    (f) => `the recording ends here, and the program goes on without it: ${f.why}`,
  ),
  noTimeline: row<{ number: number; count: number }>(
    326,
    "user",
    (f) =>
      `there is no timeline ${f.number}; the recording has 0 to ${f.count - 1} (fred-ts info tells what they are).`,
  ),
  verifyFailed: row<{ detail: string }>(324, "user", (f) => `the replay is not the recording: ${f.detail}`),
  wordMissing: row<{ usage: string }>(125, "user", (f) => `something is missing: usage: fred-ts ${f.usage}`),
  detachEndsProgram: row<object>(
    311,
    "user",
    () => "a recorded program cannot go on without fred-ts: detach has ended it; start it again with run.",
  ),
} as const;

export type ErrorKind = keyof typeof errorRows;
export type ErrorFacts<K extends ErrorKind> = Parameters<(typeof errorRows)[K]["text"]>[0];

/** A failure with a row in `errorRows`; `facts` are the values its text was made from. */
export class FredError<K extends ErrorKind = ErrorKind> extends Error {
  readonly kind: K;
  readonly facts: ErrorFacts<K>;

  constructor(kind: K, facts: ErrorFacts<K>, options?: ErrorOptions) {
    const text = errorRows[kind].text as (facts: ErrorFacts<K>) => string;
    super(text(facts), options);
    this.name = "FredError";
    this.kind = kind;
    this.facts = facts;
  }

  get blame(): Blame {
    return errorRows[this.kind].blame;
  }
}

/** Throws an internal FredError when `condition` does not hold; stays on in production. */
export function invariant(condition: unknown, what: string): asserts condition {
  if (!condition) throw new FredError("internal", { what });
}
