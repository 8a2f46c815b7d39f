/** Starts the GitHub on this machine: 127.0.0.1 only, nothing kept beyond `close` but what the caller's directory holds. */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { actionsStore, type ActionsChanges } from './actions/store.ts'
import { tellOfActions } from './actions/tell.ts'
import { allRoutes } from './api/routes.ts'
import { ACTIONS_APP } from './auth/actor.ts'
import { control } from './control.ts'
import { Underneath } from './emulate/underneath.ts'
import { Deliveries } from './events/deliveries.ts'
import { Hub } from './events/hub.ts'
import type { Services } from './http/api.ts'
import { Api } from './http/api.ts'
import { writeHooks } from './git/update-hook.ts'
import { Limits } from './http/limits.ts'
import { listen } from './http/server.ts'
import { makeAccount } from './state/make.ts'
import type { World } from './state/records.ts'
import { webPage } from './web/pages.ts'
import type { Faults, LocalGitHub, LocalGitHubOptions, RecordedRequest } from './types.ts'

/** Ids of different things are different here, so that one taken for another is noticed. */
const FIRST_ID = 1001

export async function startLocalGitHub(options: LocalGitHubOptions = {}): Promise<LocalGitHub> {
  const root = options.dir ?? (await mkdtemp(path.join(os.tmpdir(), 'local-github-')))
  let last = FIRST_ID
  const nextId = (): number => (last += 1)
  const faults: Faults = {}
  const requests: RecordedRequest[] = []
  const deliveries = new Deliveries(faults, options.deliveriesAtOnce ?? 1)
  const changes: { tell: ActionsChanges | undefined } = { tell: undefined }
  const now = (): Date => new Date()
  const world: World = {
    url: '',
    limits: new Limits(now, faults),
    hooks: await writeHooks(root),
    now,
    nextId,
    accounts: new Map(),
    repositories: new Map(),
    apps: new Map(),
    installations: new Map(),
    tokens: new Map(),
    actions: actionsStore(nextId, () => {
      if (!changes.tell) throw new Error('the server has not started')
      return changes.tell
    }),
  }
  const hub = new Hub(world, deliveries)
  const services: Services = { world, hub }
  changes.tell = tellOfActions(services)
  addActionsApp(world)

  const api = new Api()
  allRoutes(api, root)
  const underneath = new Underneath(services)
  const server = await listen(
    {
      ...{ services, api, faults, requests, page: webPage, fallback: (call) => underneath.answer(call) },
      ...(options.onAnswer === undefined ? {} : { onAnswer: options.onAnswer }),
    },
    options.port ?? 0,
  )
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  world.url = `http://127.0.0.1:${address.port}`

  return {
    ...control(services, deliveries, root),
    url: world.url,
    requests,
    deliveries: deliveries.log,
    faults,
    actions: world.actions,
    async close() {
      deliveries.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await underneath.close()
      for (const repo of world.repositories.values()) repo.git.close()
      if (options.dir === undefined) await rm(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** The App that jobs' tokens and checks belong to. Nobody has its key. */
function addActionsApp(world: World): void {
  const github = makeAccount(world, 'github', 'Organization', { id: 9919 })
  const { id, slug, botId } = ACTIONS_APP
  const bot = makeAccount(world, `${slug}[bot]`, 'Bot', { id: botId, appId: id })
  world.apps.set(id, {
    id,
    slug,
    name: 'GitHub Actions',
    owner: github,
    bot,
    permissions: { checks: 'write', contents: 'write', metadata: 'read' },
    events: [],
    publicKey: '',
    webhookUrl: undefined,
    webhookSecret: '',
    createdAt: bot.createdAt,
  })
}
