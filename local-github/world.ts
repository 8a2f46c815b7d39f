/**
 * A repository as its owners would set it up, with everything around it at work: the local GitHub, the App on a port of its
 * own, the workflow with the Action's committed bundle on the runner. The demo and the end-to-end tests stand on it.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { UNCAGED_VARIABLE } from '../src/core/model/config.ts'
import { CONFIG_FILE, LABEL, WORKFLOW } from '../src/core/model/forge-names.ts'
import { startApp, type RunningApp } from '../src/app/start.ts'
import type { Clock } from '../src/core/ports.ts'
import { toolCache } from './runner/tool-cache.ts'
import { standIns } from './runner/stand-ins.ts'
import { startRunner, type Runner } from './runner/start.ts'
import { startLocalGitHub } from './start.ts'
import type { LocalApp, LocalGitHub, LocalGitHubOptions, TokenPermissions } from './types.ts'

const execute = promisify(execFile)
/** Whole files and histories come out of git. Bytes. */
const LARGE = { maxBuffer: 64 * 1024 * 1024 }

export interface WorldOptions {
  /** The project's root: its action.yml, dist/, app.yml and workflow are what runs. */
  root: string
  /** Whether the App is installed, and whether the workflow stands on the default branch. */
  app: boolean
  action: boolean
  /** The default branch's files besides workflow and configuration. */
  files: Readonly<Record<string, string>>
  /** `.github/orchestrate.yml`. */
  config?: string
  /** Secrets of the repository, or those of one of its environments. */
  secrets?: (repository: string, environment: string | undefined) => Readonly<Record<string, string>>
  /** Variables of the repository; where nothing is said, those that the installed parts ask for. */
  vars?: Readonly<Record<string, string>>
  /** Every line of the jobs' logs. */
  log?: (line: string) => void
  /** Of the App. */
  logLevel?: 'info' | 'warn' | 'error' | 'fatal'
  /** 0 or nothing: any free port. */
  port?: number
  onAnswer?: LocalGitHubOptions['onAnswer']
  /** What every job's processes start with besides PATH and HOME, or in their place. */
  env?: Readonly<Record<string, string>>
  /** Of the App; that of jobs is their machine's. */
  clock?: Clock
}

/** Who is there: `owner` administers, `maintainer` may merge, `author` writes the plan, `reader` only reads. */
export const PEOPLE = {
  owner: 'admin',
  maintainer: 'maintain',
  author: 'write',
  reader: 'read',
} as const
export type Person = keyof typeof PEOPLE

export interface GateWorld {
  github: LocalGitHub
  runner: Runner | undefined
  /** `owner/name`. */
  repository: string
  defaultBranch: string
  tokens: Readonly<Record<Person, string>>
  localApp: LocalApp | undefined
  app(): RunningApp | undefined
  /** Ends the App as a deployment does, and starts it again. */
  restartApp(): Promise<void>
  /** The REST API as a person; an answer that is no success throws. */
  api(as: Person, method: string, route: string, body?: object): Promise<unknown>
  /** A branch with one commit of `files` (undefined removes), pushed by a person with git. Its id. */
  push(
    as: Person,
    branch: string,
    files: Readonly<Record<string, string | undefined>>,
    subject?: string,
  ): Promise<string>
  /** A pull request of that branch; its number. */
  openPull(as: Person, branch: string, title: string): Promise<number>
  label(as: Person, pull: number, name?: string): Promise<void>
  /** A comment; its id. */
  comment(as: Person, pull: number, body: string): Promise<number>
  /** git in the bare repository. */
  git(...args: string[]): Promise<string>
  /** Resolves when nothing moves any more: no delivery, no work of the App, no job. */
  settled(): Promise<void>
  close(): Promise<void>
}

const OWNER = 'acme'
const NAME = 'ledger'

