/**
 * What we have no route for is answered by `emulate`: milestones, releases, teams, searches and the like. It is started when
 * it is first asked, told of all accounts and repositories, and its events go out as ours do.
 */
import { accountOf } from '../auth/actor.ts'
import { canSee, demand, reading, writing } from '../auth/may.ts'
import type { Call, Services } from '../http/api.ts'
import { notAccessible, notFound } from '../http/refusal.ts'
import type { Reply } from '../http/reply.ts'
import { repositoryOf } from '../state/find.ts'
import { loadEmulate, type Emulate } from './load.ts'

export class Underneath {
  readonly #services: Services
  #loading: Promise<Emulate> | undefined

  constructor(services: Services) {
    this.#services = services
  }

  async answer(call: Call): Promise<Reply> {
    this.#guard(call)
    this.#loading ??= this.#load()
    const emulate = await this.#loading
    this.#tell(emulate)
    const headers: Record<string, string> = { accept: call.headers['accept'] ?? '*/*' }
    if (call.headers['content-type'] !== undefined) headers['content-type'] = call.headers['content-type']
    if (call.actor.kind !== 'anonymous') headers['authorization'] = `Bearer ${this.#token(emulate, call)}`
    const bodied = call.method !== 'GET' && call.method !== 'HEAD'
    const response = await emulate.answer(
      new Request(call.url, {
        method: call.method,
        headers,
        ...(bodied ? { body: new Uint8Array(call.raw) } : {}),
      }),
    )
    const type = response.headers.get('content-type')
    return {
      status: response.status,
      ...(response.status === 204 ? {} : { body: Buffer.from(await response.arrayBuffer()) }),
      ...(type === null ? {} : { headers: { 'content-type': type } }),
    }
  }

  async close(): Promise<void> {
    await (await this.#loading)?.close()
  }

  async #load(): Promise<Emulate> {
    const { world, hub } = this.#services
    const emulate = await loadEmulate(world.url)
    emulate.onEvent = (event, action, payload, owner, name) => {
      const repo = repositoryOf(world, `${owner}/${name}`)
      const rest = typeof payload === 'object' && payload !== null ? { ...payload } : {}
      if (repo)
        hub.raise(repo, {
          event,
          ...(action === undefined ? {} : { action }),
          actor: { kind: 'user', account: repo.owner },
          payload: rest,
        })
    }
    return emulate
  }

  /** It asks few rights of its own: reading is for whoever may see the repository, writing for people who may push. */
  #guard(call: Call): void {
    const named = /^\/repos\/([^/]+)\/([^/]+)/.exec(call.url.pathname)
    const repo = named ? repositoryOf(call.world, `${named[1] ?? ''}/${named[2] ?? ''}`) : undefined
    if (named && (!repo || !canSee(call.actor, repo))) throw notFound()
    const reads = call.method === 'GET' || call.method === 'HEAD'
    if (repo) demand(call.actor, repo, reads ? reading() : writing('administration'))
    if (reads) return
    accountOf(call.actor)
    if (call.actor.kind !== 'user') throw notAccessible()
  }

  #tell(emulate: Emulate): void {
    const { accounts, repositories } = this.#services.world
    const all = [...accounts.values()]
    emulate.seed({
      users: all.filter(({ type }) => type !== 'Organization').map(({ login }) => ({ login })),
      orgs: all.filter(({ type }) => type === 'Organization').map(({ login }) => ({ login })),
      repos: [...repositories.values()].map((repo) => ({
        owner: repo.owner.login,
        name: repo.name,
        private: repo.private,
        default_branch: repo.defaultBranch,
        auto_init: false,
      })),
    })
  }

  #token(emulate: Emulate, call: Call): string {
    const { login } = accountOf(call.actor)
    const token = `underneath-${login}`
    emulate.tokens.set(token, {
      login,
      id: emulate.userId(login) ?? 0,
      scopes: ['repo', 'user', 'admin:org'],
    })
    return token
  }
}
