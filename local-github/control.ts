/** What tests and the demo do to this GitHub without asking it over HTTP. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { raiseCheck } from './api/checks.ts'
import type { Deliveries } from './events/deliveries.ts'
import type { Services } from './http/api.ts'
import type { Actor } from './auth/actor.ts'
import { renderInstallation } from './render/check.ts'
import { renderAccount } from './render/account.ts'
import { accountOfLogin, mustFindRepository } from './state/find.ts'
import { makeAccount, makeRepository, newToken } from './state/make.ts'
import type { Account, App, Installation, Repository, World } from './state/records.ts'
import { isoNow } from './state/time.ts'
import type { LocalGitHub } from './types.ts'

type Control = Omit<LocalGitHub, 'url' | 'requests' | 'deliveries' | 'faults' | 'actions' | 'close'>

export function control(services: Services, deliveries: Deliveries, root: string): Control {
  const { world, hub } = services
  return {
    addUser(login) {
      const account = makeAccount(world, login, 'User')
      const token = newToken('ghp')
      world.tokens.set(token, { kind: 'user', account })
      return Promise.resolve({ login, id: account.id, token })
    },
    async createRepository(input) {
      const owner = accountOfLogin(world, input.owner) ?? makeAccount(world, input.owner, 'Organization')
      const defaultBranch = input.defaultBranch ?? 'main'
      const { name, files } = input
      const made = await makeRepository(world, root, {
        owner,
        name,
        private: input.private ?? false,
        defaultBranch,
        files: files ?? { 'README.md': `# ${name}\n` },
      })
      return { fullName: made.fullName, defaultBranch, gitDir: made.git.dir }
    },
    setRole(fullName, login, role) {
      mustFindRepository(world, fullName).roles.set(mustFindAccount(world, login).login, role)
    },
    cloneUrl(fullName, token) {
      const host = token === undefined ? world.url : world.url.replace('://', `://x-access-token:${token}@`)
      return `${host}/${fullName}.git`
    },
    gitDir: (fullName) => mustFindRepository(world, fullName).git.dir,
    createApp: (input) => Promise.resolve(createApp(world, input)),
    setWebhookUrl(appId, url) {
      mustFindApp(world, appId).webhookUrl = url
    },
    installApp(appId, fullName) {
      return Promise.resolve(
        installApp(services, mustFindApp(world, appId), mustFindRepository(world, fullName)),
      )
    },
    jobToken(fullName, permissions) {
      const token = newToken('ghs')
      world.tokens.set(token, { kind: 'job', repository: mustFindRepository(world, fullName), permissions })
      return token
    },
    revokeToken(token) {
      world.tokens.delete(token)
    },
    protectBranch(fullName, branch, rules) {
      const { requiredChecks = [], requiredApprovals = 0 } = rules
      // Who asks for reviews asks for pull requests.
      const requirePullRequest = rules.requirePullRequest ?? requiredApprovals > 0
      const protection = { requiredChecks, requirePullRequest, requiredApprovals }
      mustFindRepository(world, fullName).protections.set(branch, protection)
    },
    async pressButton(fullName, checkRunId, identifier, login) {
      const repo = mustFindRepository(world, fullName)
      const run = repo.checks.get(checkRunId)
      if (!run?.actions.some((action) => action.identifier === identifier))
        throw new Error(`check run ${checkRunId} has no button ${identifier}`)
      const actor: Actor = { kind: 'user', account: mustFindAccount(world, login) }
      raiseCheck({ world, hub, actor }, repo, run, 'requested_action', { requested_action: { identifier } })
      await deliveries.idle()
    },
    redeliver: (id) => deliveries.redeliver(id),
    releaseDeliveries: (order = (held) => held) => deliveries.release(order),
    async raise(fullName, event, payload) {
      const repo = mustFindRepository(world, fullName)
      const { action, ...rest } = payload
      const sender = accountOfLogin(world, loginOf(rest['sender'])) ?? repo.owner
      hub.raise(repo, {
        event,
        ...(typeof action === 'string' ? { action } : {}),
        actor: { kind: 'user', account: sender },
        payload: rest,
      })
      await deliveries.idle()
    },
    onWorkflowEvent: (listener) => hub.listen(listener),
    idle: () => hub.idle(),
  }
}

function loginOf(sender: unknown): string {
  const login = typeof sender === 'object' && sender !== null && 'login' in sender ? sender.login : ''
  return typeof login === 'string' ? login : ''
}

function mustFindAccount(world: World, login: string): Account {
  const account = accountOfLogin(world, login)
  if (!account) throw new Error(`there is no account ${login}`)
  return account
}

function mustFindApp(world: World, id: number): App {
  const app = world.apps.get(id)
  if (!app) throw new Error(`there is no App ${id}`)
  return app
}

function createApp(world: World, input: Parameters<LocalGitHub['createApp']>[0]) {
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  const slug = input.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  const id = world.nextId()
  const bot = makeAccount(world, `${slug}[bot]`, 'Bot', { appId: id })
  const owner = accountOfLogin(world, 'app-makers') ?? makeAccount(world, 'app-makers', 'Organization')
  const webhookSecret = randomBytes(16).toString('hex')
  world.apps.set(id, {
    id,
    slug,
    name: input.name,
    owner,
    bot,
    permissions: { metadata: 'read', ...input.permissions },
    events: input.events,
    publicKey: keys.publicKey,
    webhookUrl: input.webhookUrl,
    webhookSecret,
    createdAt: isoNow(world),
  })
  return { id, slug, privateKey: keys.privateKey, webhookSecret, bot: bot.login }
}

/** One installation per App and account; another repository of the account is added to it. */
function installApp({ world, hub }: Services, app: App, repo: Repository): { installationId: number } {
  const found = [...world.installations.values()].find((one) => one.app === app && one.account === repo.owner)
  const installation: Installation = found ?? {
    id: world.nextId(),
    app,
    account: repo.owner,
    repositories: new Set(),
    createdAt: isoNow(world),
  }
  world.installations.set(installation.id, installation)
  installation.repositories.add(repo)
  const short = [
    { id: repo.id, node_id: '', name: repo.name, full_name: repo.fullName, private: repo.private },
  ]
  const common = {
    installation: renderInstallation(world, installation),
    sender: renderAccount(world, repo.owner),
  }
  if (found)
    hub.tell(app, repo.fullName, 'installation_repositories', 'added', {
      ...common,
      repository_selection: 'selected',
      repositories_added: short,
      repositories_removed: [],
    })
  else hub.tell(app, repo.fullName, 'installation', 'created', { ...common, repositories: short })
  return { installationId: installation.id }
}
