/** Routes are registered here; each says what it needs, and that is asked before its handler runs. */
import type * as z from 'zod'
import { accountOf, type Actor } from '../auth/actor.ts'
import { demand, type Need } from '../auth/may.ts'
import type { Hub } from '../events/hub.ts'
import type { Account, Issue, PullRequest, Repository, World } from '../state/records.ts'
import { isPull, repositoryOf } from '../state/find.ts'
import { linkHeader, pageOf, slice } from './paging.ts'
import { notFound, Refusal } from './refusal.ts'
import { json, type Reply } from './reply.ts'
import { Router } from './router.ts'

/** One request, read. */
export class Call {
  readonly world: World
  readonly hub: Hub
  readonly actor: Actor
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly raw: Buffer
  params: Record<string, string> = {}

  constructor(
    services: Services,
    request: {
      actor: Actor
      method: string
      url: URL
      headers: Readonly<Record<string, string | undefined>>
      raw: Buffer
    },
  ) {
    this.world = services.world
    this.hub = services.hub
    this.actor = request.actor
    this.method = request.method
    this.url = request.url
    this.headers = request.headers
    this.raw = request.raw
  }

  get account(): Account {
    return accountOf(this.actor)
  }

  param(name: string): string {
    return this.params[name] ?? ''
  }

  /** A parameter that is a number; anything else is not found. */
  id(name: string): number {
    const value = Number(this.param(name))
    if (!Number.isInteger(value)) throw notFound()
    return value
  }

  query(name: string): string | undefined {
    return this.url.searchParams.get(name) ?? undefined
  }

  /** The JSON body through a schema; what does not fit is refused as GitHub does, with 400 or 422. */
  body<T>(schema: z.ZodType<T>): T {
    let value: unknown = {}
    try {
      if (this.raw.length > 0) value = JSON.parse(this.raw.toString())
    } catch {
      throw new Refusal(400, 'Problems parsing JSON')
    }
    const read = schema.safeParse(value)
    if (read.success) return read.data
    const problems = read.error.issues.map(
      (issue) => `For 'properties/${issue.path.join('/')}', ${issue.message.toLowerCase()}.`,
    )
    throw new Refusal(422, `Invalid request.\n\n${problems.join('\n')}`)
  }

  /** A page of `items`; only those are rendered. */
  page<T>(items: T[], render: (item: T) => unknown): Reply {
    const page = pageOf(this.url.searchParams)
    return json(slice(items, page).map(render), 200, linkHeader(this.url, items.length, page))
  }

  /** The same, with a count around it. */
  counted<T>(items: T[], key: string, render: (item: T) => unknown): Reply {
    const page = pageOf(this.url.searchParams)
    const body = { total_count: items.length, [key]: slice(items, page).map(render) }
    return json(body, 200, linkHeader(this.url, items.length, page))
  }
}

export interface Services {
  world: World
  hub: Hub
}

export type Handler = (call: Call) => Reply | Promise<Reply>
export type RepositoryHandler = (call: Call, repo: Repository) => Reply | Promise<Reply>

export class Api {
  readonly #router = new Router<Handler>()

  route(method: string, pattern: string, handler: Handler): void {
    this.#router.add(method, pattern, handler)
  }

  /** A route below `/repos/:owner/:repo`. */
  repo(method: string, pattern: string, need: Need, handler: RepositoryHandler): void {
    this.#router.add(method, `/repos/:owner/:repo${pattern}`, (call) => {
      const repo = repositoryOf(call.world, `${call.param('owner')}/${call.param('repo')}`)
      if (!repo) throw notFound()
      demand(call.actor, repo, need)
      return handler(call, repo)
    })
  }

  /** Undefined where no route fits. */
  answer(call: Call): Promise<Reply> | Reply | undefined {
    const found = this.#router.find(call.method, call.url.pathname)
    if (!found) return undefined
    call.params = found.params
    return found.handler(call)
  }
}

export function issueOf(repo: Repository, number: number): Issue {
  const issue = repo.issues.get(number)
  if (!issue) throw notFound()
  return issue
}

export function pullOf(repo: Repository, number: number): PullRequest {
  const issue = repo.issues.get(number)
  if (!issue || !isPull(issue)) throw notFound()
  return issue
}
