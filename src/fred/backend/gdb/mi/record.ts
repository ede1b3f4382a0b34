/** gdb/MI output records as typed values. */

/** A c-string, a tuple, or a list; lists of results keep only their values. */
export type MiValue = string | MiTuple | readonly MiValue[];
export interface MiTuple {
  readonly [name: string]: MiValue;
}

export type MiRecord =
  | {
      readonly kind: "result";
      readonly token: number | null;
      readonly class: string;
      readonly results: MiTuple;
    }
  | { readonly kind: "exec"; readonly class: string; readonly results: MiTuple }
  | { readonly kind: "status"; readonly class: string; readonly results: MiTuple }
  | { readonly kind: "notify"; readonly class: string; readonly results: MiTuple }
  | { readonly kind: "console" | "target" | "log"; readonly text: string }
  | { readonly kind: "prompt" }
  /** Not an MI record (output of the program, garbage). */
  | { readonly kind: "unparsed"; readonly line: string };

export function textOf(value: MiValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

export function tupleOf(value: MiValue | undefined): MiTuple | null {
  return typeof value === "object" && !Array.isArray(value) ? (value as MiTuple) : null;
}

/** gdb's escapes (\n, \t, \", \\, octal bytes) resolved; bytes are UTF-8. `quoted` includes the quotes. */
export function decodeCString(quoted: string): string {
  const body = quoted.slice(1, -1);
  if (!body.includes("\\")) return body;
  const bytes: Buffer[] = [];
  for (const part of body.match(/\\[0-7]{1,3}|\\.|[^\\]+/gsu) ?? []) bytes.push(decodePart(part));
  return Buffer.concat(bytes).toString("utf8");
}

const letterEscapes: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  b: 8,
  f: 12,
  v: 11,
  a: 7,
  e: 27,
};

function decodePart(part: string): Buffer {
  if (!part.startsWith("\\")) return Buffer.from(part, "utf8");
  const rest = part.slice(1);
  if (/^[0-7]/u.test(rest)) return Buffer.from([Number.parseInt(rest, 8) & 0xff]);
  const code = letterEscapes[rest];
  return code === undefined ? Buffer.from(rest, "utf8") : Buffer.from([code]);
}
