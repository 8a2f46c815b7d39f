/**
 * A runner for GitHub Actions on this machine. It listens to the local GitHub, finds out which workflows of a repository an
 * event starts, and runs their jobs as real processes.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalGitHub, WorkflowEvent } from '../types.ts'
import { createConcurrencyGroups } from './concurrency.ts'
import { gitReader } from './git.ts'
import { nothingShown } from './instance.ts'
import { createGitDirs } from './mirror.ts'
import { nextAttempt, plansFor } from './plans.ts'
import type { JobResult } from './run-jobs.ts'
import { startRun, type RunHandle, type RunHost, type RunPlan } from './run.ts'
import { createSlots } from './slots.ts'
import { createWorkflowReader } from './workflow-reader.ts'

/** What the runner uses of a local GitHub. */
export type RunnerGitHub = Pick<
  LocalGitHub,
  'url' | 'cloneUrl' | 'gitDir' | 'jobToken' | 'revokeToken' | 'onWorkflowEvent' | 'actions'
>

export interface RunnerOptions {
  github: RunnerGitHub
  /** Where an action lies, by `owner/repo` or `owner/repo/path`, without its `@ref`: a directory with an action.yml. */
  actions: Readonly<Record<string, string>>
  /** Secrets of the repository, or those of one of its environments. */
  secrets?: (repository: string, environment: string | undefined) => Readonly<Record<string, string>>
  vars?: (repository: string) => Readonly<Record<string, string>>
  /** Jobs at once, of all repositories; GitHub Free has 20. */
  maxJobs?: number
  /** Programs for `runs.using`, e.g. `node24`; the one that runs us where nothing is said. */
  nodes?: Readonly<Record<string, string>>
  /** What every job's processes start with besides PATH and HOME. */
  env?: Readonly<Record<string, string>>
  /** Lines of all jobs, masked, and what the runner has to say itself. */
  log?: (line: string) => void
}

export interface RunningJob {
  id: number
  runId: number
  name: string
}

interface ActiveJob extends RunningJob {
  lose: () => void
  ended: Promise<void>
}

export interface Runner {
  /** Resolves when every event that came has been looked at and every run it started is completed. */
  idle(): Promise<void>
  /** Cancels a run as a person does. */
  cancel(runId: number): void
  /** Runs all jobs of a completed run again, or those that failed with all that follows from them. */
  rerun(runId: number, onlyFailed?: boolean): void
  /** The machine of a job is gone: all its processes get SIGKILL. Resolves when the job is reported as failed. */
  killJob(jobId: number): Promise<void>
  /** Jobs that have begun and not ended. */
  jobs(): RunningJob[]
  /** Files that `actions/upload-artifact` kept, by run: a directory for each name. */
  artifactsDir(runId: number): string
  /** Ends every job at once and leaves nothing behind. */
  close(): Promise<void>
}

/** Completed runs that can be done again. */
const KEPT_RUNS = 200

