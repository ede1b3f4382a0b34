/** What a typed debugger command does to time: a table of gdb's commands with their abbreviations, and the look-up in it. */

/** run: begins the program anew; motion: moves it; change: alters its state; setting: alters the debugger; looking: alters nothing. */
export type CommandKind = "run" | "motion" | "change" | "setting" | "looking" | "unknown";

interface CommandRow {
  readonly name: string;
  readonly kind: CommandKind;
  /** Abbreviations that gdb gives this command although they are prefixes of others as well. */
  readonly aliases?: readonly string[];
  /** The argument is a number of repetitions. */
  readonly isCounted?: true;
}

export const commandRows: readonly CommandRow[] = [
  { name: "step", kind: "motion", aliases: ["s"], isCounted: true },
  { name: "next", kind: "motion", aliases: ["n"], isCounted: true },
  { name: "stepi", kind: "motion", aliases: ["si"], isCounted: true },
  { name: "nexti", kind: "motion", aliases: ["ni"], isCounted: true },
  { name: "continue", kind: "motion", aliases: ["c", "cont", "fg"], isCounted: true },
  { name: "finish", kind: "motion", aliases: ["fin"] },
  { name: "until", kind: "motion", aliases: ["u"] },
  { name: "advance", kind: "motion", aliases: ["adv"] },
  { name: "signal", kind: "motion" },
  { name: "queue-signal", kind: "change" },
  { name: "jump", kind: "motion", aliases: ["j"] },
  { name: "reverse-step", kind: "motion", aliases: ["rs"], isCounted: true },
  { name: "reverse-next", kind: "motion", aliases: ["rn"], isCounted: true },
  { name: "reverse-stepi", kind: "motion", aliases: ["rsi"], isCounted: true },
  { name: "reverse-nexti", kind: "motion", aliases: ["rni"], isCounted: true },
  { name: "reverse-continue", kind: "motion", aliases: ["rc"], isCounted: true },
  { name: "reverse-finish", kind: "motion" },
  { name: "run", kind: "run", aliases: ["r"] },
  { name: "start", kind: "run" },
  { name: "starti", kind: "run" },
  { name: "call", kind: "change" },
  { name: "set variable", kind: "change", aliases: ["set var"] },
  { name: "return", kind: "change" },
  { name: "break", kind: "setting", aliases: ["b", "br", "brea"] },
  { name: "tbreak", kind: "setting", aliases: ["tb", "tbr"] },
  { name: "hbreak", kind: "setting", aliases: ["hb"] },
  { name: "thbreak", kind: "setting", aliases: ["thb"] },
  { name: "rbreak", kind: "setting" },
  { name: "watch", kind: "setting", aliases: ["wa"] },
  { name: "rwatch", kind: "setting" },
  { name: "awatch", kind: "setting" },
  { name: "catch", kind: "setting", aliases: ["cat"] },
  { name: "tcatch", kind: "setting" },
  { name: "delete", kind: "setting", aliases: ["d"] },
  { name: "clear", kind: "setting", aliases: ["cl"] },
  { name: "enable", kind: "setting", aliases: ["en"] },
  { name: "disable", kind: "setting", aliases: ["dis", "disa"] },
  { name: "condition", kind: "setting", aliases: ["cond"] },
  { name: "commands", kind: "setting" },
  { name: "ignore", kind: "setting" },
  { name: "display", kind: "setting", aliases: ["disp"] },
  { name: "undisplay", kind: "setting" },
  { name: "handle", kind: "setting", aliases: ["ha"] },
  { name: "set", kind: "setting" },
  { name: "define", kind: "setting" },
  { name: "directory", kind: "setting", aliases: ["dir"] },
  { name: "file", kind: "setting" },
  { name: "symbol-file", kind: "setting" },
  { name: "source", kind: "setting" },
  { name: "skip", kind: "setting" },
  { name: "print", kind: "looking", aliases: ["p", "inspect"] },
  { name: "output", kind: "looking" },
  { name: "printf", kind: "looking" },
  { name: "echo", kind: "looking" },
  { name: "x", kind: "looking" },
  { name: "backtrace", kind: "looking", aliases: ["bt", "where"] },
  { name: "frame", kind: "looking", aliases: ["f"] },
  { name: "up", kind: "looking" },
  { name: "down", kind: "looking" },
  { name: "info", kind: "looking", aliases: ["i", "inf"] },
  { name: "list", kind: "looking", aliases: ["l"] },
  { name: "ptype", kind: "looking", aliases: ["pt"] },
  { name: "whatis", kind: "looking" },
  { name: "show", kind: "looking" },
  { name: "help", kind: "looking", aliases: ["h"] },
  { name: "thread", kind: "looking", aliases: ["t"] },
  { name: "disassemble", kind: "looking", aliases: ["disas"] },
  { name: "shell", kind: "looking" },
  { name: "quit", kind: "looking", aliases: ["q"] },
];

export interface Classified {
  readonly kind: CommandKind;
  /** The full name; null when the table does not know the command. */
  readonly name: string | null;
  /** Repetitions asked for, 1 when none are written. A count that is an expression (`next n`) is null. */
  readonly count: number | null;
}

const byWord = new Map<string, CommandRow>();
for (const row of commandRows) for (const word of [row.name, ...(row.aliases ?? [])]) byWord.set(word, row);

/** What `text`, as typed, does. Abbreviations are resolved as gdb does: its own aliases first, then unique prefixes. */
export function classify(text: string): Classified {
  const trimmed = text.trim();
  const twoWords = /^set\s+(variable|var)\b/.exec(trimmed);
  if (twoWords) return { kind: "change", name: "set variable", count: 1 };
  const word = /^[A-Za-z][\w-]*/.exec(trimmed)?.[0] ?? "";
  const row = byWord.get(word) ?? uniquePrefix(word);
  if (row === undefined) return { kind: "unknown", name: null, count: 1 };
  return { kind: row.kind, name: row.name, count: row.isCounted ? countOf(trimmed.slice(word.length)) : 1 };
}

function uniquePrefix(word: string): CommandRow | undefined {
  if (word === "") return undefined;
  const rows = commandRows.filter((row) => row.name.startsWith(word) && !row.name.includes(" "));
  return rows.length === 1 ? rows[0] : undefined;
}

function countOf(rest: string): number | null {
  const argument = rest.trim();
  if (argument === "") return 1;
  return /^\d+$/.test(argument) ? Number(argument) : null;
}
