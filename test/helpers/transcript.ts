/** Golden transcripts: a session typed into a real terminal, compared line by line with a file that reads like one. */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Terminal } from "./terminal.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const fredTs = join(root, "bin", "fred-ts");
const prompt = "(gdb) ";
/** Of the lines of a block (define, commands). */
const blockPrompt = ">";
const commandDeadlineMs = 60_000;

export interface Played {
  /** What the file says. */
  readonly expected: string;
  /** What the terminal has shown now, in the same form. */
  readonly actual: string;
}

/**
 * The file's first line is the command line (`$ fred-ts gdb …`, words without quotes, paths relative to the root), each line
 * that begins with a prompt is typed. UPDATE_GOLDEN=1 writes the file anew: read the difference before you keep it.
 */
export async function play(path: string): Promise<Played> {
  const expected = readFileSync(path, "utf8");
  const [first = "", ...lines] = expected.trimEnd().split("\n");
  const typed = lines.filter((line) => promptOf(line) !== null);
  const [, , mode = "", ...words] = first.split(" ");
  // A typed "quit" or "run" would end in a question.
  const options = [mode, "-nx", "-iex", "set confirm off", ...words];
  const terminal = Terminal.start(fredTs, options, { cwd: root, env: { TERM: "dumb" }, columns: 160 });
  try {
    await terminal.expect(prompt);
    const shown = [first];
    for (const [index, line] of typed.entries()) {
      const start = terminal.shown.length;
      const next = promptOf(typed[index + 1] ?? prompt) === blockPrompt ? `\n${blockPrompt}` : prompt;
      await terminal.command(line.slice(promptOf(line)?.length), next, commandDeadlineMs);
      shown.push(line, ...normalise(terminal.shown.slice(start)).split("\n").slice(1, -1));
    }
    const actual = `${shown.join("\n")}\n`;
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, actual);
    return { expected, actual };
  } finally {
    await terminal.dispose();
  }
}

function promptOf(line: string): string | null {
  return [prompt, blockPrompt].find((each) => line.startsWith(each)) ?? null;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal control sequences are what this is about
const progress = /\r\x1b\[K[^\r\n\x1b]*(?=\r\x1b\[K)|\r\x1b\[K/gu;

/** Without what differs from run to run: progress lines, addresses, processes, times, costs of searches, numbers of checkpoints. */
export function normalise(raw: string): string {
  return (
    raw
      .replace(progress, "")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
      .replace(/\x1b\[[0-9;?]*[A-Za-z]|\r/gu, "")
      .replaceAll(`${root}/`, "")
      .replace(/\b0x[0-9a-f]{6,}\b/gu, "0x…")
      .replace(/\bprocess \d+/gu, "process N")
      .replace(/\bThread \d+\.\d+/gu, "Thread P.T")
      // gdb numbers a thread anew when a search has been where it did not live.
      .replace(/^(culprit: .*)\(thread (?!1\))\d+\)/gmu, "$1(thread N)")
      .replace(/^searched: .*$/gmu, "searched: …")
      .replace(/^\(\d+\.\d s\)\n/gmu, "")
      .replace(/\bc\d+\b/gu, "cN")
      .replace(/fred-restart \d+/gu, "fred-restart N")
      .replace(/\*ckpt \d+\*/gu, "*ckpt N*")
      .replace(/and \d+ stops, \d+ automatic/gu, "and N stops, N automatic")
      .replace(/event \d+/gu, "event N")
      .replace(/events 0 to \d+/gu, "events 0 to N")
      .replace(/^c\d+ \[.*\] ?.*$|^cN \[.*$/gmu, "(timeline)")
  );
}
