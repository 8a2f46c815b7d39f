/** Mode phase: one job's part of a run. */
import type { Forge } from '../../core/forge.ts'
import type { Failure } from '../../core/model/failure.ts'
import { phaseId } from '../../core/model/ids.ts'
import type { PhaseResult } from '../../core/model/phase-result.ts'
import { ok, type Result } from '../../core/model/result.ts'
import { attendPull } from '../../core/pipeline/gate/attend.ts'
import type { GateContext } from '../../core/pipeline/gate/context.ts'
import { drivePhases, openRun } from '../../core/pipeline/job/drive-phases.ts'
import { finishRun, isToBeFinished } from '../../core/pipeline/job/finish.ts'
import { landJob } from '../../core/pipeline/job/land.ts'
import { viewOf } from '../../core/pipeline/view.ts'
import { jobSummary } from '../../core/report/job-summary.ts'
import { waitingText } from '../../core/report/words.ts'
import type { RunBook } from '../../core/run/book.ts'
import { open } from '../../core/run/state.ts'
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
  /** Waits for what is being shown of them. */
  settle?(): Promise<void>
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
  const before = book.state
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
    {
      phases: [mine],
      until,
      agent: (...given) => job.agent(...given),
      commands: (config) => job.commands(config),
    },
    job.deps,
  )
  await seen.settle?.()
  const notes: string[] = [...seen.phases].flatMap((id) => waitingNote(book, id))
  const failures = ended.failures.filter(({ phase }) => phase === undefined || seen.phases.has(phase))
  if (!seen.phases.has(inputs.phase)) notes.push(notStarted(book, inputs.phase))

  const finished = around.signal.aborted || ended.exit === 1 ? undefined : await finish(book, job)
  if (finished && !finished.ok) failures.push(...finished.error)
  const started = around.signal.aborted
    ? ok([])
    : await startJobs(book.state, job, { before, dispatched: [], app: inputs.app })
  // A job that is red is looked after by the tail, which tries it again.
  if (!started.ok) failures.push(...started.error)
  else if (started.value.length > 0) notes.push(`Started jobs for phases ${list(started.value)}.`)
  // What keeps it from landing is no fault of the phase: the tail, which comes after the last one, is red for it.
  if (!inputs.app) notes.push(...(await showAndLand(book, job, log)).map(({ message }) => message))
  const view = viewOf(book.state)
  const summary = jobSummary({ view, results: seen.results, url: job.forge.url, notes })
  return {
    annotations: failures.map(annotation),
    summary,
    files: { 'summary.md': summary, 'results.json': `${JSON.stringify(seen.results, null, 2)}\n` },
    outputs: {
      run: book.run,
      state: view.phases.find(({ id }) => id === inputs.phase)?.state ?? '',
      // Of several jobs of a matrix that put out the same, an empty one is not heard.
      dispatched: started.ok && started.value.length > 0 ? JSON.stringify(started.value) : '',
      ended: open(book.state).length === 0 ? 'true' : '',
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
  const ports = { ...job.deps.ports, commands: job.commands(config) }
  return await finishRun(book, { commands: prepared.commands, config }, { ports })
}

/** What an App does where there is one; it lands by its own token, so that what lands starts the checks that are required. */
export async function showAndLand(book: RunBook, job: Job, log: (text: string) => void): Promise<Failure[]> {
  // Phases show on the commit that was approved: once the branch has moved, nobody comes back to it.
  await show(book, job.forge, log)
  const before = book.state.landedTip
  const landed = await landDue(book, job)
  if (book.state.landedTip !== before) await show(book, job.forge, log)
  return landed.ok ? [] : landed.error
}

async function landDue(book: RunBook, { forge, deps }: Job): Promise<Result<void>> {
  const { state, pull, policy } = book.state
  if (pull === undefined || state !== 'approved' || policy.land === 'none') return ok(undefined)
  const left = open(book.state)
  // While another phase runs, its job comes here after us: two that land at once would be in each other's way.
  if (policy.land === 'end' ? left.length > 0 : left.some((phase) => phase.state === 'running'))
    return ok(undefined)
  const facts = await forge.pull(pull)
  return facts.ok ? await landJob(book, facts.value, deps, 'due') : facts
}

async function show(book: RunBook, forge: Forge, log: (text: string) => void): Promise<void> {
  const { pull } = book.state
  if (pull !== undefined) await showPull(pull, forge, gateContext(log))
}

/** What people see is brought up to date by the next event as well: the work is done either way. */
export async function showPull(pull: number, forge: Forge, ctx: GateContext): Promise<void> {
  const attended = await attendPull(forge, pull, ctx)
  if (!attended.ok)
    ctx.log?.(`The pull request could not be brought up to date: ${attended.error[0]?.message ?? ''}`)
}

function waitingNote(book: RunBook, id: string): string[] {
  const phase = book.state.phases.get(phaseId(id))
  if (phase?.state !== 'running' || phase.waiting === undefined) return []
  const { waiting } = phase
  return [`Phase ${id} is ${waitingText(waiting, waiting.since)}. Another job goes on with it then.`]
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
