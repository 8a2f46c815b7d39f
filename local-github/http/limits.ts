/** How many requests each caller has made in its hour, as the `x-ratelimit-*` headers tell. */
import type { Actor } from '../auth/actor.ts'
import { actorName } from '../auth/actor.ts'
import type { Faults } from '../types.ts'

const HOUR_MS = 3_600_000

/** GitHub's own numbers: of people and Apps, of a GITHUB_TOKEN for each repository, of who has no token. */
const PER_HOUR: Record<Actor['kind'], number> = {
  user: 5_000,
  app: 5_000,
  installation: 5_000,
  job: 1_000,
  anonymous: 60,
}

export interface Standing {
  limit: number
  remaining: number
  /** Seconds since 1970. */
  reset: number
  used: number
}

export class Limits {
  readonly #now: () => Date
  readonly #faults: Faults
  readonly #counts = new Map<string, { used: number; until: number }>()

  constructor(now: () => Date, faults: Faults) {
    this.#now = now
    this.#faults = faults
  }

  count(actor: Actor, resource: string): void {
    this.#of(actor, resource).used += 1
  }

  standing(actor: Actor, resource: string): Standing {
    const { used, until } = this.#of(actor, resource)
    const limit = this.#faults.requestsPerHour ?? PER_HOUR[actor.kind]
    return { limit, remaining: Math.max(0, limit - used), reset: Math.ceil(until / 1000), used }
  }

  /** Only where a test set a limit: a benchmark makes an hour's requests in minutes. */
  exhausted(actor: Actor, resource: string): boolean {
    return this.#faults.requestsPerHour !== undefined && this.standing(actor, resource).remaining === 0
  }

  #of(actor: Actor, resource: string): { used: number; until: number } {
    const job = actor.kind === 'job' ? `${actor.repository.fullName} ` : ''
    const key = `${job}${actorName(actor)} ${resource}`
    const now = this.#now().getTime()
    const found = this.#counts.get(key)
    if (found && found.until > now) return found
    const fresh = { used: 0, until: now + HOUR_MS }
    this.#counts.set(key, fresh)
    return fresh
  }
}

/** Each has a limit of its own; git and web pages have none. */
export function resourceOf(path: string): 'core' | 'graphql' | 'search' {
  if (path === '/graphql') return 'graphql'
  return path.startsWith('/search/') ? 'search' : 'core'
}
