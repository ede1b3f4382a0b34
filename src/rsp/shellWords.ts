/** Splits a command line as a shell does (quotes, backslashes); expands nothing. */
import type { Word } from "./redirections.ts";

/** One part of a word: an escaped character, '…', "…", or plain characters. */
const part = /\\([\s\S])|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|([^\s'"\\]+)/y;

/** `-e "a > b" >out` → words `-e`, `a > b` (quoted), `>out`. Null when a quote is left open. */
export function splitShellWords(line: string): Word[] | null {
  const words: Word[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(line[at] ?? "")) at++;
    if (at >= line.length) return words;
    const end = takeWord(line, at, words);
    if (end === null) return null;
    at = end;
  }
}

/**
 * The words that gdb makes of a remote program's arguments (libiberty's buildargv): as a shell, but a backslash takes the next
 * character's meaning inside '…' too. `'\\1'` → `1`.
 */
export function splitAsGdb(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const character = line[at] as string;
    if (quote === "" && /\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
      continue;
    }
    word ??= "";
    if (character === "\\") word += line[++at] ?? "";
    else if (character === quote) quote = "";
    else if (quote === "" && (character === "'" || character === '"')) quote = character;
    else word += character;
  }
  return word === null ? words : [...words, word];
}

function takeWord(line: string, start: number, words: Word[]): number | null {
  let text = "";
  let plainLength: number | null = null;
  let at = start;
  while (at < line.length && !/\s/.test(line[at] as string)) {
    part.lastIndex = at;
    const match = part.exec(line);
    if (match === null) return null;
    const [, escaped, single, double, plain] = match;
    if (plain === undefined) plainLength ??= text.length;
    text += plain ?? escaped ?? single ?? (double as string).replace(/\\([\\"$`])/g, "$1");
    at = part.lastIndex;
  }
  words.push({ text, plainLength: plainLength ?? text.length });
  return at;
}
