/** The grammar of what follows a fred command: counts, names, files, positions, expressions with flags. */
import type { IToken } from "chevrotain";
import { createToken, EmbeddedActionsParser, EOF, Lexer } from "../chevrotain.ts";
import { FredError } from "../errors.ts";

/** What a command takes; also the first word of its usage line. */
export type ArgumentShape =
  | "none"
  | "count"
  | "expression"
  | "name"
  | "checkpoint"
  | "position"
  | "file"
  | "word";

export type Arguments =
  | { readonly kind: "none" }
  | { readonly kind: "count"; readonly count: number }
  | { readonly kind: "expression"; readonly expression: string; readonly which: "any" | "first" | "last" }
  /** One word, or nothing where it may be left out. */
  | { readonly kind: "word"; readonly word: string | null }
  | { readonly kind: "position"; readonly position: Position };

export type Position =
  | { readonly kind: "checkpoint"; readonly number: number }
  | { readonly kind: "event"; readonly number: number }
  | { readonly kind: "name"; readonly name: string };

const Space = createToken({ name: "Space", pattern: /\s+/, group: Lexer.SKIPPED });
const Flag = createToken({ name: "Flag", pattern: /--[A-Za-z][\w-]*(?!\S)/ });
const Quoted = createToken({ name: "Quoted", pattern: /"(?:\\.|[^"\\])*"|'[^']*'/ });
const Word = createToken({ name: "Word", pattern: /\S+/ });
const Event = createToken({ name: "Event", pattern: /#\d+(?!\S)/, longer_alt: Word });
const Checkpoint = createToken({ name: "Checkpoint", pattern: /c\d+(?!\S)/, longer_alt: Word });
const Count = createToken({ name: "Count", pattern: /\d+(?!\S)/, longer_alt: Word });
const tokens = [Space, Flag, Event, Checkpoint, Count, Quoted, Word];
const lexer = new Lexer(tokens, { positionTracking: "full" });

const named = (word: string | null): Arguments => ({ kind: "word", word });

class ArgumentParser extends EmbeddedActionsParser {
  text = "";

  constructor() {
    super(tokens, { recoveryEnabled: false });
    this.performSelfAnalysis();
  }

  readonly none = this.RULE("none", (): Arguments => ({ kind: "none" }));

  readonly count = this.RULE("count", (): Arguments => {
    const count = this.OPTION(() => Number(this.CONSUME(Count).image)) ?? 1;
    return { kind: "count", count };
  });

  readonly word = this.RULE(
    "word",
    (): Arguments => named(this.OPTION(() => this.SUBRULE(this.anyWord)) ?? null),
  );
  readonly name = this.RULE("name", (): Arguments => named(this.SUBRULE(this.anyWord)));
  readonly checkpoint = this.RULE("checkpoint", (): Arguments => {
    const position = this.OPTION(() => this.SUBRULE(this.anyPosition)) ?? { kind: "name", name: "" };
    return { kind: "position", position };
  });
  readonly position = this.RULE("position", (): Arguments => {
    return { kind: "position", position: this.SUBRULE(this.anyPosition) };
  });

  /** A path may hold spaces, quoted or not: all of the line. */
  readonly file = this.RULE("file", (): Arguments => {
    const words = [this.SUBRULE(this.anyWord)];
    this.MANY(() => words.push(this.SUBRULE2(this.anyWord)));
    return named(words.length === 1 ? (words[0] ?? "") : this.text.trim());
  });

  /** Flags, then the debugger's expression as it stands. */
  readonly expression = this.RULE("expression", (): Arguments => {
    let which: "any" | "first" | "last" = "any";
    this.MANY(() => {
      const flag = this.CONSUME(Flag);
      this.ACTION(() => {
        which = whichOf(flag);
      });
    });
    let start = 0;
    this.AT_LEAST_ONE(() => {
      const token = this.SUBRULE(this.anyToken);
      this.ACTION(() => {
        if (start === 0) start = token.startOffset + 1;
      });
    });
    return { kind: "expression", expression: this.text.slice(start - 1).trim(), which };
  });

  readonly anyWord = this.RULE("anyWord", (): string =>
    this.OR([
      { ALT: () => unquoted(this.CONSUME(Quoted).image) },
      { ALT: () => this.CONSUME(Word).image },
      { ALT: () => this.CONSUME(Count).image },
      { ALT: () => this.CONSUME(Checkpoint).image },
      { ALT: () => this.CONSUME(Event).image },
    ]),
  );

  readonly anyPosition = this.RULE(
    "anyPosition",
    (): Position =>
      this.OR([
        { ALT: () => ({ kind: "checkpoint", number: Number(this.CONSUME(Count).image) }) },
        { ALT: () => ({ kind: "checkpoint", number: Number(this.CONSUME(Checkpoint).image.slice(1)) }) },
        { ALT: () => ({ kind: "event", number: Number(this.CONSUME(Event).image.slice(1)) }) },
        { ALT: () => ({ kind: "name", name: unquoted(this.CONSUME(Quoted).image) }) },
        { ALT: () => ({ kind: "name", name: this.CONSUME(Word).image }) },
      ]),
  );

  readonly anyToken = this.RULE(
    "anyToken",
    (): IToken =>
      this.OR([
        { ALT: () => this.CONSUME(Quoted) },
        { ALT: () => this.CONSUME(Word) },
        { ALT: () => this.CONSUME(Count) },
        { ALT: () => this.CONSUME(Checkpoint) },
        { ALT: () => this.CONSUME(Event) },
        { ALT: () => this.CONSUME(Flag) },
      ]),
  );
}

const parser = new ArgumentParser();

const expectations: Readonly<Record<ArgumentShape, string>> = {
  none: "nothing more",
  count: "a number of times",
  expression: "an expression of the program",
  name: "a name",
  checkpoint: "a checkpoint's number or name",
  position: "N or cN (checkpoint), #N (event), a checkpoint's name, start or head",
  file: "a file",
  word: "one word",
};

/** Parses what stands after `command` in its line; `usage` goes into the error. */
export function parseArguments(
  shape: ArgumentShape,
  text: string,
  command: string,
  usage: string,
): Arguments {
  const lexed = lexer.tokenize(text);
  parser.text = text;
  parser.input = lexed.tokens;
  const parsed = parser[shape]();
  const fault = lexed.tokens.find(isUnknownFlag(shape)) ?? parser.errors[0]?.token;
  if (fault === undefined && !isZeroCount(parsed)) return parsed;
  const wrong = fault ?? lexed.tokens[0];
  const isEnd = wrong === undefined || wrong.tokenType === EOF;
  const offset = isEnd ? text.trimEnd().length + 1 : wrong.startOffset;
  const found = isEnd ? "" : wrong.image;
  const expected = expectations[shape] + (shape === "expression" ? " (flags: --first, --last)" : "");
  throw new FredError("badFredArguments", {
    command,
    column: command.length + offset + 1,
    found,
    expected,
    usage,
  });
}

function isZeroCount(parsed: Arguments | undefined): boolean {
  return parsed?.kind === "count" && parsed.count < 1;
}

/** Only flags in front of the expression are ours: `x --y` belongs to the debugger. */
function isUnknownFlag(shape: ArgumentShape) {
  return (token: IToken, index: number, all: IToken[]) =>
    shape === "expression" &&
    all.slice(0, index + 1).every((earlier) => earlier.tokenType === Flag) &&
    token.image !== "--first" &&
    token.image !== "--last";
}

function whichOf(flag: IToken): "any" | "first" | "last" {
  return flag.image === "--first" ? "first" : "last";
}

function unquoted(image: string): string {
  const inner = image.slice(1, -1);
  return image.startsWith('"') ? inner.replace(/\\(.)/g, "$1") : inner;
}
