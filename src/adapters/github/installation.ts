import { Octokit as RestOctokit } from '@octokit/rest'
import * as z from 'zod'

import type { Clock } from '../../core/ports.ts'
import type { Octokit } from './octokit.ts'

export interface InstallationClientsInput {
  /** Speaks for the App itself, by its key: Probot's `auth()`. */
  app: Octokit
  /** Root of the REST API: `https://api.github.com`, `https://host/api/v3`, `http://127.0.0.1:PORT`. */
  apiUrl: string
  clock?: Clock
  userAgent?: string
}

const tokenSchema = z.object({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }) })

/** A token lives an hour; one that ends so soon is not begun with. */
const MARGIN_MS = 5 * 60_000

interface Token {
  client: Octokit
  expires: number
}

/**
 * Clients of an App and its installations. The token is asked for by `POST /app/installations/{id}/access_tokens` with the
 * first request that needs it, and again before it ends: `octokit.auth({ type: 'installation' })` asks api.github.com
 * whatever the base URL is. Without plugins for throttling and retries, which `createCalls` does.
 */
export function createInstallationClients(input: InstallationClientsInput): {
  auth(installation?: number): Promise<Octokit>
} {
  return {
    auth: (installation) =>
      Promise.resolve(installation === undefined ? input.app : installationClient(input, installation)),
  }
}

function installationClient(input: InstallationClientsInput, installation: number): Octokit {
  const clock = input.clock ?? { now: () => Date.now() }
  let token: Promise<Token> | undefined

  async function fresh(): Promise<Token> {
    const { data } = await input.app.request('POST /app/installations/{installation}/access_tokens', {
      installation,
      request: { retries: 0 },
    })
    const { token, expires_at: expires } = tokenSchema.parse(data)
    return { client: createClient({ ...input, token }), expires: Date.parse(expires) }
  }

  /** Requests that start together share one token. */
  function renew(): Promise<Token> {
    const asked = fresh()
    token = asked
    asked.catch(() => {
      if (token === asked) token = undefined
    })
    return asked
  }

  async function withClient<T>(ask: (client: Octokit) => Promise<T>): Promise<T> {
    const used = token
    let got = await (used ?? renew())
    if (got.expires - clock.now() < MARGIN_MS) got = await (token === used ? renew() : (token ?? renew()))
    try {
      return await ask(got.client)
    } catch (error) {
      // revoked, or the App was installed anew: once more, unless it was new just now
      if (used === undefined || statusOf(error) !== 401) throw error
      return await ask((await (token === used ? renew() : (token ?? renew()))).client)
    }
  }

  return {
    request: (route, parameters) => withClient((client) => client.request(route, parameters)),
    graphql: (query, variables) => withClient((client) => client.graphql(query, variables)),
  }
}

/** A client with a token that is at hand: an installation's, a job's GITHUB_TOKEN, a person's. */
export function createClient(input: { apiUrl: string; token: string; userAgent?: string }): Octokit {
  return new RestOctokit({
    baseUrl: input.apiUrl,
    auth: input.token,
    userAgent: input.userAgent ?? 'orchestrate',
    // its request log writes refusals to the console; ours are values
    log: { debug: silent, info: silent, warn: silent, error: silent },
  })
}

const silent = (): void => {}

const statusOf = (error: unknown): unknown =>
  error instanceof Error && 'status' in error ? error.status : undefined
