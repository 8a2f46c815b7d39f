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
  readonly #provider: string

  constructor(provider: string, now: () => number, random: () => number) {
    this.#provider = provider
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

  /** What was reached, of the last refusal: "rate limit of Anthropic". */
  limit = ''

  /** Takes a refusal in, and says for how long it makes us wait. Milliseconds. */
  refused({ status, headers }: { status: number; headers: Headers }): number {
    this.#refusals += 1
    this.limit = `${status === 429 ? 'rate limit' : 'overload'} of ${this.#provider}`
    const backoff = Math.min(FIRST_MS * 2 ** (this.#refusals - 1), MOST_MS)
    // Up to a quarter more, so that several gateways do not knock at once.
    const ms = (roomIn(headers, this.#now()) ?? backoff) * (1 + this.#random() / 4)
    this.#until = Math.max(this.#until, this.#now() + ms)
    return ms
  }

  answered(): void {
    this.#refusals = 0
  }
}

/** When the provider says that there is room again: as it is asked to be told, else by the limits that are used up. Milliseconds. */
export function roomIn(headers: Headers, now: number): number | undefined {
  return retryAfter(headers, now) ?? untilReset(headers, now)
}

/** Anthropic's limits; source: docs.claude.com/en/api/rate-limits, and for subscriptions what Claude Code is sent. */
const ANTHROPIC = [
  'requests',
  'tokens',
  'input-tokens',
  'output-tokens',
  'unified',
  'unified-5h',
  'unified-7d',
]
/** OpenAI's; source: platform.openai.com/docs/guides/rate-limits. */
const OPENAI = ['requests', 'tokens']
/** Longer is no time of a limit: a header that means something else. A week and a day. Milliseconds. */
const FAR_MS = 8 * 24 * 3_600_000

/** Until the last of the limits that are used up is reset; where none is said to be, until the first reset. */
function untilReset(headers: Headers, now: number): number | undefined {
  const limits = [
    ...ANTHROPIC.map((name) => ({
      reset: momentOf(headers.get(`anthropic-ratelimit-${name}-reset`), now),
      used:
        headers.get(`anthropic-ratelimit-${name}-remaining`) === '0' ||
        headers.get(`anthropic-ratelimit-${name}-status`) === 'rejected',
    })),
    ...OPENAI.map((name) => ({
      reset: spanOf(headers.get(`x-ratelimit-reset-${name}`)),
      used: headers.get(`x-ratelimit-remaining-${name}`) === '0',
    })),
  ].flatMap(({ reset, used }) =>
    reset === undefined || !(reset >= 0 && reset < FAR_MS) ? [] : [{ reset, used }],
  )
  const used = limits.filter((limit) => limit.used).map(({ reset }) => reset)
  if (used.length > 0) return Math.max(...used)
  return limits.length === 0 ? undefined : Math.min(...limits.map(({ reset }) => reset))
}

/** A date, or seconds since the epoch, as milliseconds from `now`. */
function momentOf(text: string | null, now: number): number | undefined {
  if (text === null) return undefined
  const at = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(at - now, 0)
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** "6m0s", "120ms", "1.5s" as milliseconds. */
function spanOf(text: string | null): number | undefined {
  const parts = [...(text ?? '').matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined
  return parts.reduce((sum, [, n, unit = '']) => sum + Number(n) * (UNITS[unit] ?? 0), 0)
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
