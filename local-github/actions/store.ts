/** Runs and jobs as the runner puts them; a change of status is told as `workflow_run` and `workflow_job`. */
import type { ActionsJob, ActionsRun, ActionsStore } from '../types.ts'

export interface ActionsChanges {
  run: (run: ActionsRun, action: string) => void
  job: (run: ActionsRun, job: ActionsJob, action: string) => void
  /** On every put: the check run that the job is. */
  check: (run: ActionsRun, job: ActionsJob) => void
}

const ACTIONS: Record<ActionsRun['status'], string> = {
  queued: 'requested',
  in_progress: 'in_progress',
  completed: 'completed',
}

export function actionsStore(nextId: () => number, changes: () => ActionsChanges): ActionsStore {
  const runs = new Map<number, ActionsRun>()
  const jobs = new Map<number, ActionsJob>()
  return {
    putRun(run) {
      const before = runs.get(run.id)
      runs.set(run.id, structuredClone(run))
      if (before?.status !== run.status || before.attempt !== run.attempt)
        changes().run(run, ACTIONS[run.status])
    },
    putJob(job) {
      const before = jobs.get(job.id)
      jobs.set(job.id, structuredClone(job))
      const run = runs.get(job.runId)
      if (run) changes().check(run, job)
      if (run && before?.status !== job.status) changes().job(run, job, job.status)
    },
    run: (id) => runs.get(id),
    runs: (repository) => [...runs.values()].filter((run) => run.repository === repository),
    jobs: (runId) => [...jobs.values()].filter((job) => job.runId === runId),
    nextId,
  }
}
