/** What a job on GitHub works with: the checkout, the forge by the job's token, and the ports of a run. */
import { randomBytes } from 'node:crypto'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { getOctokit } from '@actions/github'
import { createAgent } from '../adapters/agents/create-agent.ts'
import { openRepository, type OpenRepository } from '../adapters/git/repository.ts'
import { createForge } from '../adapters/github/forge.ts'
import { createCommandRunner } from '../adapters/process/command-runner.ts'
import { createSweeper } from '../adapters/process/sweep.ts'
import { plainReporter } from '../adapters/reporters/plain.ts'
import type { Forge } from '../core/forge.ts'
import type { Config } from '../core/model/config.ts'
import { failure } from '../core/model/failure.ts'
import type { ProgressEvent } from '../core/model/progress-event.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import type { JobDeps } from '../core/pipeline/job/deps.ts'
import type { Agent, Clock, Person } from '../core/ports.ts'
import type { Inputs } from './inputs.ts'
import { planAt } from './plan-at.ts'

export type Env = Readonly<Record<string, string | undefined>>

export interface Surroundings {
  inputs: Inputs
  env: Env
  /** Where the checkout is. */
  workspace: string
  /** The bundle that runs: programs of ours lie beside it. */
  program: string
  signal: AbortSignal
  log(text: string): void
  /** Told of everything that happens in phases. */
  onEvent?(event: ProgressEvent): void
}

export const clock: Clock = { now: () => Date.now() }
const NOBODY: Person = { choose: async () => undefined, ask: async () => undefined }
/** GITHUB_TOKEN writes as this account. */
const TOKEN_LOGIN = 'github-actions[bot]'

/** The forge that the job's token speaks to. */
export function openForge({ inputs, env, log }: Surroundings): Result<Forge> {
  const [owner = '', repo = ''] = (env['GITHUB_REPOSITORY'] ?? '').split('/')
  const serverUrl = env['GITHUB_SERVER_URL'] ?? 'https://github.com'
  if (owner === '' || repo === '')
    return err([
      failure(
        'missing-argument',
        'GITHUB_REPOSITORY does not name a repository.',
        'Run this in a workflow of GitHub.',
      ),
    ])
  const baseUrl = env['GITHUB_API_URL']
  return ok(
    createForge({
      octokit: getOctokit(inputs.token, baseUrl === undefined ? {} : { baseUrl }),
      owner,
      repo,
      serverUrl,
      me: { login: TOKEN_LOGIN },
      onWait: (waiting) => log(`GitHub asks us to wait: ${JSON.stringify(waiting)}`),
    }),
  )
}

export interface Job {
  deps: JobDeps
  forge: Forge
  repository: OpenRepository
  agent(config: Config, planRoot: string): Result<Agent>
  close(): Promise<void>
}

export async function openJob(around: Surroundings, forge: Forge): Promise<Result<Job>> {
  const { inputs, env, workspace, log } = around
  const url = env['GITHUB_SERVER_URL'] ?? 'https://github.com'
  const home = env['HOME'] ?? homedir()
  const opened = await openRepository({
    cwd: workspace,
    env,
    clock,
    workspacesRoot: join(env['RUNNER_TEMP'] ?? tmpdir(), 'orchestrate'),
    credentials: { url, token: inputs.token },
  })
  if (!opened.ok) return opened
  const repository = opened.value
  const plain = plainReporter({ write: (text) => log(text.replace(/\n$/, '')) })
  const deps: JobDeps = {
    forge,
    actor: env['GITHUB_TRIGGERING_ACTOR'] ?? env['GITHUB_ACTOR'] ?? '',
    ...(inputs.appId === undefined ? {} : { app: inputs.appId }),
    me: {
      run: Number(env['GITHUB_RUN_ID'] ?? 1),
      attempt: Number(env['GITHUB_RUN_ATTEMPT'] ?? 1),
      job: inputs.job,
    },
    ports: {
      repository,
      ledger: repository.shared,
      shared: repository.shared,
      lock: repository.lock,
      sweeper: createSweeper(),
      commands: createCommandRunner(env),
      reporter: {
        emit(event) {
          plain.emit(event)
          around.onEvent?.(event)
        },
      },
      person: NOBODY,
      clock,
      random: { hex: (bytes) => randomBytes(bytes).toString('hex') },
      signal: around.signal,
    },
    planAt: (at) => planAt(repository, home, at),
  }
  return ok({
    deps,
    forge,
    repository,
    agent: (config, planRoot) =>
      createAgent(config, {
        env,
        tmpDir: tmpdir(),
        cwd: workspace,
        node: process.execPath,
        claude: {
          apiKey: inputs.apiKey === '' ? undefined : inputs.apiKey,
          ...(env['ANTHROPIC_BASE_URL'] === undefined ? {} : { baseUrl: env['ANTHROPIC_BASE_URL'] }),
        },
        scripted: {
          script: join(planRoot, 'scripted.json'),
          program: join(dirname(around.program), 'scripted-agent.js'),
        },
      }),
    close: () => repository.close(),
  })
}
