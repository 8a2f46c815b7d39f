/** One line of the table. */
export interface Row {
  /** What was measured, with its size. */
  measured: string
  /** "≤ 2.50"; undefined for a figure that is only told. */
  target?: { text: string; met: boolean }
  result: string
}

export interface Bench {
  name: string
  about: string
  run(options: BenchOptions): Promise<Row[]>
}

export interface BenchOptions {
  /** Also what takes minutes. */
  full: boolean
  /** Where a bench tells what it does now, and what does not fit a table. */
  say(text: string): void
}

export function atMost(measured: string, limit: number, value: number, more = ''): Row {
  return {
    measured,
    target: { text: `≤ ${limit}`, met: value <= limit },
    result: `${Number.isInteger(value) || value >= 20 ? Math.round(value) : value.toFixed(2)}${more}`,
  }
}

export const told = (measured: string, result: string): Row => ({ measured, result })