export async function startWorld(options: WorldOptions): Promise<GateWorld> {
  const { root } = options
  const github = await startLocalGitHub({
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.onAnswer === undefined ? {} : { onAnswer: options.onAnswer }),
  })
  const tokens: Record<string, string> = {}
  for (const login of Object.keys(PEOPLE)) tokens[login] = (await github.addUser(login)).token
  const { fullName, defaultBranch, gitDir } = await github.createRepository({
    owner: OWNER,
    name: NAME,
    files: {
      ...options.files,
      ...(options.config === undefined ? {} : { [CONFIG_FILE]: options.config }),
      ...(options.action
        ? { [`.github/workflows/${WORKFLOW}`]: await readFile(workflowOf(root), 'utf8') }
        : {}),
    },
  })
  for (const [login, role] of Object.entries(PEOPLE)) github.setRole(fullName, login, role)

  const tools = options.action ? await toolCache(root) : undefined
  const runner = options.action
    ? await startRunner({
        github,
        actions: { ...standIns(), ...(await actionsOf(root)) },
        // Held where this machine can hold them: it is the machine of whoever tries it.
        vars: () => ({
          [UNCAGED_VARIABLE]: 'accept',
          ...(options.vars ?? varsOf(localApp)),
        }),
        env: { ...(tools === undefined ? {} : { RUNNER_TOOL_CACHE: tools }), ...options.env },
        secrets: options.secrets ?? (() => ({})),
        ...(options.log === undefined ? {} : { log: options.log }),
      })
    : undefined
  const localApp = options.app ? await makeApp(github, root, fullName) : undefined
  let app = localApp === undefined ? undefined : await runApp(localApp, github, options)

  const api: GateWorld['api'] = async (as, method, route, body) => {
    const answer = await fetch(`${github.url}/repos/${fullName}${route}`, {
      method,
      headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${tokens[as] ?? ''}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${text}`)
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  }
  const numberIn = async (answer: Promise<unknown>, key: 'number' | 'id'): Promise<number> => {
    const value = await answer
    const found = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
    if (typeof found !== 'number') throw new Error(`the answer has no ${key}`)
    return found
  }

  return {
    ...{ github, runner, repository: fullName, defaultBranch, localApp, api },
    tokens: tokens as Record<Person, string>,
    app: () => app,
    async restartApp() {
      await app?.stop()
      app = localApp === undefined ? undefined : await runApp(localApp, github, options)
    },
    push: (as, branch, files, subject = `Change ${branch}`) =>
      pushFiles({ url: github.cloneUrl(fullName, tokens[as]), as, branch, files, subject, defaultBranch }),
    openPull: (as, branch, title) =>
      numberIn(
        api(as, 'POST', '/pulls', { head: branch, base: defaultBranch, title, body: 'A plan.' }),
        'number',
      ),
    async label(as, pull, name = LABEL) {
      await api(as, 'POST', `/issues/${pull}/labels`, { labels: [name] })
    },
    comment: (as, pull, body) => numberIn(api(as, 'POST', `/issues/${pull}/comments`, { body }), 'id'),
    git: async (...args) => (await execute('git', ['-C', gitDir, ...args], LARGE)).stdout.trim(),
    async settled() {
      for (;;) {
        const before = github.requests.length + github.deliveries.length
        await github.idle()
        await app?.idle()
        await runner?.idle()
        if (github.requests.length + github.deliveries.length === before) return
      }
    },
    async close() {
      await runner?.close()
      if (tools !== undefined) await rm(tools, { recursive: true, force: true })
      await app?.stop()
      await github.close()
    },
  }
}

/** As docs/github.md tells who installs the App. */
const varsOf = (app: LocalApp | undefined): Record<string, string> =>
  app === undefined ? {} : { ORCHESTRATE_APP: 'true', ORCHESTRATE_APP_ID: String(app.id) }

const workflowOf = (root: string): string => path.join(root, '.github', 'workflows', WORKFLOW)

/** Our own Action, by whatever name the workflow calls it. */
async function actionsOf(root: string): Promise<Record<string, string>> {
  const used = [...(await readFile(workflowOf(root), 'utf8')).matchAll(/uses:\s*([\w.-]+\/[\w.-]+)@/g)]
  return Object.fromEntries(
    used.flatMap(([, name = '']) => (name.startsWith('actions/') ? [] : [[name, root]])),
  )
}

/** The App with the permissions and events of its manifest, and no more. */
async function makeApp(github: LocalGitHub, root: string, fullName: string): Promise<LocalApp> {
  const manifest = parse(await readFile(path.join(root, 'app.yml'), 'utf8')) as {
    name: string
    default_permissions: TokenPermissions
    default_events: string[]
  }
  const app = await github.createApp({
    name: manifest.name,
    permissions: manifest.default_permissions,
    events: manifest.default_events,
  })
  await github.installApp(app.id, fullName)
  return app
}

async function runApp(app: LocalApp, github: LocalGitHub, options: WorldOptions): Promise<RunningApp> {
  const running = await startApp({
    appId: app.id,
    privateKey: app.privateKey,
    webhookSecret: app.webhookSecret,
    apiUrl: github.url,
    host: '127.0.0.1',
    port: 0,
    logLevel: options.logLevel ?? 'fatal',
    sweepEveryMs: 0,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  })
  github.setWebhookUrl(app.id, `${running.url}/api/github/webhooks`)
  return running
}

interface Pushed {
  url: string
  as: string
  branch: string
  files: Readonly<Record<string, string | undefined>>
  subject: string
  defaultBranch: string
}

async function pushFiles({ url, as, branch, files, subject, defaultBranch }: Pushed): Promise<string> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'world-'))
  const git = async (...args: string[]): Promise<string> => {
    const who = ['-c', `user.name=${as}`, '-c', `user.email=${as}@users.noreply.github.com`]
    return (await execute('git', ['-C', dir, ...who, ...args])).stdout.trim()
  }
  try {
    await execute('git', ['clone', '--quiet', url, dir])
    const there = await git('ls-remote', '--heads', 'origin', `refs/heads/${branch}`)
    await git('checkout', '--quiet', '-B', branch, `origin/${there === '' ? defaultBranch : branch}`)
    for (const [file, text] of Object.entries(files)) {
      const at = path.join(dir, file)
      if (text === undefined) await rm(at, { recursive: true })
      else {
        await mkdir(path.dirname(at), { recursive: true })
        await writeFile(at, text)
      }
    }
    await git('add', '--all')
    await git('commit', '--quiet', '--allow-empty', '--message', subject)
    await git('push', '--quiet', 'origin', branch)
    return await git('rev-parse', 'HEAD')
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** The texts of a directory, by path below `prefix`. */
export async function filesOf(dir: string, prefix = ''): Promise<Record<string, string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Object.fromEntries(
    await Promise.all(
      files.map(async (entry) => {
        const at = path.join(entry.parentPath, entry.name)
        const name = path.posix.join(prefix, path.relative(dir, at).split(path.sep).join('/'))
        return [name, await readFile(at, 'utf8')] as const
      }),
    ),
  )
}
