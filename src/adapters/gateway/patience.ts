import { setTimeout as sleep } from 'node:timers/promises'

/** Statuses by which a provider says that there is no room now. 503 and 529: overloaded. */
export const NO_ROOM: ReadonlySet<number> = new Set([429, 503, 529])

const FIRST_MS = 1_000
const MOST_MS = 60_000

/**
 * Where one call was told to wait, all wait: a provider that has no room for one of a run's agents has none for the others, and
 * each of them knocking by itself makes the wait longer for all.
 */
export class Patience {
  #until = 0
  #refusals = 0
  readonly #now: () => number
  readonly #random: () => number

  constructor(now: () => number, random: () => number) {
    this.#now = now
    this.#random = random
  }

  /** Milliseconds until the provider may be asked again; 0 where it may be now. */
  get waitMs(): number {
    return Math.max(this.#until - this.#now(), 0)
  }

  /** Resolves when it may be asked, or rejects by the signal. Asks again: a refusal in the meantime moves the time. */
  async wait(signal: AbortSignal): Promise<void> {
    while (this.waitMs > 0) await sleep(this.waitMs, undefined, { signal })
  }

  /** Takes a refusal in, and says for how long it makes us wait. Milliseconds. */
  refused(headers: Headers): number {
    this.#refusals += 1
    const backoff = Math.min(FIRST_MS * 2 ** (this.#refusals - 1), MOST_MS)
    // Up to a quarter more, so that several gateways do not knock at once.
    const ms = (retryAfter(headers, this.#now()) ?? backoff) * (1 + this.#random() / 4)
    this.#until = Math.max(this.#until, this.#now() + ms)
    return ms
  }

  answered(): void {
    this.#refusals = 0
  }
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date. Milliseconds from `now`. */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const exact = Number(headers.get('retry-after-ms') ?? NaN)
  if (exact >= 0) return exact
  const given = headers.get('retry-after')
  if (given === null || given.trim() === '') return undefined
  const seconds = Number(given)
  if (seconds >= 0) return seconds * 1_000
  const date = Date.parse(given)
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0)
}
