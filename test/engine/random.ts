/** Random choices that can be made again: the seed is in the test's name. FRED_SEED=n gives another run. */

export const seed = Number(process.env.FRED_SEED ?? 20240607);

export class Random {
  #state: number;

  constructor(start: number) {
    this.#state = start >>> 0;
  }

  /** mulberry32: 0 <= result < limit. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  pick<T>(list: readonly T[]): T {
    const chosen = list[this.below(list.length)];
    if (chosen === undefined) throw new Error("nothing to pick from");
    return chosen;
  }
}
