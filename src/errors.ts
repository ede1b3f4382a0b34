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
