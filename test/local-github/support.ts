/** One local GitHub for a test file, with people, a repository and an App on it. */
import { execFile } from 'node:child_process'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { createSign } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { startLocalGitHub } from '../../local-github/start.ts'
import type { LocalApp, LocalGitHub, LocalGitHubOptions } from '../../local-github/types.ts'

const run = promisify(execFile)

/** What stands at `head.sha` or `0.name` in an answer; undefined where nothing does. */
export function pick(value: unknown, where: string): unknown {
  return where
    .split('.')
    .reduce<unknown>(
      (found, key) => (typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined),
      value,
    )
}

export interface Answer {
  status: number
  headers: Headers
  body: unknown
}

export interface Received {
  headers: IncomingHttpHeaders
  raw: string
  body: unknown
}

/** Takes webhooks; answers 200, or what `answer` says. */
export class Hook {
  readonly received: Received[] = []
  answer: () => Promise<number> | number = () => 200
  #server: Server | undefined

  async listen(): Promise<string> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const raw = Buffer.concat(chunks).toString()
        this.received.push({ headers: request.headers, raw, body: JSON.parse(raw) })
        void Promise.resolve(this.answer()).then((status) => response.writeHead(status).end())
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    this.#server = server
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return `http://127.0.0.1:${address.port}/hook`
  }

  names(): string[] {
    return this.received.map(({ headers, body }) =>
      [headers['x-github-event'], pick(body, 'action')].filter((part) => part !== undefined).join('.'),
    )
  }

  last(event: string, action?: string): unknown {
    return this.received
      .filter(({ headers, body }) => headers['x-github-event'] === event && pick(body, 'action') === action)
      .at(-1)?.body
  }

  clear(): void {
    this.received.length = 0
  }

  close(): void {
    this.#server?.closeAllConnections()
    this.#server?.close()
  }
}

export function jwt(
  app: Pick<LocalApp, 'id' | 'privateKey'>,
  more: { exp?: number; iss?: string } = {},
): string {
  const now = Math.floor(Date.now() / 1000)
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: now - 30, exp: now + 300, iss: String(app.id), ...more })}`
  return `${text}.${createSign('RSA-SHA256').update(text).sign(app.privateKey, 'base64url')}`
}

/** A working copy with git's identity set. */
export class Clone {
  readonly dir: string

  constructor(dir: string) {
    this.dir = dir
  }

  async git(...args: string[]): Promise<string> {
    const who = ['-c', 'user.name=Alice', '-c', 'user.email=alice@users.noreply.github.com']
    const { stdout } = await run('git', ['-C', this.dir, ...who, ...args], { env: gitEnvironment() })
    return stdout.trim()
  }

  /** What git said when it refused. */
  async refused(...args: string[]): Promise<string> {
    try {
      await this.git(...args)
    } catch (error) {
      // Errors of node:child_process are of another realm than the tests' own.
      const said = pick(error, 'stderr')
      if (typeof said === 'string') return said
      throw error
    }
    throw new Error(`git ${args.join(' ')} was not refused`)
  }

  close(): Promise<void> {
    return rm(this.dir, { recursive: true, force: true })
  }
}

const gitEnvironment = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
})

export async function clone(url: string): Promise<Clone> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'clone-'))
  await run('git', ['clone', '-q', url, dir], { env: gitEnvironment() })
  return new Clone(dir)
}

export const ALL_PERMISSIONS = {
  actions: 'write',
  administration: 'write',
  checks: 'write',
  contents: 'write',
  issues: 'write',
  metadata: 'read',
  pull_requests: 'write',
  statuses: 'write',
} as const

export interface Stage {
  github: LocalGitHub
  hook: Hook
  app: LocalApp
  /** Personal tokens: alice is an administrator, bob may write, carol may read, mallory is nobody. */
  tokens: Record<'alice' | 'bob' | 'carol' | 'mallory', string>
  installation: string
  api(token: string | undefined, method: string, path: string, body?: unknown): Promise<Answer>
  graphql(token: string, query: string, variables?: Record<string, unknown>): Promise<unknown>
  close(): Promise<void>
}

export const REPO = 'acme/app'

export async function stage(options: LocalGitHubOptions = {}): Promise<Stage> {
  const github = await startLocalGitHub(options)
  const hook = new Hook()
  const tokens = {
    alice: (await github.addUser('alice')).token,
    bob: (await github.addUser('bob')).token,
    carol: (await github.addUser('carol')).token,
    mallory: (await github.addUser('mallory')).token,
  }
  await github.createRepository({
    owner: 'acme',
    name: 'app',
    files: { 'README.md': '# App\n', 'src/a.ts': 'export const a = 1\n' },
  })
  github.setRole(REPO, 'alice', 'admin')
  github.setRole(REPO, 'bob', 'write')
  github.setRole(REPO, 'carol', 'read')
  const app = await github.createApp({
    name: 'Plan Gate',
    permissions: ALL_PERMISSIONS,
    events: ['*'],
    webhookUrl: await hook.listen(),
  })
  const { installationId } = await github.installApp(app.id, REPO)

  const api: Stage['api'] = async (token, method, where, body) => {
    const answer = await fetch(`${github.url}${where}`, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.includes('json') === true
    return {
      status: answer.status,
      headers: answer.headers,
      body: isJson && text !== '' ? JSON.parse(text) : text,
    }
  }
  const token = await api(jwt(app), 'POST', `/app/installations/${installationId}/access_tokens`)
  await github.idle()
  return {
    github,
    hook,
    app,
    tokens,
    installation: String(pick(token.body, 'token')),
    api,
    graphql: async (with_, query, variables = {}) =>
      (await api(with_, 'POST', '/graphql', { query, variables })).body,
    async close() {
      await github.close()
      hook.close()
    },
  }
}

/** A branch with one commit of `files`, pushed. */
export async function pushBranch(
  { github, tokens }: Stage,
  branch: string,
  files: Record<string, string>,
): Promise<string> {
  const token = github.cloneUrl(REPO, tokens.bob)
  const copy = await clone(token)
  await copy.git('checkout', '-q', '-B', branch)
  const { writeFile, mkdir } = await import('node:fs/promises')
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(copy.dir, file)), { recursive: true })
    await writeFile(path.join(copy.dir, file), text)
  }
  await copy.git('add', '-A')
  await copy.git('commit', '-q', '-m', `Change ${branch}`)
  await copy.git('push', '-q', '-f', 'origin', branch)
  const sha = await copy.git('rev-parse', 'HEAD')
  await copy.close()
  return sha
}
