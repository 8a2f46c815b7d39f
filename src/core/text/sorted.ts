/** Looking things up in what is in order: a file may have tens of thousands of headings, boxes and findings. */

/** The place of the first whose number is not below `least`; the length where there is none. */
export function firstFrom<T>(sorted: readonly T[], least: number, numberOf: (one: T) => number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const one = sorted[middle]
    if (one !== undefined && numberOf(one) < least) low = middle + 1
    else high = middle
  }
  return low
}

/** Those whose index is above `after` and below `before`. */
export const within = <T extends { index: number }>(
  sorted: readonly T[],
  after: number,
  before: number,
): T[] =>
  sorted.slice(
    firstFrom(sorted, after + 1, ({ index }) => index),
    firstFrom(sorted, before, ({ index }) => index),
  )