export async function startRunner(options: RunnerOptions): Promise<Runner> {
  const { github } = options
  const root = await mkdtemp(join(tmpdir(), 'local-runner-'))
  const log = options.log ?? (() => {})
  const jobs = new Map<number, ActiveJob>()
  const runs = new Map<number, RunHandle>()
  const ended = new Map<number, { plan: RunPlan; results: ReadonlyMap<string, JobResult> }>()
  const reader = createWorkflowReader()
  const gitDirs = createGitDirs(github, join(root, 'mirrors'))
  const waiting: (() => void)[] = []
  let busy = 0
  let closed = false

  const host = createHost(options, root, jobs, log, () => closed)

  function work<T>(promise: Promise<T>): Promise<T> {
    busy += 1
    return promise.finally(() => {
      busy -= 1
      if (busy === 0) for (const resolve of waiting.splice(0)) resolve()
    })
  }

  async function take(event: WorkflowEvent): Promise<void> {
    if (closed) return
    const git = gitReader(await gitDirs.of(event.repository))
    const plans = await plansFor(event, { git, reader, github, vars: options.vars ?? (() => ({})), log })
    for (const plan of plans) start(plan)
  }

  function start(plan: RunPlan): void {
    if (closed) return
    const handle = startRun(plan, host)
    runs.set(handle.id, handle)
    const end = handle.done.then((results) => {
      runs.delete(handle.id)
      ended.set(handle.id, { plan, results })
      const [oldest] = ended.keys()
      if (ended.size > KEPT_RUNS && oldest !== undefined) ended.delete(oldest)
    })
    void work(end)
  }

  function rerun(runId: number, onlyFailed: boolean): void {
    const before = ended.get(runId)
    if (before) start(nextAttempt(before.plan, onlyFailed ? before.results : undefined))
  }

  // One event after the other in each repository: who came first enters a concurrency group first.
  const lines = new Map<string, Promise<void>>()
  const stopListening = github.onWorkflowEvent((event) => {
    const last = lines.get(event.repository) ?? Promise.resolve()
    const next = last
      .then(() => take(event))
      .catch((error: unknown) =>
        log(`${event.event}: ${error instanceof Error ? error.message : String(error)}`),
      )
    lines.set(event.repository, next)
    void work(next)
  })

  const cancel = (runId: number) => runs.get(runId)?.cancel()
  const store = github.actions
  store.onCancel = cancel
  store.onRerun = rerun

  const idle = () => (busy === 0 ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve)))
  return {
    idle,
    cancel,
    rerun: (runId, onlyFailed = false) => rerun(runId, onlyFailed),
    async killJob(jobId) {
      const job = jobs.get(jobId)
      job?.lose()
      await job?.ended
    },
    jobs: () => [...jobs.values()].map(({ id, runId, name }) => ({ id, runId, name })),
    artifactsDir: (runId) => join(root, 'artifacts', String(runId)),
    async close() {
      closed = true
      stopListening()
      for (const run of runs.values()) run.cancel()
      for (const job of jobs.values()) job.lose()
      await idle()
      await rm(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function createHost(
  options: RunnerOptions,
  root: string,
  jobs: Map<number, ActiveJob>,
  log: (line: string) => void,
  isClosed: () => boolean,
): RunHost {
  const { github } = options
  const store = github.actions
  const now = () => new Date().toISOString()
  return {
    groups: createConcurrencyGroups(),
    slots: createSlots(options.maxJobs ?? 20),
    log,
    nextId: () => store.nextId(),
    put: (run) => store.putRun(run),
    putJob: (job) => store.putJob(job),
    putQueued: (run, { id, name }) =>
      store.putJob({
        id,
        runId: run.id,
        name,
        status: 'queued',
        conclusion: null,
        startedAt: now(),
        completedAt: null,
        log: '',
      }),
    putEnded: (run, name, conclusion, error) =>
      store.putJob({
        id: store.nextId(),
        runId: run.id,
        name,
        status: 'completed',
        conclusion,
        startedAt: now(),
        completedAt: now(),
        ...nothingShown(error),
      }),
    jobToken: (repository, permissions) => github.jobToken(repository, permissions),
    revokeToken: (token) => github.revokeToken(token),
    secrets: options.secrets ?? (() => ({})),
    async jobDir(id) {
      const dir = join(root, 'jobs', String(id))
      await mkdir(dir, { recursive: true })
      return dir
    },
    baseEnv: (repository) => ({
      PATH: process.env['PATH'] ?? '',
      LANG: 'C.UTF-8',
      ...options.env,
      // Where the stand-ins for actions of GitHub keep what outlives a job.
      RUNNER_CACHES: join(root, 'caches', repository),
      RUNNER_ARTIFACTS: join(root, 'artifacts'),
    }),
    actionDir: (name) => findAction(options.actions, name),
    node: (version) => options.nodes?.[version] ?? process.execPath,
    running(id, name, runId, lose) {
      let end = () => {}
      const ended = new Promise<void>((resolve) => (end = resolve))
      jobs.set(id, { id, name, runId, lose, ended })
      // What says `always()` would otherwise begin while everything ends.
      if (isClosed()) lose()
      return () => {
        jobs.delete(id)
        end()
      }
    },
    onLine: (job, line) => log(`${job} | ${line}`),
  }
}

/** An action by its whole name, or a path inside one that is known. */
function findAction(actions: Readonly<Record<string, string>>, name: string): string | undefined {
  const whole = actions[name]
  if (whole !== undefined) return whole
  const repository = name.split('/').slice(0, 2).join('/')
  const dir = actions[repository]
  return dir === undefined || repository === name ? dir : join(dir, name.slice(repository.length + 1))
}
