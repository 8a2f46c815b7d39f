/** Mode phase: one job's part of a run. */
import type { Forge } from '../../core/forge.ts'
import type { Failure } from '../../core/model/failure.ts'
import { phaseId } from '../../core/model/ids.ts'
import type { PhaseResult } from '../../core/model/phase-result.ts'
import type { Result } from '../../core/model/result.ts'
import { attendPull } from '../../core/pipeline/gate/attend.ts'
import { livingHolders } from '../../core/pipeline/job/alive.ts'
import { drivePhases, openRun } from '../../core/pipeline/job/drive-phases.ts'
import { finishRun, isToBeFinished } from '../../core/pipeline/job/finish.ts'
import { readyPhases } from '../../core/pipeline/job/ready.ts'
import { viewOf } from '../../core/pipeline/view.ts'
import { jobSummary } from '../../core/report/job-summary.ts'
import type { RunBook } from '../../core/run/book.ts'
import { list } from '../../core/text/display.ts'
import { clock, type Job, type Surroundings } from '../job.ts'
import { type Outcome, refused } from '../outcome.ts'
import { openBook } from './dispatched.ts'
import { gateContext } from './gate.ts'
import { startJobs } from './start-jobs.ts'

/** What the job saw happen, gathered from what core tells. */
export interface Seen {
  /** Phases that this job began or went on with. */
  phases: Set<string>
  results: PhaseResult[]
}

export async function phaseMode(
  around: Surroundings,
  job: Job,
  seen: Seen,
  fetching?: Promise<Result<void>>,
): Promise<Outcome> {
  const { inputs, log } = around
  const until = clock.now() + inputs.timeMs
  const opened = await openBook(inputs.run, job.deps, fetching)
  if (!opened.ok) return refused(opened.error)
  const book = opened.value
  const readOnly = book.readOnly()
  if (readOnly) return refused([readOnly])
  const mine = phaseId(inputs.phase)
  if (!book.state.phases.has(mine)) {
    return refused([
      {
        reason: 'unknown-phase',
        message: `Run ${inputs.run} has no phase ${inputs.phase}.`,
        hint: `Its phases: ${list([...book.state.phases.keys()])}.`,
      },
    ])
  }
  const ended = await drivePhases(
    book,
    { phases: [mine], until, agent: (...given) => job.agent(...given) },
    job.deps,
  )
  const notes: string[] = []
  const failures = ended.failures.filter(({ phase }) => phase === undefined || seen.phases.has(phase))
  if (!seen.phases.has(inputs.phase)) notes.push(notStarted(book, inputs.phase))

  const finished = around.signal.aborted || ended.exit === 1 ? undefined : await finish(book, job)
  if (finished && !finished.ok) failures.push(...finished.error)
  const started = around.signal.aborted ? [] : await startReady(book, job, inputs.app, notes)
  if (!inputs.app) await show(book, job.forge, log)
  const view = viewOf(book.state)
  const summary = jobSummary({ view, results: seen.results, url: job.forge.url, notes })
  return {
    annotations: failures.map(annotation),
    summary,
    files: { 'summary.md': summary, 'results.json': `${JSON.stringify(seen.results, null, 2)}\n` },
    outputs: {
      run: book.run,
      state: view.phases.find(({ id }) => id === inputs.phase)?.state ?? '',
      dispatched: JSON.stringify(started),
    },
    failed: failures.length > 0,
  }
}

/** The plan branch as a whole, by the job that merged the last phase: it has all that building needs. */
export async function finish(book: RunBook, job: Job): Promise<Result<void> | undefined> {
  if (!isToBeFinished(book.state)) return undefined
  const opened = await openRun(book, job.deps)
  if (!opened.ok) return opened
  const { prepared, config } = opened.value
  return await finishRun(book, { commands: prepared.commands, config }, job.deps)
}

/** What this job leaves to others: phases that are ready and that no job was started for. */
async function startReady(book: RunBook, job: Job, app: boolean, notes: string[]): Promise<string[]> {
  const alive = await livingHolders(job.forge, book.state, job.deps.me, clock.now())
  const ready = readyPhases(book.state, (holder) => alive(holder)).map(({ id }) => id)
  const started = await startJobs(ready, book.state, job, app)
  if (!started.ok) {
    notes.push(...started.error.map(({ message }) => message))
    return []
  }
  if (started.value.length > 0) notes.push(`Started jobs for phases ${list(started.value)}.`)
  return started.value
}

export async function show(book: RunBook, forge: Forge, log: (text: string) => void): Promise<void> {
  const { pull } = book.state
  if (pull === undefined) return
  const attended = await attendPull(forge, pull, gateContext(log))
  // What people see is brought up to date by the next event as well: the work is done either way.
  if (!attended.ok)
    log(`The pull request could not be brought up to date: ${attended.error[0]?.message ?? ''}`)
}

function notStarted(book: RunBook, id: string): string {
  const phase = book.state.phases.get(phaseId(id))
  if (phase?.state === 'running') return `Phase ${id} is held by another job (${phase.holder}).`
  return `Phase ${id} is ${phase?.state ?? 'unknown'}: there is nothing to do for it here.`
}

export const annotation = ({ message, hint }: Failure): Outcome['annotations'][number] => ({
  level: 'error',
  title: 'Orchestrate',
  message: `${message}\n${hint}`,
})
