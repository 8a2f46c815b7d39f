/** One run of a workflow: its jobs in the order of their `needs`, and what became of it. */
import type { ActionsRun } from '../types.ts'
import { readClaim } from './claim.ts'
import { SUCCEEDING } from './expressions.ts'
import { runJobs, type JobHost, type JobResult } from './run-jobs.ts'
import type { WorkflowFile } from './workflow-file.ts'

export interface RunPlan {
  run: ActionsRun
  workflow: WorkflowFile
  /** `github`, `vars`, `inputs`; secrets come per job. */
  contexts: Readonly<Record<string, unknown>>
  payload: unknown
  /** The head lies in a fork, and the event runs what its author wrote. */
  fork: boolean
  /** How jobs ended in an earlier attempt, where only what failed is done again. */
  previous?: ReadonlyMap<string, JobResult>
}

export interface RunHandle {
  readonly id: number
  /** Asks for the end, as a person or `cancel-in-progress` does; what says `always()` still runs. */
  cancel(): void
  /** Resolves with how its jobs ended when the run is completed. Never rejects. */
  readonly done: Promise<ReadonlyMap<string, JobResult>>
}

export interface RunHost extends JobHost {
  put(run: ActionsRun): void
  log(line: string): void
}

export function startRun(plan: RunPlan, host: RunHost): RunHandle {
  const cancel = new AbortController()
  let run = plan.run
  let results: ReadonlyMap<string, JobResult> = new Map()
  const put = (change: Partial<ActionsRun>) => {
    run = { ...run, ...change, updatedAt: new Date().toISOString() }
    host.put(run)
  }

  async function perform(): Promise<string> {
    if (plan.workflow.errors.length > 0) {
      for (const error of plan.workflow.errors) host.log(error)
      return 'startup_failure'
    }
    const claim = readClaim(plan.workflow.concurrency, { contexts: plan.contexts, status: SUCCEEDING })
    const turn = claim
      ? await host.groups.enter(run.repository, claim, () => cancel.abort(), cancel.signal)
      : undefined
    if (turn && !turn.go) return 'cancelled'
    try {
      put({ status: 'in_progress' })
      results = await runJobs(plan, host, cancel.signal)
      return conclude([...results.values()], cancel.signal.aborted)
    } finally {
      turn?.release()
    }
  }

  put({ status: 'queued' })
  const done = perform()
    .catch((error: unknown) => {
      host.log(error instanceof Error ? error.message : String(error))
      return 'startup_failure'
    })
    .then((conclusion) => {
      put({ status: 'completed', conclusion })
      return results
    })
  return { id: run.id, cancel: () => cancel.abort(), done }
}

function conclude(results: readonly JobResult[], cancelled: boolean): string {
  const all = results.map((job) => job.result)
  if (cancelled && all.includes('cancelled')) return 'cancelled'
  if (all.includes('failure')) return 'failure'
  if (all.includes('cancelled')) return 'cancelled'
  return all.every((result) => result === 'skipped') ? 'skipped' : 'success'
}
