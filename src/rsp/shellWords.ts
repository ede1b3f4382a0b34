/** Splits a command line as gdb does for vRun (libiberty's buildargv): quotes and backslashes are removed, nothing is expanded. */

/** `-e "a > b" >out` → `-e`, `a > b`, `>out`. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] as string;
    if (character === "\\") {
      at++;
      word = (word ?? "") + (line[at] ?? "");
    } else if (quote === character) quote = null;
    else if (quote !== null) word = (word ?? "") + character;
    else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/\s/u.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + character;
  }
  return word === null ? words : [...words, word];
}
