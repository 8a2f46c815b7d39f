/** Requests to GitHub with their retries: expected failures come back as values. */
import { en } from 'zod/locales'
import * as z from 'zod/mini'

import { type Failure, failure } from '../../core/model/failure.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import type { Clock } from '../../core/ports.ts'
import type { Octokit } from './octokit.ts'
import { partialAnswer, type Trouble, trouble } from './refusal.ts'

/** Told before every wait, so that it can be shown. */
export interface Wait {
  /** Why: the limit of requests, or an answer that did not come. */
  reason: 'rate-limit' | 'secondary-rate-limit' | 'unavailable'
  /** What is waited with, e.g. "writing the check". */
  what: string
  ms: number
  message: string
}

export interface Policy {
  /** Tries after a 5xx or a broken connection, the first among them. */
  attempts: number
  /** Pause before the second try; it doubles with each. */
  pauseMs: number
  /** All waits of one call for a limit of requests together; what takes longer fails as `forge-rate-limited`. */
  maxWaitMs: number
  /** One request may take so long. */
  timeoutMs: number
}

export const POLICY: Policy = { attempts: 4, pauseMs: 500, maxWaitMs: 90_000, timeoutMs: 30_000 }

export interface CallsInput {
  octokit: Octokit
  owner: string
  repo: string
  policy: Policy
  clock: Clock
  sleep: (ms: number) => Promise<void>
  onWait: (wait: Wait) => void
}

interface Asked<T> {
  /** Completes "GitHub refused …" and "… may have to wait": "writing the check". */
  what: string
  /** The permission that it takes, as GitHub names it: "checks: write". */
  needs: string
  /** Asked for once there is an answer to read. */
  schema: () => z.ZodMiniType<T>
}

export interface Rest<T> extends Asked<T> {
  /** With `{owner}` and `{repo}`, which are filled in. */
  route: string
  params?: Record<string, unknown>
  /**
   * For a write that must not happen twice: looks whether it happened although no answer came. Asked before each further
   * try and after the last.
   */
  recover?: () => Promise<Result<T | undefined>>
}

export interface Query<T> extends Asked<T> {
  query: string
  variables: Record<string, unknown>
  /** Parts that the answer may lack, by path and GitHub's type of error: then they are null. */
  mayLack?: (path: readonly (string | number)[], type: string | undefined) => boolean
}

export interface Answer<T> {
  data: T
  status: number
  /** True where an earlier try may have done it already. */
  again: boolean
}

export interface Calls {
  readonly owner: string
  readonly repo: string
  send<T>(request: Rest<T>): Promise<Result<Answer<T>>>
  /** Like `send`; a 404 is undefined. */
  find<T>(request: Rest<T>): Promise<Result<Answer<T> | undefined>>
  query<T>(request: Query<T>): Promise<Result<T>>
}

