/** A job of the workflow in this process: a job's token, and what it reads and writes, on a clone of the repository. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { dispatched } from '../../src/action/modes/dispatched.ts'
import { planAt } from '../../src/action/plan-at.ts'
import { openRepository } from '../../src/adapters/git/repository.ts'
import { createForge } from '../../src/adapters/github/forge.ts'
import { createClient } from '../../src/adapters/github/installation.ts'
import { createCommandRunner } from '../../src/adapters/process/command-runner.ts'
import { createSweeper } from '../../src/adapters/process/sweep.ts'
import type { DispatchInputs } from '../../src/core/model/forge-names.ts'
import type { ProgressEvent } from '../../src/core/model/progress-event.ts'
import type { JobDeps } from '../../src/core/pipeline/job/deps.ts'
import { testEnv } from '../support/git.ts'
import type { Repo, Rig } from './support.ts'

export interface JobRig {
  deps: JobDeps
  /** What mode `plan` makes of a dispatch: the run, or the reasons why not. */
  plan(inputs: unknown): Promise<{ run: string } | { refused: string }>
  /** Everything that happened in its phases. */
  events: ProgressEvent[]
  /** Its clock goes on by so much. Milliseconds. */
  later(ms: number): void
  end(): Promise<void>
}

/** `actor`: who started the workflow. `app`: the id of the App that the repository trusts. */
export async function jobOf(it: Rig, repo: Repo, actor: string, app?: number): Promise<JobRig> {
  const { github } = it
  const dir = await mkdtemp(join(tmpdir(), 'app-job-'))
  const cwd = join(dir, 'work')
  const [owner = '', name = ''] = repo.fullName.split('/')
  const token = github.jobToken(repo.fullName, {
    ...{ metadata: 'read', contents: 'write', pull_requests: 'write', issues: 'write' },
    ...{ checks: 'write', actions: 'write' },
  })
  await promisify(execFile)('git', ['clone', '-q', github.cloneUrl(repo.fullName), cwd])
  let ahead = 0
  const clock = { now: () => Date.now() + ahead }
  const events: ProgressEvent[] = []
  const opened = await openRepository({
    ...{ cwd, env: testEnv(), clock, workspacesRoot: join(dir, 'trees') },
    credentials: { url: github.url, token },
  })
  if (!opened.ok) throw new Error(JSON.stringify(opened.error))
  const repository = opened.value
  const deps: JobDeps = {
    forge: createForge({
      octokit: createClient({ apiUrl: github.url, token }),
      ...{ owner, repo: name, serverUrl: github.url, me: { login: 'github-actions[bot]' } },
    }),
    actor,
    ...(app === undefined ? {} : { app }),
    me: { run: 7, attempt: 1, job: 'plan' },
    ports: {
      ...{ repository, ledger: repository.shared, shared: repository.shared, lock: repository.lock },
      sweeper: createSweeper(),
      commands: createCommandRunner(testEnv()),
      reporter: { emit: (event) => events.push(event) },
      person: { choose: async () => undefined, ask: async () => undefined },
      clock,
      random: { hex: (bytes) => randomBytes(bytes).toString('hex') },
      signal: new AbortController().signal,
    },
    planAt: (at) => planAt(repository, dir, at),
  }
  return {
    deps,
    events,
    later(ms) {
      ahead += ms
    },
    async plan(inputs) {
      // Read as the workflow's inputs are: all of them are strings.
      const done = await dispatched(inputs as DispatchInputs, deps)
      return done.ok
        ? { run: done.value.run }
        : { refused: done.error.map(({ message }) => message).join('\n') }
    },
    async end() {
      await repository.close()
      github.revokeToken(token)
      await rm(dir, { recursive: true, force: true })
    },
  }
}
