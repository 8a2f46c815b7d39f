/** What an error of octokit means: refused, wait, or try again. Pure. */
import * as z from 'zod/mini'
import { lazily } from '../../core/model/lazily.ts'

export type Trouble =
  /** GitHub said no; the same request will be refused again. */
  | { kind: 'refused'; status: number; message: string; permissions: string | undefined }
  /** The limit of requests; `waitMs` from now. */
  | { kind: 'limited'; waitMs: number; secondary: boolean; message: string }
  /** A 5xx or a broken connection: a write may or may not have happened. */
  | { kind: 'broken'; message: string }

const headers = lazily(() => z.catch(z.record(z.string(), z.unknown()), {}))

const httpError = lazily(() =>
  z.object({
    name: z.literal('HttpError'),
    status: z.number(),
    message: z.string(),
    response: z.optional(z.object({ headers: headers(), data: z.unknown() })),
  }),
)

const graphqlError = lazily(() =>
  z.object({
    name: z.literal('GraphqlResponseError'),
    headers: headers(),
    errors: z.array(
      z.object({
        type: z.optional(z.string()),
        message: z.string(),
        path: z.optional(z.array(z.union([z.string(), z.number()]))),
      }),
    ),
    data: z.unknown(),
  }),
)

/** A signal's reason is an error of its own realm: `instanceof` would not know it. */
const noAnswer = lazily(() => z.object({ name: z.enum(['AbortError', 'TimeoutError']) }))

/** GitHub asks for a minute where a secondary limit is hit and nothing is said. */
const SECONDARY_WAIT_MS = 60_000

/** The errors that a query was answered with, and the data that came nevertheless. */
export function partialAnswer(error: unknown): z.infer<ReturnType<typeof graphqlError>> | undefined {
  const parsed = z.safeParse(graphqlError(), error)
  return parsed.success ? parsed.data : undefined
}

/** Undefined: it is no error of a request, so a bug of ours. */
export function trouble(error: unknown, now: number): Trouble | undefined {
  const partial = partialAnswer(error)
  if (partial !== undefined) return graphqlTrouble(partial, now)
  const parsed = httpError().safeParse(error)
  if (parsed.success) return httpTrouble(parsed.data, now)
  return noAnswer().safeParse(error).success ? { kind: 'broken', message: 'no answer in time' } : undefined
}

function httpTrouble(error: z.infer<ReturnType<typeof httpError>>, now: number): Trouble {
  const { status, response } = error
  const message = messageOf(response?.data) ?? error.message
  // octokit makes a 500 without a response of a connection that broke
  if (status >= 500 || response === undefined)
    return { kind: 'broken', message: response === undefined ? error.message : `${status} ${message}` }
  const limit = limited(status, response.headers, message, now)
  return (
    limit ?? {
      kind: 'refused',
      status,
      message,
      permissions: text(response.headers['x-accepted-github-permissions']),
    }
  )
}

function graphqlTrouble(error: z.infer<ReturnType<typeof graphqlError>>, now: number): Trouble {
  const message = error.errors.map((each) => each.message).join('; ')
  const types = error.errors.map((each) => each.type)
  if (types.includes('RATE_LIMITED') || types.includes('RATE_LIMIT'))
    return limited(429, error.headers, message, now) ?? { kind: 'broken', message }
  if (/something went wrong|timed? ?out|timeout/iu.test(message)) return { kind: 'broken', message }
  const status = types.includes('NOT_FOUND')
    ? 404
    : types.some((type) => type === 'FORBIDDEN' || type === 'INSUFFICIENT_SCOPES')
      ? 403
      : 422
  return { kind: 'refused', status, message, permissions: undefined }
}

/** 429, or a 403 that is one of the limits (GitHub uses both); undefined for any other answer. */
function limited(
  status: number,
  found: Record<string, unknown>,
  message: string,
  now: number,
): Trouble | undefined {
  if (status !== 403 && status !== 429) return undefined
  const after = number(found['retry-after'])
  const secondary = /secondary rate limit|abuse detection/iu.test(message)
  if (after !== undefined) return { kind: 'limited', waitMs: after * 1000, secondary, message }
  const reset = number(found['x-ratelimit-reset'])
  if (number(found['x-ratelimit-remaining']) === 0 && reset !== undefined && !secondary)
    // a second more: their clock is not ours
    return { kind: 'limited', waitMs: Math.max(0, reset * 1000 - now) + 1000, secondary, message }
  if (secondary || status === 429) return { kind: 'limited', waitMs: SECONDARY_WAIT_MS, secondary, message }
  return undefined
}

const described = lazily(() =>
  z.object({
    message: z.string(),
    errors: z.catch(
      z.optional(
        z.array(
          z.union([z.string(), z.object({ message: z.optional(z.string()), field: z.optional(z.string()) })]),
        ),
      ),
      undefined,
    ),
  }),
)

/** GitHub's own words, with what it found wrong in the fields. */
function messageOf(data: unknown): string | undefined {
  const parsed = described().safeParse(data)
  if (!parsed.success) return undefined
  const details = (parsed.data.errors ?? []).flatMap((each) =>
    typeof each === 'string'
      ? each
      : (each.message ?? (each.field === undefined ? [] : `field ${each.field}`)),
  )
  return [parsed.data.message, ...details].join('; ')
}

const number = (value: unknown): number | undefined => {
  const figure = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof figure === 'number' && Number.isFinite(figure) ? figure : undefined
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
