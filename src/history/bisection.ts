/** Binary search for a change from good to bad in an ordered row of states, probing as few as possible. */

/** "unknown" (no value there) counts as good. */
export type Verdict = "good" | "bad" | "unknown";

/**
 * Rule: the state `low` is good and `high` is bad; the one in the middle replaces the end that it is like; done when the two
 * are neighbours. Example: states 0…8, bad from 5 on: probes 4 (good), 6 (bad), 5 (bad): answer 4 → 5.
 */
export class Bisection {
  #low: number;
  #high: number;
  #probeCount = 0;

  constructor(low: number, high: number) {
    this.#low = low;
    this.#high = high;
  }

  /** The index to look at; null when the search is over. */
  get next(): number | null {
    return this.#high - this.#low <= 1 ? null : Math.floor((this.#low + this.#high) / 2);
  }

  get low(): number {
    return this.#low;
  }

  get high(): number {
    return this.#high;
  }

  get probeCount(): number {
    return this.#probeCount;
  }

  /** How many more probes at most. */
  get probesLeft(): number {
    return Math.ceil(Math.log2(Math.max(1, this.#high - this.#low)));
  }

  /** What was seen at `next`. */
  tell(verdict: Verdict): void {
    const middle = this.next;
    if (middle === null) return;
    this.#probeCount++;
    if (verdict === "bad") this.#high = middle;
    else this.#low = middle;
  }
}

/** The first, or last, index i where verdict i is good (or unknown) and verdict i + 1 is bad; null when there is none. */
export function transition(verdicts: readonly Verdict[], which: "first" | "last"): number | null {
  const found: number[] = [];
  for (let index = 0; index + 1 < verdicts.length; index++) {
    if (verdicts[index] !== "bad" && verdicts[index + 1] === "bad") found.push(index);
  }
  return (which === "first" ? found[0] : found.at(-1)) ?? null;
}
