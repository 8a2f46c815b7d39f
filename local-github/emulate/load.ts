/**
 * `emulate`'s GitHub in this process. Its package tells no way to its store, so its plugin is taken from the chunk that its
 * own loader names; version 0.12.2 is pinned exactly for this.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { createEmulator } from 'emulate'
import { packageDirectory } from '../state/package-directory.ts'

export interface EmulateUser {
  login: string
  id: number
  scopes: string[]
}

interface Collection {
  findOneBy(field: string, value: unknown): { id: number } | undefined
}

/** What its plugin is registered with, as far as it is used here. */
export interface Emulate {
  answer(request: Request): Promise<Response>
  /** Adds what is not there yet. */
  seed(config: EmulateSeed): void
  userId(login: string): number | undefined
  tokens: Map<string, EmulateUser>
  onEvent: (event: string, action: string | undefined, payload: unknown, owner: string, repo: string) => void
  close(): Promise<void>
}

export interface EmulateSeed {
  users?: { login: string }[]
  orgs?: { login: string }[]
  repos?: { owner: string; name: string; private: boolean; default_branch: string; auto_init: false }[]
}

interface PluginModule {
  githubPlugin: {
    register(
      app: App,
      store: unknown,
      webhooks: Webhooks,
      baseUrl: string,
      tokens: Map<string, EmulateUser>,
    ): void
  }
  seedFromConfig(store: unknown, baseUrl: string, config: EmulateSeed): void
  getGitHubStore(store: unknown): { users: Collection; orgs: Collection }
}

interface App {
  fetch(request: Request): Promise<Response> | Response
}

interface Webhooks {
  dispatch: (...args: [string, string | undefined, unknown, string, string]) => Promise<void>
}

async function loadPlugin(): Promise<PluginModule> {
  const dist = path.join(packageDirectory('emulate'), 'dist')
  const loader = await readFile(path.join(dist, 'api.js'), 'utf8')
  const chunk = /import\("\.\/(dist-\w+\.js)"\);\s*return \{\s*plugin: mod\.githubPlugin/.exec(loader)?.[1]
  if (chunk === undefined) throw new Error('emulate has another layout: version 0.12.2 is wanted')
  return (await import(pathToFileURL(path.join(dist, chunk)).href)) as PluginModule
}

/** `url` is what its answers' addresses begin with. */
export async function loadEmulate(url: string): Promise<Emulate> {
  const module = await loadPlugin()
  const plugin = module.githubPlugin
  const register = plugin.register.bind(plugin)
  let emulate: Omit<Emulate, 'close'> | undefined
  plugin.register = (app, store, webhooks, baseUrl, tokens) => {
    register(app, store, webhooks, baseUrl, tokens)
    const made: Omit<Emulate, 'close'> = {
      answer: async (request) => app.fetch(request),
      seed: (config) => module.seedFromConfig(store, baseUrl, config),
      userId: (login) => module.getGitHubStore(store).users.findOneBy('login', login)?.id,
      tokens,
      onEvent: () => undefined,
    }
    // Its own deliveries carry ids that collide: events go our way.
    webhooks.dispatch = (event, action, payload, owner, repo) => {
      made.onEvent(event, action, payload, owner, repo)
      return Promise.resolve()
    }
    emulate = made
  }
  try {
    // Its unknown tokens log in as the first user: that one has no rights anywhere.
    const seed = { tokens: {}, github: { users: [{ login: 'nobody' }] } }
    const running = await createEmulator({
      service: 'github',
      port: 0,
      hostname: '127.0.0.1',
      baseUrl: url,
      seed,
    })
    if (!emulate) throw new Error('emulate did not register its GitHub')
    return Object.assign(emulate, { close: () => running.close() })
  } finally {
    plugin.register = register
  }
}