export function createCalls(input: CallsInput): Calls {
  const { octokit, owner, repo, policy, clock, sleep, onWait } = input
  const own = () => ({ request: { retries: 0, signal: AbortSignal.timeout(policy.timeoutMs) } })

  async function repeat<T>(
    what: string,
    attempt: () => Promise<Result<Answer<T>, Trouble>>,
    recover: Rest<T>['recover'],
  ): Promise<Result<Answer<T>, Trouble | Failure[]>> {
    let waited = 0
    let again = false
    for (let tries = 1; ;) {
      const answer = await attempt()
      if (answer.ok) return ok({ ...answer.value, again })
      const found = answer.error
      if (found.kind === 'refused') return answer
      if (found.kind === 'limited') {
        if (waited + found.waitMs > policy.maxWaitMs) return answer
        waited += found.waitMs
        onWait({
          reason: found.secondary ? 'secondary-rate-limit' : 'rate-limit',
          what,
          ms: found.waitMs,
          message: found.message,
        })
        // a limit that says "0 s" again and again would never end
        if (found.waitMs < policy.pauseMs) waited += policy.pauseMs
        await sleep(Math.max(found.waitMs, policy.pauseMs))
        continue
      }
      again = true
      const last = tries >= policy.attempts
      if (!last) {
        const ms = policy.pauseMs * 2 ** (tries - 1)
        onWait({ reason: 'unavailable', what, ms, message: found.message })
        await sleep(ms)
      }
      const happened = await recover?.()
      if (happened !== undefined) {
        if (!happened.ok) return happened
        if (happened.value !== undefined) return ok({ data: happened.value, status: 200, again })
      }
      if (last) return answer
      tries += 1
    }
  }

  async function rest<T>(request: Rest<T>): Promise<Result<Answer<T>, Trouble | Failure[]>> {
    const got = await repeat<unknown>(
      request.what,
      async () => {
        try {
          const { status, data } = await octokit.request(request.route, {
            owner,
            repo,
            ...request.params,
            ...own(),
          })
          return ok({ status, data, again: false })
        } catch (error) {
          return err(troubleOf(error))
        }
      },
      request.recover,
    )
    return got.ok ? understood(request, got.value) : got
  }

  const troubleOf = (error: unknown): Trouble => {
    const found = trouble(error, clock.now())
    if (found === undefined) throw error
    return found
  }

  return {
    owner,
    repo,
    async send(request) {
      const got = await rest(request)
      return got.ok ? got : err(asFailures(got.error, request))
    },
    async find(request) {
      const got = await rest(request)
      if (got.ok) return got
      if (!Array.isArray(got.error) && got.error.kind === 'refused' && got.error.status === 404)
        return ok(undefined)
      return err(asFailures(got.error, request))
    },
    async query(request) {
      const got = await repeat<unknown>(
        request.what,
        async () => {
          try {
            const data = await octokit.graphql(request.query, { ...request.variables, ...own() })
            return ok({ status: 200, data, again: false })
          } catch (error) {
            const partial = partialAnswer(error)
            const lacks = ({
              path,
              type,
            }: {
              path?: (string | number)[] | undefined
              type?: string | undefined
            }) => path !== undefined && request.mayLack?.(path, type) === true
            if (partial?.data && partial.errors.every(lacks))
              return ok({ status: 200, data: partial.data, again: false })
            return err(troubleOf(error))
          }
        },
        undefined,
      )
      const read = got.ok ? understood(request, got.value) : got
      return read.ok ? ok(read.value.data) : err(asFailures(read.error, request))
    },
  }
}

function understood<T>(request: Asked<T>, answer: Answer<unknown>): Result<Answer<T>> {
  const parsed = z.safeParse(request.schema(), answer.data, { error: en().localeError })
  if (parsed.success) return ok({ ...answer, data: parsed.data })
  const issue = parsed.error.issues[0]
  return err([
    failure(
      'forge-unavailable',
      `GitHub answered ${request.what} with something else than expected: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`,
      'A proxy may stand in between, or the server is of a version that this one does not know. Try again later.',
    ),
  ])
}

function asFailures(error: Trouble | Failure[], { what, needs }: { what: string; needs: string }): Failure[] {
  if (Array.isArray(error)) return error
  switch (error.kind) {
    case 'limited':
      return [
        failure(
          'forge-rate-limited',
          `GitHub's limit of requests is used up, so ${what} has to wait ${Math.ceil(error.waitMs / 1000)} s: ${error.message}`,
          'It goes on with the next event or sweep; wait, or use a token with a larger limit.',
        ),
      ]
    case 'broken':
      return [
        failure(
          'forge-unavailable',
          `GitHub did not answer ${what}: ${error.message}`,
          'Look at githubstatus.com, then try again; nothing was done twice.',
        ),
      ]
    case 'refused':
      return [
        failure(
          'forge-refused',
          `GitHub refused ${what}: ${error.status} ${error.message}`,
          hint(error, needs),
        ),
      ]
  }
}

function hint({ status, permissions }: Trouble & { kind: 'refused' }, needs: string): string {
  const wanted = permissions?.replaceAll('=', ': ') ?? needs
  switch (status) {
    case 401:
      return 'The token is not valid or has ended. Give a fresh one; for the App look at its id and private key.'
    case 403:
      return `It takes the permission ${wanted}: give it to the App and accept it in its installation, or write it under \`permissions:\` of the job.`
    case 404:
      return `It does not exist, or the token may not see it (permission ${wanted}, App installed on this repository).`
    case 409:
      return 'Something else changed it at the same moment. Try again.'
    default:
      return 'The request was understood and declined; the message above says why.'
  }
}
