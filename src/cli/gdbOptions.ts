/** `fred-ts gdb …` read into options: as gdb reads its own (one dash or two, unique abbreviations, VALUE or =VALUE). */
import { FredError } from "../errors.ts";
import { nearest } from "./nearest.ts";
import { type OptionRow, optionTable } from "./optionTable.ts";

export interface GdbOptions {
  readonly gdbPath: string;
  readonly checkpointHz: number;
  readonly tracker: "auto" | "pagemap-scan" | "compare";
  readonly allowSideEffects: boolean;
  readonly isBatch: boolean;
  readonly wantsHelp: boolean;
  readonly wantsVersion: boolean;
  readonly directory: string | null;
  /** Terminal of the program, when the user chose one. */
  readonly tty: string | null;
  readonly program: string | null;
  /** A folder of `fred-ts record`: it is replayed in place of a program's run. */
  readonly recording: string | null;
  readonly programArguments: readonly string[];
  readonly statements: readonly { readonly kind: "ex" | "file"; readonly text: string }[];
  /** Options for gdb itself. */
  readonly gdbOptions: readonly string[];
}

type Draft = { -readonly [K in keyof GdbOptions]: GdbOptions[K] } & {
  statements: { kind: "ex" | "file"; text: string }[];
  gdbOptions: string[];
};

const trackers = ["auto", "pagemap-scan", "compare"] as const;
const highestHz = 1000;

export function parseGdbOptions(words: readonly string[]): GdbOptions {
  const draft = emptyDraft();
  const rest = [...words];
  let takesArguments = false;
  const operands: string[] = [];
  while (rest.length > 0) {
    const word = rest.shift() as string;
    if (takesArguments && operands.length > 0) operands.push(word);
    else if (!word.startsWith("-") || word === "-") operands.push(word);
    else if (word === "--") operands.push(...rest.splice(0));
    else if (applyOption(draft, word, rest)) takesArguments = true;
  }
  takeOperands(draft, operands, takesArguments);
  return draft;
}

function emptyDraft(): Draft {
  return {
    gdbPath: "gdb",
    checkpointHz: 10,
    tracker: "auto",
    allowSideEffects: false,
    isBatch: false,
    wantsHelp: false,
    wantsVersion: false,
    directory: null,
    tty: null,
    program: null,
    recording: null,
    programArguments: [],
    statements: [],
    gdbOptions: [],
  };
}

/** Returns true for --args. */
function applyOption(draft: Draft, word: string, rest: string[]): boolean {
  const [name, inline] = splitOption(word);
  const row = findOption(name, word);
  const option = row.names[0] as string;
  const value = row.value === null ? "" : (inline ?? rest.shift());
  if (value === undefined) throw new FredError("optionNeedsValue", { option: `-${name}` });
  switch (row.use) {
    case "gdb":
      draft.gdbOptions.push(`-${option}`, ...(row.value === null ? [] : [value]));
      break;
    case "statement":
      draft.statements.push({ kind: "ex", text: value });
      break;
    case "file":
      draft.statements.push({ kind: "file", text: value });
      break;
    case "batch":
      draft.isBatch = true;
      draft.gdbOptions.push(`-${option}`);
      break;
    case "args":
      return true;
    case "directory":
      draft.directory = value;
      break;
    case "terminal":
      draft.tty = value;
      break;
    case "program":
      draft.program = value;
      break;
    case "refused":
      throw new FredError("cannotAttach", { option: `-${name} ${value}` });
    case "help":
      draft.wantsHelp = true;
      break;
    case "version":
      draft.wantsVersion = true;
      break;
    case "own":
      applyOwn(draft, option, value);
  }
  return false;
}

function applyOwn(draft: Draft, option: string, value: string): void {
  if (option === "gdb") draft.gdbPath = value;
  else if (option === "allow-side-effects") draft.allowSideEffects = true;
  else if (option === "tracker") draft.tracker = readTracker(value);
  else draft.checkpointHz = readHz(value);
}

function readTracker(value: string): GdbOptions["tracker"] {
  const tracker = trackers.find((name) => name === value);
  if (tracker !== undefined) return tracker;
  throw new FredError("badOptionValue", { option: "--tracker", value, expected: trackers.join(", ") });
}

function readHz(value: string): number {
  const hz = value.trim() === "" ? Number.NaN : Number(value);
  if (hz >= 0 && hz <= highestHz) return hz;
  const expected = `a number from 0 to ${highestHz}`;
  throw new FredError("badOptionValue", { option: "--checkpoint-hz", value, expected });
}

function splitOption(word: string): readonly [string, string | undefined] {
  const name = word.replace(/^--?/u, "");
  const equals = name.indexOf("=");
  return equals < 0 ? [name, undefined] : [name.slice(0, equals), name.slice(equals + 1)];
}

function findOption(name: string, word: string): OptionRow {
  const exact = optionTable.find((row) => row.names.includes(name));
  if (exact !== undefined) return exact;
  const abbreviated = optionTable.filter((row) => row.names.some((known) => known.startsWith(name)));
  if (abbreviated.length === 1 && name !== "") return abbreviated[0] as OptionRow;
  const known = optionTable.flatMap((row) => row.names.filter((long) => long.length > 2));
  const close = nearest(name, known);
  throw new FredError("unknownOption", {
    option: word,
    nearest: close === null ? null : `--${close}`,
  });
}

function takeOperands(draft: Draft, operands: readonly string[], takesArguments: boolean): void {
  const [program, ...programArguments] = operands;
  if (program === undefined) {
    if (takesArguments && draft.program === null)
      throw new FredError("optionNeedsValue", { option: "--args" });
    return;
  }
  if (!takesArguments && programArguments.length > 0)
    throw new FredError("argumentsWithoutArgs", { program: operands.join(" ") });
  draft.program = program;
  draft.programArguments = programArguments;
}
