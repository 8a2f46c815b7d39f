import type { RecordedRequest } from '../../local-github/types.ts'

/** What git asks for over HTTP, which counts against no limit of the API. */
const GIT = /\/(info\/refs\?service=)?git-(upload|receive)-pack$/

export interface Counted {
  /** Requests to the API, tokens among them. */
  api: RecordedRequest[]
  /** Pushes that were carried out; what git asks beforehand is part of one. */
  pushes: number
  fetches: number
}

/** What programs asked of GitHub: the App and the jobs, not the people. */
export function counted(requests: readonly RecordedRequest[]): Counted {
  const ours = requests.filter(({ as }) => as.endsWith('[bot]') || as.startsWith('jwt:'))
  const ends = (end: string): number => ours.filter(({ path }) => path.endsWith(end)).length
  return {
    api: ours.filter(({ path }) => !GIT.test(path)),
    pushes: ends('/git-receive-pack'),
    fetches: ends('/info/refs?service=git-upload-pack'),
  }
}

/** How many round trips one after the other these requests are: those that overlap in time count once. */
export function roundTrips(requests: readonly RecordedRequest[]): number {
  let trips = 0
  let until = -1
  for (const { from, to } of [...requests].sort((a, b) => a.from - b.from)) {
    if (from >= until) trips += 1
    until = from >= until ? to : Math.max(until, to)
  }
  return trips
}

/** A request without what differs from one to the next: `App PATCH /check-runs/:n`. */
export function routeOf({ method, path, operation, as }: RecordedRequest): string {
  const who = as === 'github-actions[bot]' ? 'job' : 'App'
  if (operation !== undefined) return `${who} GraphQL ${operation}`
  const route = path
    .replace(/\?.*/, '')
    .replace(/^\/repos\/[^/]+\/[^/]+/, '')
    .replace(/[0-9a-f]{40}/g, ':sha')
    .replace(/\/\d+(?=\/|$)/g, '/:n')
    .replace(/(refs?\/[^/]+)\/.*/, '$1/…')
  return `${who} ${method} ${route}`
}

/** How often each route was asked, the most asked first. */
export function byRoute(requests: readonly RecordedRequest[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const request of requests) counts.set(routeOf(request), (counts.get(routeOf(request)) ?? 0) + 1)
  return new Map([...counts].sort(([, a], [, b]) => b - a))
}
