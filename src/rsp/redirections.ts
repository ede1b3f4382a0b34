/** Shell-like redirections among the words of vRun, for a gdb of which only those are known. */
import path from "node:path";
import type { Redirection } from "../engine/engine.ts";

export interface ParsedArguments {
  readonly args: readonly string[];
  readonly redirections: readonly Redirection[];
}

interface ParsedWord {
  readonly redirections: readonly Redirection[];
  readonly usesNextWord: boolean;
}

interface Form {
  /** Group 1: the operator with its descriptor; group 2: the file, or "" when it is the next word. */
  readonly pattern: RegExp;
  make(operator: string, file: string): readonly Redirection[];
}

/** A file name with `<`, `>` … in it was surely quoted once ("<b>" is an argument). */
const fileName = "([^<>&|;()]*)";

const forms: readonly Form[] = [
  {
    pattern: /^(\d*[<>]&)(\d+)$/,
    make: (operator, source) => [{ fd: descriptorOf(operator), target: Number(source), mode: "duplicate" }],
  },
  {
    pattern: new RegExp(`^(&>>?|>&(?!\\d|-))${fileName}$`),
    make: (operator, file) => [
      { fd: 1, target: file, mode: operator === "&>>" ? "append" : "write" },
      { fd: 2, target: 1, mode: "duplicate" },
    ],
  },
  {
    pattern: new RegExp(`^(\\d*(?:<|>>|>\\||>))${fileName}$`),
    make: (operator, file) => [{ fd: descriptorOf(operator), target: file, mode: modeOf(operator) }],
  },
];

/**
 * `-n < in 2>&1` → args `-n` and two redirections. Every word comes unquoted (gdb has removed the quotes): words such as
 * "<b>" or "a>b" are left alone, and a lone ">" is taken for what it is in a shell.
 */
export function parseRedirections(words: readonly string[], cwd: string): ParsedArguments {
  const args: string[] = [];
  const redirections: Redirection[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const parsed = parseWord(word, words[i + 1], cwd);
    if (parsed === null) {
      args.push(word);
      continue;
    }
    redirections.push(...parsed.redirections);
    if (parsed.usesNextWord) i++;
  }
  return { args, redirections };
}

function parseWord(word: string, next: string | undefined, cwd: string): ParsedWord | null {
  for (const form of forms) {
    const [, operator, file] = form.pattern.exec(word) ?? [];
    if (operator === undefined || file === undefined) continue;
    const usesNextWord = file === "";
    const target = usesNextWord ? next : file;
    if (target === undefined) return null;
    const isDescriptor = form === forms[0];
    return {
      redirections: form.make(operator, isDescriptor ? target : path.resolve(cwd, target)),
      usesNextWord,
    };
  }
  return null;
}

function descriptorOf(operator: string): number {
  const digits = Number.parseInt(operator, 10);
  if (!Number.isNaN(digits)) return digits;
  return operator.includes("<") ? 0 : 1;
}

function modeOf(operator: string): "read" | "write" | "append" {
  if (operator.endsWith("<")) return "read";
  return operator.endsWith(">>") ? "append" : "write";
}
