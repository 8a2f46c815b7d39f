import { startWorld } from '../local-github/world.ts'
import { atMost, type Bench, type BenchOptions, type Row, told } from './support/bench.ts'
import { ms } from './support/measure.ts'
import { root } from './support/place.ts'
import { projectFiles, specPlan } from './support/plan.ts'
import { byRoute, counted, roundTrips } from './support/requests.ts'

const SIZES = [3, 40] as const
/** To a data centre on another continent and back. */
const FAR_MS = 150

interface Seen {
  /** To the API, the token counted. */
  requests: number
  trips: number
  /** From the label's arrival to the last answer that the App got. */
  taken: number
}

/** What GitHub is asked from a label to the check and the comment that answer it. */
export const githubGate: Bench = {
  name: 'github-gate',
  about: 'GitHub requests and round trips from a label to check and comment',
  async run(options) {
    const rows: Row[] = []
    const near: number[] = []
    for (const specs of SIZES) {
      const { requests, trips, taken } = await label(specs, 0, options)
      near.push(requests)
      rows.push(atMost(`GitHub requests from label to check and comment, ${specs} specs`, 9, requests))
      const far = await label(specs, FAR_MS, options)
      rows.push(
        atMost(`… one after the other, ${specs} specs`, 4, far.trips, `  (${trips} where GitHub is near)`),
        told(
          `… label to check and comment, ${specs} specs, GitHub ${FAR_MS} ms away`,
          `${ms(far.taken)}  (${ms(taken)} where it is near)`,
        ),
      )
    }
    rows.push({
      measured: `as many requests for ${SIZES.join(' and ')} specs`,
      target: { text: 'same', met: new Set(near).size === 1 },
      result: near.join(' and '),
    })
    return rows
  },
}

async function label(specs: number, latencyMs: number, { say }: BenchOptions): Promise<Seen> {
  const world = await startWorld({ root, app: true, action: true, files: projectFiles() })
  const { github } = world
  try {
    const names = Array.from({ length: specs }, (_, i) => `spec-${i}`)
    const head = await world.push('author', 'plan', specPlan(names))
    const pull = await world.openPull('author', 'plan', 'A plan')
    await world.settled()
    github.faults.latencyMs = latencyMs
    const before = github.requests.length
    await world.label('maintainer', pull)
    await world.settled()
    github.faults.latencyMs = 0

    const since = github.requests.slice(before)
    const { api } = counted(since)
    const { check_runs: checks } = (await world.api('reader', 'GET', `/commits/${head}/check-runs`)) as {
      check_runs: { conclusion: string | null }[]
    }
    if (!checks.some(({ conclusion }) => conclusion === 'action_required'))
      throw new Error(`the gate did not answer: ${JSON.stringify(checks)}`)
    const labelled = since.find(({ method, path }) => method === 'POST' && path.endsWith('/labels'))
    say(`${specs} specs, GitHub ${latencyMs} ms away: ${routes(byRoute(api))}`)
    // A token lasts an hour: this label may have found one.
    const token = api.some(({ path }) => path.endsWith('/access_tokens')) ? 0 : 1
    return {
      requests: api.length + token,
      trips: roundTrips(api) + token,
      taken: Math.max(...api.map(({ to }) => to)) - (labelled?.from ?? NaN),
    }
  } finally {
    await world.close()
  }
}

const routes = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([route, count]) => (count === 1 ? route : `${count} × ${route}`)).join(', ')
