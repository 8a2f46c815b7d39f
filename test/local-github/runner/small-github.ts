/** The parts of a GitHub that the runner uses: real bare repositories over git's own HTTP, a store, events raised by the test. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { RunnerGitHub } from '../../../local-github/runner/start.ts'
import type { ActionsJob, ActionsRun, TokenPermissions, WorkflowEvent } from '../../../local-github/types.ts'

const run = promisify(execFile)

export interface SmallGitHub extends RunnerGitHub {
  /** Commits files on top of a branch (undefined removes one), and gives the commit. */
  commit(repository: string, files: Record<string, string | undefined>, at?: CommitPlace): Promise<string>
  git(repository: string, ...args: string[]): Promise<string>
  raise(event: Omit<WorkflowEvent, 'startsWorkflows'> & { startsWorkflows?: boolean }): void
  /** What tokens were given out, the newest last. */
  readonly tokens: { token: string; permissions: TokenPermissions; revoked: boolean }[]
  /** Runs and jobs as they were put, each state once. */
  readonly history: string[]
  /** Resolves as soon as `job` with this name is in this state. */
  jobIs(name: string, status: ActionsJob['status']): Promise<ActionsJob>
  /** Resolves when a run or job was put and this holds. */
  until(holds: () => boolean): Promise<void>
  job(name: string): ActionsJob | undefined
  lastRun(): ActionsRun
  jobNames(runId?: number): string[]
  close(): Promise<void>
}

export interface CommitPlace {
  branch?: string
  from?: string
  message?: string
}

export async function smallGitHub(): Promise<SmallGitHub> {
  const root = await mkdtemp(join(tmpdir(), 'small-github-'))
  const runs = new Map<number, ActionsRun>()
  const jobs = new Map<number, ActionsJob>()
  const tokens: SmallGitHub['tokens'] = []
  const history: string[] = []
  const listeners = new Set<(event: WorkflowEvent) => void>()
  const watchers = new Set<() => void>()
  let next = 1

  const gitDir = (repository: string) => join(root, `${repository}.git`)
  const git: SmallGitHub['git'] = async (repository, ...args) =>
    (await run('git', ['--git-dir', gitDir(repository), ...args])).stdout.trim()
  const server = createServer((request, response) => serveGit(root, tokens, request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`

  const commit: SmallGitHub['commit'] = async (repository, files, place = {}) => {
    const { branch = 'main', message = 'Change' } = place
    const dir = gitDir(repository)
    await mkdir(dirname(dir), { recursive: true })
    await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', dir])
    await git(repository, 'config', 'http.receivepack', 'true')
    const work = await mkdtemp(join(root, 'work-'))
    const env = { ...process.env, GIT_DIR: dir, GIT_WORK_TREE: work, GIT_INDEX_FILE: join(work, '.index') }
    const parent = await git(repository, 'rev-parse', '-q', '--verify', place.from ?? branch).catch(() => '')
    if (parent !== '') await run('git', ['read-tree', parent], { env })
    for (const [path, content] of Object.entries(files)) {
      if (content === undefined) {
        await run('git', ['rm', '--quiet', '--cached', path], { env, cwd: work })
        continue
      }
      await mkdir(dirname(join(work, path)), { recursive: true })
      await writeFile(join(work, path), content)
      await run('git', ['update-index', '--add', path], { env, cwd: work })
    }
    const tree = (await run('git', ['write-tree'], { env })).stdout.trim()
    const who = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com']
    const parents = parent === '' ? [] : ['-p', parent]
    const made = await run('git', [...who, 'commit-tree', tree, ...parents, '-m', message], { env })
    await git(repository, 'update-ref', `refs/heads/${branch}`, made.stdout.trim())
    await rm(work, { recursive: true })
    return made.stdout.trim()
  }

  const put = (line: string) => {
    if (history.at(-1) !== line) history.push(line)
    for (const watcher of watchers) watcher()
  }
  const job = (name: string) => [...jobs.values()].findLast((one) => one.name === name)
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        const watcher = () => {
          watchers.delete(watcher)
          resolve()
        }
        watchers.add(watcher)
      })
    }
  }

  return {
    url,
    tokens,
    history,
    gitDir,
    git,
    commit,
    job,
    cloneUrl: (repository, token) =>
      `${url.replace('//', token === undefined ? '//' : `//x-access-token:${token}@`)}/${repository}.git`,
    jobToken(_repository, permissions) {
      const token = `ghs_${next++}_${Math.random().toString(36).slice(2).padEnd(12, 'x')}`
      tokens.push({ token, permissions, revoked: false })
      return token
    },
    revokeToken(token) {
      for (const one of tokens) if (one.token === token) one.revoked = true
    },
    onWorkflowEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    raise(event) {
      for (const listener of listeners) listener({ startsWorkflows: true, ...event })
    },
    actions: {
      nextId: () => next++,
      putRun(one) {
        runs.set(one.id, one)
        put(`${one.workflow.name}: ${one.conclusion ?? one.status}`)
      },
      putJob(one) {
        jobs.set(one.id, one)
        put(`${one.name}: ${one.conclusion ?? one.status}`)
      },
      run: (id) => runs.get(id),
      runs: (repository) => [...runs.values()].filter((one) => one.repository === repository),
      jobs: (id) => [...jobs.values()].filter((one) => one.runId === id),
    },
    async jobIs(name, status) {
      await until(() => job(name)?.status === status)
      const found = job(name)
      if (!found) throw new Error(`there is no job ${name}`)
      return found
    },
    until,
    lastRun() {
      const last = [...runs.values()].at(-1)
      if (!last) throw new Error('there was no run')
      return last
    },
    jobNames: (runId) =>
      [...jobs.values()].filter((one) => runId === undefined || one.runId === runId).map((one) => one.name),
    async close() {
      server.closeAllConnections()
      server.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** `git http-backend` behind a look at the token: reading needs one, pushing one that may write contents. */
function serveGit(
  root: string,
  tokens: SmallGitHub['tokens'],
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const basic = /^basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const password = Buffer.from(basic, 'base64').toString().split(':')[1]
  const token = tokens.find((one) => one.token === password && !one.revoked)
  const writes =
    url.pathname.endsWith('git-receive-pack') || url.searchParams.get('service') === 'git-receive-pack'
  if (!token?.permissions['contents'] || (writes && token.permissions['contents'] !== 'write')) {
    response.writeHead(token ? 403 : 401, { 'www-authenticate': 'Basic realm="git"' }).end()
    return
  }
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'x',
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  })
  request.pipe(backend.stdin)
  const parts: Buffer[] = []
  backend.stdout.on('data', (part: Buffer) => parts.push(part))
  backend.on('close', () => {
    const whole = Buffer.concat(parts)
    const at = whole.indexOf('\r\n\r\n')
    const headers = whole.subarray(0, at).toString().split('\r\n')
    const status = /^Status: (\d+)/.exec(headers.find((line) => line.startsWith('Status:')) ?? '')?.[1]
    response.statusCode = Number(status ?? 200)
    for (const line of headers) {
      const [name = '', value = ''] = line.split(': ')
      if (name !== 'Status' && name !== '') response.setHeader(name, value)
    }
    response.end(whole.subarray(at + 4))
  })
}
