/**
 * The part of an octokit that is used here. Probot's, `@octokit/rest`'s and that of `@actions/github` all fit.
 *
 * Retrying is this adapter's own (`calls.ts`): it reads before it repeats a write, waits within a bound and tells about it.
 * `@octokit/plugin-retry` is switched off by each request; `@octokit/plugin-throttling` cannot be, and waits without bound
 * and in silence: pass an octokit without it, or with `throttle: { enabled: false }`.
 */
export interface Octokit {
  request(route: string, parameters?: Record<string, unknown>): Promise<OctokitAnswer>
  graphql(query: string, variables?: Record<string, unknown>): Promise<unknown>
}

export interface OctokitAnswer {
  status: number
  headers: Readonly<Record<string, string | number | undefined>>
  data: unknown
}
