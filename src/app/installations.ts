import * as z from 'zod'
import type { Forge } from '../core/forge.ts'
import { failure } from '../core/model/failure.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import type { Octokit } from '../adapters/github/octokit.ts'
import { mayBeCommand, type Place } from './events.ts'

/** The part of Probot that gives us clients: of the App itself, or of one installation. */
export interface Clients {
  auth(installation?: number): Promise<Octokit>
}

/** A server has few installations; a cloud App many. Each client holds a token that lives an hour. */
const MAX_CLIENTS = 500
const PAGE = 100

const installations = z.array(z.object({ id: z.number().int(), suspended_at: z.string().nullish() }))
const repositories = z.object({
  repositories: z.array(
    z.object({
      name: z.string(),
      owner: z.object({ login: z.string() }),
      archived: z.boolean().optional(),
    }),
  ),
})

const reactions = z.object({
  '+1': z.number(),
  confused: z.number(),
  rocket: z.number(),
})
const comments = z.array(
  z.object({
    id: z.number().int(),
    body: z.string().nullish(),
    user: z.object({ type: z.string() }).nullish(),
    issue_url: z.string(),
    reactions: reactions.optional(),
  }),
)

/** Where the App is installed, and a forge for each repository there. */
export class Installations {
  readonly #clients: Clients
  readonly #open: (octokit: Octokit, place: Place) => Forge
  readonly #cache = new Map<number, Promise<Octokit>>()

  constructor(clients: Clients, open: (octokit: Octokit, place: Place) => Forge) {
    this.#clients = clients
    this.#open = open
  }

  async forge(place: Place): Promise<Forge> {
    return this.#open(await this.#client(place.installation), place)
  }

  /** Ids of all installations that are not suspended. */
  async list(): Promise<Result<number[]>> {
    return await allPages(await this.#clients.auth(), 'GET /app/installations', (data) =>
      installations.parse(data).map(({ id, suspended_at }) => (suspended_at == null ? [id] : [])),
    )
  }

  async repositories(installation: number): Promise<Result<Place[]>> {
    return await allPages(await this.#client(installation), 'GET /installation/repositories', (data) =>
      repositories
        .parse(data)
        .repositories.map(({ name, owner, archived }) =>
          archived === true ? [] : [{ installation, owner: owner.login, repo: name }],
        ),
    )
  }

  /** Comments that may be commands and that nobody answered with a reaction, changed since `since`; issues' among them. */
  async recentComments(place: Place, since: number): Promise<Result<{ pull: number; id: number }[]>> {
    const { owner, repo } = place
    const given = { owner, repo, since: new Date(since).toISOString(), sort: 'updated', direction: 'desc' }
    const route = 'GET /repos/{owner}/{repo}/issues/comments'
    return await allPages(
      await this.#client(place.installation),
      route,
      (data) =>
        comments.parse(data).map(({ id, body, user, issue_url, reactions: given }) => {
          const answered = given !== undefined && given['+1'] + given.confused + given.rocket > 0
          if (answered || user?.type !== 'User' || !mayBeCommand(body ?? '')) return []
          return [{ id, pull: Number(issue_url.split('/').at(-1)) }]
        }),
      given,
    )
  }

  /** One client an installation, so that its token is fetched once an hour and not once an event. */
  #client(installation: number): Promise<Octokit> {
    const known = this.#cache.get(installation)
    if (known) return known
    const [oldest] = this.#cache.keys()
    if (this.#cache.size >= MAX_CLIENTS && oldest !== undefined) this.#cache.delete(oldest)
    const client = this.#clients.auth(installation)
    this.#cache.set(installation, client)
    client.catch(() => this.#cache.delete(installation))
    return client
  }
}

/** Items of every page. `read` gives a list per item: empty for one that is left out. */
async function allPages<T>(
  octokit: Octokit,
  route: string,
  read: (data: unknown) => T[][],
  parameters: Record<string, unknown> = {},
): Promise<Result<T[]>> {
  const found: T[] = []
  for (let page = 1; ; page++) {
    try {
      const { data } = await octokit.request(route, { ...parameters, per_page: PAGE, page })
      const items = read(data)
      found.push(...items.flat())
      if (items.length < PAGE) return ok(found)
    } catch (error) {
      return err([
        failure(
          'forge-unavailable',
          `GitHub did not answer ${route}: ${error instanceof Error ? error.message : String(error)}`,
          'The next sweep asks again.',
        ),
      ])
    }
  }
}
