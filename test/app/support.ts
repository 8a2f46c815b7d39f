/** The real App on a port of its own, against the local GitHub over HTTP. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { startLocalGitHub } from '../../local-github/start.ts'
import type {
  Delivery,
  LocalApp,
  LocalGitHub,
  RecordedRequest,
  WorkflowEvent,
} from '../../local-github/types.ts'
import { type RunningApp, type StartOptions, startApp } from '../../src/app/start.ts'
import { taskPlan, workflow } from '../support/plans.ts'
import { pick } from '../local-github/support.ts'

export { pick } from '../local-github/support.ts'

/** Never the waiting kind: the server that git talks to is in this process. */
const exec = promisify(execFile)
const gitIn = async (dir: string, ...args: string[]): Promise<string> =>
  (await exec('git', ['-C', dir, ...args])).stdout.trim()

/** What `app.yml` asks for. */
export const PERMISSIONS = {
  actions: 'write',
  checks: 'write',
  contents: 'write',
  issues: 'write',
  metadata: 'read',
  pull_requests: 'write',
  workflows: 'write',
} as const

const WORKFLOW = `name: Orchestrate
on:
  workflow_dispatch:
    inputs:
${['pull', 'run', 'head', 'plan-dir', 'command', 'source', 'phases', 'app']
  .map((name) => `      ${name}: { type: string, required: false, default: '' }`)
  .join('\n')}
jobs:
  plan:
    runs-on: ubuntu-latest
    steps:
      - run: 'true'
`

/** A project with the workflow on its default branch. */
export const PROJECT = {
  'README.md': '# App\n',
  'package.json': '{"scripts":{"build":"true","test":"true"}}\n',
  '.github/workflows/orchestrate.yml': WORKFLOW,
}

/** Three phases, each after the one before it. */
export const PLAN = {
  'plan/task_plan.md': taskPlan([{ id: '1' }, { id: '2', after: ['1'] }, { id: '3', after: ['2'] }]),
  'plan/workflow.md': workflow(),
}

export type Person = 'alice' | 'bob' | 'carol' | 'mallory'

export interface Rig {
  github: LocalGitHub
  app: LocalApp
  running: RunningApp
  tokens: Record<Person, string>
  dispatches: WorkflowEvent[]
  settings: StartOptions
  repository(files?: Readonly<Record<string, string>>): Promise<Repo>
  /** A fork of it that belongs to `who`. */
  fork(of: Repo, who: Person): Promise<Repo>
  /** Until nothing is delivered, worked on or waited for. */
  settled(): Promise<void>
  /** Another instance of the App; the webhook goes to the last one that was started. */
  another(): Promise<RunningApp>
  close(): Promise<void>
}

let clock = () => Date.now()
/** Lets the App's clock run ahead. */
export const setClock = (now: () => number): void => void (clock = now)

export async function rig(over: Partial<StartOptions> = {}): Promise<Rig> {
  const github = await startLocalGitHub()
  const token = async (login: Person) => (await github.addUser(login)).token
  const tokens = {
    alice: await token('alice'),
    bob: await token('bob'),
    carol: await token('carol'),
    mallory: await token('mallory'),
  }
  const app = await github.createApp({ name: 'Plan Gate', permissions: PERMISSIONS, events: ['*'] })
  const dispatches: WorkflowEvent[] = []
  github.onWorkflowEvent((event) => {
    if (event.event === 'workflow_dispatch') dispatches.push(event)
  })
  const settings: StartOptions = {
    appId: app.id,
    privateKey: app.privateKey,
    webhookSecret: app.webhookSecret,
    apiUrl: github.url,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'fatal',
    sweepEveryMs: 0,
    clock: { now: () => clock() },
    policy: { pauseMs: 5 },
    ...over,
  }
  const running: RunningApp[] = []
  const start = async (): Promise<RunningApp> => {
    const started = await startApp(settings)
    running.push(started)
    github.setWebhookUrl(app.id, `${started.url}/api/github/webhooks`)
    return started
  }
  const first = await start()
  const settled = async (): Promise<void> => {
    for (;;) {
      const before = github.requests.length + github.deliveries.length
      await github.idle()
      await Promise.all(running.map((one) => one.idle()))
      await github.idle()
      if (github.requests.length + github.deliveries.length === before) return
    }
  }
  let made = 0
  return {
    ...{ github, app, tokens, dispatches, settings, settled },
    get running() {
      return running.at(-1) ?? first
    },
    another: start,
    async repository(files = PROJECT) {
      const name = `app-${(made += 1)}`
      const { fullName, gitDir } = await github.createRepository({ owner: 'acme', name, files })
      github.setRole(fullName, 'alice', 'admin')
      github.setRole(fullName, 'bob', 'write')
      github.setRole(fullName, 'carol', 'read')
      await github.installApp(app.id, fullName)
      await settled()
      return new Repo({ github, tokens, settled, app }, fullName, gitDir)
    },
    async fork(of, who) {
      const made = String(pick(await of.api(who, 'POST', '/forks', {}), 'full_name'))
      return new Repo({ github, tokens, settled, app }, made, '')
    },
    async close() {
      for (const one of running) await one.stop()
      await github.close()
    },
  }
}

type Around = Pick<Rig, 'github' | 'tokens' | 'settled' | 'app'>

/** A repository on the local GitHub, and what people do in it. */
export class Repo {
  readonly fullName: string
  readonly gitDir: string
  readonly #rig: Around

