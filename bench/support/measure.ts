export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = NaN, high = NaN] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 1 ? high : (low + high) / 2
}

/** The least value that so large a part of them does not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? NaN
}

export interface Compared {
  /** Median of the ratios of neighbours: what else the machine does at that moment hits both. */
  ratio: number
  /** Medians, in milliseconds. */
  ours: number
  theirs: number
}

/** Measures two things in turn, A B A B, after one round of each that does not count. Both give milliseconds. */
export async function interleaved(
  rounds: number,
  ours: () => number | Promise<number>,
  theirs: () => number | Promise<number>,
): Promise<Compared> {
  const pairs: { ours: number; theirs: number }[] = []
  for (let round = 0; round <= rounds; round++) {
    const pair = { ours: await ours(), theirs: await theirs() }
    if (round > 0) pairs.push(pair)
  }
  return {
    ratio: median(pairs.map((pair) => pair.ours / pair.theirs)),
    ours: median(pairs.map((pair) => pair.ours)),
    theirs: median(pairs.map((pair) => pair.theirs)),
  }
}

/** Milliseconds that `work` takes, each of so many times. */
export async function times(count: number, work: (n: number) => Promise<unknown>): Promise<number[]> {
  const taken: number[] = []
  for (let n = 0; n < count; n++) {
    const start = performance.now()
    await work(n)
    taken.push(performance.now() - start)
  }
  return taken
}

export const ms = (value: number): string =>
  value >= 100 ? `${Math.round(value)} ms` : `${value.toFixed(1)} ms`
