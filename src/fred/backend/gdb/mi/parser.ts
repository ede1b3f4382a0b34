/** One line of gdb/MI output → a record. Never throws: what is no record comes back as "unparsed". */
import type { IToken } from "chevrotain";
import { EmbeddedActionsParser } from "../../../../chevrotain.ts";
import * as t from "./lexer.ts";
import { decodeCString, type MiRecord, type MiTuple, type MiValue } from "./record.ts";

type Named = { readonly name: string | null; readonly value: MiValue };

class MiParser extends EmbeddedActionsParser {
  constructor() {
    super(t.miTokens, { maxLookahead: 2, recoveryEnabled: false });
    this.performSelfAnalysis();
  }

  readonly record = this.RULE(
    "record",
    (): MiRecord =>
      this.OR<MiRecord>([
        {
          ALT: () => {
            this.CONSUME(t.Prompt);
            return { kind: "prompt" };
          },
        },
        { ALT: () => this.SUBRULE(this.stream) },
        { ALT: () => this.SUBRULE(this.outOfBand) },
      ]),
  );

  readonly stream = this.RULE("stream", (): MiRecord => {
    const kind = this.OR<"console" | "target" | "log">([
      { ALT: () => this.#after(this.CONSUME(t.Tilde), "console") },
      { ALT: () => this.#after(this.CONSUME(t.At), "target") },
      { ALT: () => this.#after(this.CONSUME(t.Ampersand), "log") },
    ]);
    const text = this.SUBRULE(this.text);
    return { kind, text };
  });

  readonly outOfBand = this.RULE("outOfBand", (): MiRecord => {
    const token = this.OPTION(() => this.CONSUME(t.Digits));
    const kind = this.OR<"result" | "exec" | "status" | "notify">([
      { ALT: () => this.#after(this.CONSUME(t.Caret), "result") },
      { ALT: () => this.#after(this.CONSUME(t.Star), "exec") },
      { ALT: () => this.#after(this.CONSUME(t.Plus), "status") },
      { ALT: () => this.#after(this.CONSUME(t.Equals), "notify") },
    ]);
    const name = this.CONSUME(t.Name).image;
    const named: Named[] = [];
    this.MANY(() => {
      this.CONSUME(t.Comma);
      named.push(this.SUBRULE(this.item));
    });
    return this.ACTION((): MiRecord => {
      const results = toTuple(named);
      if (kind !== "result") return { kind, class: name, results };
      return { kind, token: token === undefined ? null : Number(token.image), class: name, results };
    });
  });

  /** A result `name=value`; gdb also writes bare values where the grammar wants results. */
  readonly item = this.RULE(
    "item",
    (): Named =>
      this.OR<Named>([
        {
          ALT: () => {
            const name = this.CONSUME(t.Name).image;
            this.CONSUME(t.Equals);
            return { name, value: this.SUBRULE1(this.value) };
          },
        },
        { ALT: () => ({ name: null, value: this.SUBRULE2(this.value) }) },
      ]),
  );

  readonly value = this.RULE(
    "value",
    (): MiValue =>
      this.OR<MiValue>([
        { ALT: () => this.SUBRULE(this.text) },
        {
          ALT: () => {
            this.CONSUME(t.BraceOpen);
            const named = this.SUBRULE1(this.items);
            this.CONSUME(t.BraceClose);
            return this.ACTION(() => toBraced(named));
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.BracketOpen);
            const named = this.SUBRULE2(this.items);
            this.CONSUME(t.BracketClose);
            return this.ACTION(() => named.map((one) => one.value));
          },
        },
      ]),
  );

  readonly items = this.RULE("items", (): readonly Named[] => {
    const named: Named[] = [];
    this.MANY_SEP({ SEP: t.Comma, DEF: () => named.push(this.SUBRULE(this.item)) });
    return named;
  });

  readonly text = this.RULE("text", (): string => {
    const quoted = this.CONSUME(t.CString).image;
    return this.ACTION(() => decodeCString(quoted));
  });

  #after<K>(_token: IToken, kind: K): K {
    return kind;
  }
}

/** gdb writes lists of bare values in braces as well (`script={"silent","end"}`). */
function toBraced(named: readonly Named[]): MiValue {
  const isList = named.length > 0 && named.every((one) => one.name === null);
  return isList ? named.map((one) => one.value) : toTuple(named);
}

/** A name that comes twice keeps its last value; bare values get their index as name. */
function toTuple(named: readonly Named[]): MiTuple {
  const tuple: Record<string, MiValue> = Object.create(null);
  named.forEach(({ name, value }, index) => {
    tuple[name ?? String(index)] = value;
  });
  return tuple;
}

const parser = new MiParser();

export function parseMiRecord(line: string): MiRecord {
  const lexed = t.miLexer.tokenize(line.trimEnd());
  if (lexed.errors.length > 0) return { kind: "unparsed", line };
  parser.input = lexed.tokens;
  const record = parser.record();
  if (parser.errors.length > 0) return { kind: "unparsed", line };
  return record;
}

/** All records of a text of several lines. */
export function parseMiText(text: string): readonly MiRecord[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(parseMiRecord);
}
