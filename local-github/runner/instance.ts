/** One job of a matrix: waits for its concurrency group and for a free place, then runs with a token and secrets of its own. */
import type { ActionsAnnotation, ActionsJob, ActionsRun, TokenPermissions } from '../types.ts'
import { readClaim } from './claim.ts'
import type { ConcurrencyGroups } from './concurrency.ts'
import { resolve, SUCCEEDING, text, type Scope } from './expressions.ts'
import { runJob, type JobEnd, type JobSpec } from './job.ts'
import { tokenPermissions } from './permissions.ts'
import type { RunPlan } from './run.ts'
import type { Slots } from './slots.ts'
import { field } from './tokens.ts'
import type { JobFile } from './workflow-file.ts'

export interface Instance {
  id: number
  name: string
  job: JobFile
  contexts: Readonly<Record<string, unknown>>
}

export interface InstanceResult {
  result: JobEnd['conclusion']
  /** `continue-on-error`: its failure is not the run's. */
  forgiven: boolean
  outputs: Record<string, string>
}

export interface JobHost {
  groups: ConcurrencyGroups
  slots: Slots
  nextId(): number
  putJob(job: ActionsJob): void
  putQueued(run: ActionsRun, instance: Instance): void
  /** A job that ended without having begun. */
  putEnded(run: ActionsRun, name: string, conclusion: string, error?: string): void
  jobToken(repository: string, permissions: TokenPermissions): string
  revokeToken(token: string): void
  secrets(repository: string, environment: string | undefined): Readonly<Record<string, string>>
  /** A new directory for a job. */
  jobDir(id: number): Promise<string>
  baseEnv(repository: string): Readonly<Record<string, string>>
  actionDir: JobSpec['actionDir']
  node: JobSpec['node']
  /** Says that a job runs, so that it can be lost; returns how to say that it ended. */
  running(id: number, name: string, runId: number, lose: () => void): () => void
  onLine(job: string, line: string): void
}

export interface Signals {
  /** Of the run. */
  cancel: AbortSignal
  /** Another job of the matrix failed, and `fail-fast` holds. */
  failed: AbortSignal
  /** Whether the job's `if` would still let it begin, were the run cancelled. */
  wants(cancelled: boolean): boolean
}

/** GitHub's own default. */
const DEFAULT_MINUTES = 360

export async function runInstance(
  plan: RunPlan,
  host: JobHost,
  instance: Instance,
  signals: Signals,
): Promise<InstanceResult> {
  const scope: Scope = { contexts: instance.contexts, status: SUCCEEDING }
  const cancel = new AbortController()
  // GitHub asks a job's condition again when its run is cancelled, and lets `always()` go on.
  const onRunCancelled = () => {
    if (!signals.wants(true)) cancel.abort()
  }
  const onFailed = () => cancel.abort()
  signals.cancel.addEventListener('abort', onRunCancelled, { once: true })
  signals.failed.addEventListener('abort', onFailed, { once: true })
  if (signals.cancel.aborted) onRunCancelled()
  if (signals.failed.aborted) onFailed()

  const { run } = plan
  const base = { id: instance.id, runId: run.id, name: instance.name, startedAt: new Date().toISOString() }
  const end = (conclusion: JobEnd['conclusion'], shown: JobEnd['shown']) =>
    host.putJob({ ...base, ...shown, status: 'completed', conclusion, completedAt: new Date().toISOString() })

  let ended: (() => void) | undefined
  let leaveGroup: (() => void) | undefined
  let leaveSlot: (() => void) | undefined
  try {
    const forgiven = resolve(instance.job.continueOnError, scope) === true
    const claim = readClaim(instance.job.concurrency, scope)
    const turn =
      claim && (await host.groups.enter(run.repository, claim, () => cancel.abort(), cancel.signal))
    if (turn?.go) leaveGroup = turn.release
    if (!turn || turn.go) leaveSlot = await host.slots.take(cancel.signal)
    if (!leaveSlot) {
      end('cancelled', nothingShown())
      return { result: 'cancelled', forgiven, outputs: {} }
    }
    base.startedAt = new Date().toISOString()
    host.putJob({ ...base, status: 'in_progress', conclusion: null, completedAt: null, log: '' })
    const lost = new AbortController()
    ended = host.running(instance.id, instance.name, run.id, () => lost.abort())
    const result = await perform(plan, host, instance, scope, cancel.signal, lost.signal)
    end(result.conclusion, result.shown)
    return { result: result.conclusion, forgiven, outputs: result.outputs }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    end('failure', nothingShown(message))
    return { result: 'failure', forgiven: false, outputs: {} }
  } finally {
    ended?.()
    leaveSlot?.()
    leaveGroup?.()
    signals.cancel.removeEventListener('abort', onRunCancelled)
    signals.failed.removeEventListener('abort', onFailed)
  }
}

async function perform(
  plan: RunPlan,
  host: JobHost,
  instance: Instance,
  scope: Scope,
  cancel: AbortSignal,
  lost: AbortSignal,
): Promise<JobEnd> {
  const { job } = instance
  const { repository } = plan.run
  const environment = readEnvironment(job, scope)
  const secrets = plan.fork
    ? {}
    : {
        ...host.secrets(repository, undefined),
        ...(environment === undefined ? {} : host.secrets(repository, environment)),
      }
  const written = resolve(job.permissions ?? plan.workflow.permissions, scope)
  const token = host.jobToken(repository, tokenPermissions(written, plan.fork))
  try {
    return await runJob({
      id: instance.id,
      job,
      workflow: plan.workflow,
      dir: await host.jobDir(instance.id),
      repository,
      contexts: instance.contexts,
      payload: plan.payload,
      secrets,
      token,
      defaults: { ...runDefaults(plan.workflow.defaults, scope), ...runDefaults(job.defaults, scope) },
      minutes: job.timeout ? Number(resolve(job.timeout, scope)) : DEFAULT_MINUTES,
      baseEnv: host.baseEnv(repository),
      cancel,
      lost,
      actionDir: host.actionDir,
      node: host.node,
      onLine: (line) => host.onLine(instance.name, line),
    })
  } finally {
    host.revokeToken(token)
  }
}

function readEnvironment(job: JobFile, scope: Scope): string | undefined {
  const written = resolve(job.environment, scope)
  const name = typeof written === 'object' && written !== null && 'name' in written ? written.name : written
  const environment = text(name)
  return environment === '' ? undefined : environment
}

function runDefaults(defaults: JobFile['defaults'], scope: Scope): Record<string, unknown> {
  const run = resolve(field(defaults, 'run'), scope)
  return typeof run === 'object' && run !== null ? { ...run } : {}
}

/** What a job shows that did not run. */
export function nothingShown(error?: string): JobEnd['shown'] {
  const annotations: ActionsAnnotation[] =
    error === undefined
      ? []
      : [{ level: 'failure', path: '.github', startLine: 1, endLine: 1, title: '', message: error }]
  return { log: error === undefined ? '' : `##[error]${error}\n`, annotations, steps: [], summary: '' }
}
