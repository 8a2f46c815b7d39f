/** Mode advance: the tail of every workflow run. What a dead job left is found, what is ready is started, what is done is shown. */
import type { Failure } from '../../core/model/failure.ts'
import { viewOf } from '../../core/pipeline/view.ts'
import { jobSummary } from '../../core/report/job-summary.ts'
import type { Result } from '../../core/model/result.ts'
import { list } from '../../core/text/display.ts'
import { type Job, type Surroundings } from '../job.ts'
import { type Outcome, refused } from '../outcome.ts'
import { openBook } from './dispatched.ts'
import { annotation, finish, showAndLand } from './phase.ts'
import { startJobs } from './start-jobs.ts'

export async function advanceMode(
  { inputs, log }: Surroundings,
  job: Job,
  fetching?: Promise<Result<void>>,
): Promise<Outcome> {
  const opened = await openBook(inputs.run, job.deps, fetching)
  if (!opened.ok) return refused(opened.error)
  const book = opened.value
  // What this engine may not write, its jobs cannot run either.
  const readOnly = book.readOnly()
  if (readOnly) return refused([readOnly])
  const { forge } = job
  const notes: string[] = []
  const failures: Failure[] = []

  const { dispatched, app } = inputs
  const started = await startJobs(book.state, job, { before: book.state, dispatched, app })
  if (!started.ok) failures.push(...started.error)
  else if (started.value.length > 0) notes.push(`Started jobs for phases ${list(started.value)}.`)

  const finished = await finish(book, job)
  if (finished && !finished.ok) failures.push(...finished.error)
  if (!app) {
    failures.push(...(await showAndLand(book, job, log)))
    if (book.state.landedTip !== book.state.base)
      notes.push(`The pull request's branch is at ${book.state.landedTip.slice(0, 10)}.`)
  }
  const view = viewOf(book.state)
  return {
    annotations: failures.map(annotation),
    summary: jobSummary({ view, results: [], url: forge.url, notes }),
    outputs: {
      run: book.run,
      state: view.state,
      dispatched: JSON.stringify(started.ok ? started.value : []),
    },
    failed: failures.length > 0,
  }
}