  constructor(around: Around, fullName: string, gitDir: string) {
    this.#rig = around
    this.fullName = fullName
    this.gitDir = gitDir
  }

  async api(who: Person, method: string, path: string, body?: unknown): Promise<unknown> {
    const { github, tokens } = this.#rig
    const answer = await fetch(`${github.url}/repos/${this.fullName}${path}`, {
      method,
      headers: { authorization: `Bearer ${tokens[who]}`, accept: 'application/vnd.github+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  /** Commits `files` on `branch` and pushes it as `who`; gives the commit. Undefined removes a file. */
  async push(
    branch: string,
    files: Readonly<Record<string, string | undefined>>,
    who: Person = 'bob',
  ): Promise<string> {
    const dir = mkdtempSync(join(tmpdir(), 'app-clone-'))
    const git = (...args: string[]) => gitIn(dir, ...args)
    const { github, tokens } = this.#rig
    try {
      await git('clone', '-q', github.cloneUrl(this.fullName, tokens[who]), '.')
      await git('config', 'user.name', who)
      await git('config', 'user.email', `${who}@users.noreply.github.com`)
      const there = (await git('branch', '-r', '--list', `origin/${branch}`)) !== ''
      await git('checkout', '-q', '-B', branch, ...(there ? [`origin/${branch}`] : []))
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(dir, path)), { recursive: true })
        if (text === undefined) rmSync(join(dir, path))
        else writeFileSync(join(dir, path), text)
      }
      await git('add', '-A')
      await git('commit', '-q', '-m', 'Change it')
      await git('push', '-q', 'origin', branch)
      return await git('rev-parse', 'HEAD')
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  }

  async openPull(branch: string, who: Person = 'bob', base = 'main'): Promise<number> {
    const made = await this.api(who, 'POST', '/pulls', { title: 'A plan', head: branch, base })
    return Number(pick(made, 'number'))
  }

  label(pull: number, who: Person = 'bob', label = 'orchestrate'): Promise<unknown> {
    return this.api(who, 'POST', `/issues/${pull}/labels`, { labels: [label] })
  }

  async comment(pull: number, body: string, who: Person): Promise<number> {
    return Number(pick(await this.api(who, 'POST', `/issues/${pull}/comments`, { body }), 'id'))
  }

  /** A pull request with `files`, labelled, and the App done with it. */
  async planned(files: Readonly<Record<string, string>> = PLAN, branch = 'the-plan'): Promise<number> {
    await this.push(branch, files)
    const pull = await this.openPull(branch)
    await this.label(pull)
    await this.#rig.settled()
    return pull
  }

  async head(pull: number): Promise<string> {
    return String(pick(await this.api('alice', 'GET', `/pulls/${pull}`), 'head.sha'))
  }

  /** The newest check of each name at the pull request's head. */
  async checks(pull: number): Promise<Map<string, Record<string, unknown>>> {
    const answer = await this.api('alice', 'GET', `/commits/${await this.head(pull)}/check-runs?per_page=100`)
    const runs = pick(answer, 'check_runs')
    const found = Array.isArray(runs) ? (runs as Record<string, unknown>[]) : []
    return new Map(
      found.sort((a, b) => Number(a['id']) - Number(b['id'])).map((run) => [String(run['name']), run]),
    )
  }

  async gate(
    pull: number,
  ): Promise<{ status: unknown; conclusion: unknown; title: unknown; summary: string; id: number }> {
    const check = (await this.checks(pull)).get('Orchestrate')
    return {
      status: check?.['status'],
      conclusion: check?.['conclusion'],
      title: pick(check, 'output.title'),
      summary: String(pick(check, 'output.summary')),
      id: Number(check?.['id']),
    }
  }

  /** Bodies of the App's comments, without their marker. */
  async said(pull: number): Promise<string[]> {
    const all = await this.api('alice', 'GET', `/issues/${pull}/comments?per_page=100`)
    const comments = Array.isArray(all) ? all : []
    return comments
      .filter((one) => pick(one, 'user.login') === this.#rig.app.bot)
      .map((one) => String(pick(one, 'body')).replace(/^<!--.*?-->\n/s, ''))
  }

  async reactions(comment: number): Promise<string[]> {
    const all = await this.api('alice', 'GET', `/issues/comments/${comment}/reactions`)
    return (Array.isArray(all) ? all : []).map((one) => String(pick(one, 'content'))).sort()
  }

  /** Git in the bare repository. */
  git(...args: string[]): Promise<string> {
    return gitIn(this.gitDir, ...args)
  }
}

/** Requests of the App since the list had `from` entries. */
export const requestsSince = ({ github, app }: Rig, from: number): RecordedRequest[] =>
  github.requests
    .slice(from)
    .filter(({ as }) => as === app.bot || as === `jwt:${app.slug}` || as.startsWith('jwt'))

/** How many round trips one after the other these requests are: those that overlap in time count once. */
export function roundTrips(requests: readonly RecordedRequest[]): number {
  let trips = 0
  let until = -1
  for (const { from, to } of [...requests].sort((a, b) => a.from - b.from)) {
    if (from >= until) {
      trips += 1
      until = to
    } else until = Math.max(until, to)
  }
  return trips
}

export const deliveriesOf = ({ github }: Rig, event: string, action?: string): Delivery[] =>
  github.deliveries.filter((one) => one.event === event && (action === undefined || one.action === action))
