/** Repeats that keep noise out: the things compared take turns, and medians are compared. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  const lower = sorted[Math.ceil(middle) - 1];
  if (upper === undefined || lower === undefined) throw new Error("the median of nothing");
  return (upper + lower) / 2;
}

export interface Pairs {
  readonly base: number;
  readonly ours: number;
  /** Median of the ratios of neighbours, which a slow minute of the machine hits alike. */
  readonly ratio: number;
  /** The least disturbed run of each: what is left of the noise of other programs on this machine only ever adds. */
  readonly bestBase: number;
  readonly bestOurs: number;
}

/** Measures base and ours in turn, `count` times each, after one round that does not count; the order changes every time. */
export async function measurePairs(
  count: number,
  base: () => number | Promise<number>,
  ours: () => number | Promise<number>,
): Promise<Pairs> {
  const bases: number[] = [];
  const all: number[] = [];
  for (let round = 0; round <= count; round++) {
    const isBaseFirst = round % 2 === 0;
    const first = await (isBaseFirst ? base() : ours());
    const second = await (isBaseFirst ? ours() : base());
    if (round === 0) continue;
    bases.push(isBaseFirst ? first : second);
    all.push(isBaseFirst ? second : first);
  }
  const ratios = all.map((value, index) => value / (bases[index] ?? Number.NaN));
  return {
    base: median(bases),
    ours: median(all),
    ratio: median(ratios),
    bestBase: Math.min(...bases),
    bestOurs: Math.min(...all),
  };
}
