import { type Failure, failure } from '../../model/failure.ts'
import type { Config } from '../../model/config.ts'
import type { PhaseId } from '../../model/ids.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { Ended } from '../../pipeline-types.ts'
import type { Agent, CommandRunner, ProjectFiles } from '../../ports.ts'
import type { RunBook } from '../../run/book.ts'
import { formatHolder } from '../../run/holder.ts'
import type { RunState } from '../../run/state.ts'
import { carryOn } from '../carry-on.ts'
import { ended } from '../ended.ts'
import { prepare, type Prepared } from '../prepare.ts'
import { asRecorded, keepsSheets } from '../recorded.ts'
import { configOf } from '../runs.ts'
import { viewOf } from '../view.ts'
import { livingHolders } from './alive.ts'
import { approvalProblem } from './approval.ts'
import type { JobDeps } from './deps.ts'
import { giveUp } from './give-up.ts'

export interface DriveOrder {
  phases: readonly PhaseId[]
  /** No other phase is taken on after this moment, milliseconds since the epoch. */
  until: number
  agent(config: Config, planRoot: string): Result<Agent>
  /** What runs the project's commands with this configuration; the job's own where nothing is said. */
  commands?(config: Config): CommandRunner
}

/**
 * One job's part of a run: claims its phases, takes over what a dead job left of them, runs them, goes on with what became ready
 * where that is one phase. The approval is read at its source before anything is claimed.
 */
export async function drivePhases(book: RunBook, order: DriveOrder, deps: JobDeps): Promise<Ended> {
  const { forge, ports, me } = deps
  const readOnly = book.readOnly()
  if (readOnly) return ended([readOnly], viewOf(book.state))
  const started = hasStarted(book.state)
  const [void_, alive] = await Promise.all([
    approvalProblem(book.state, started, deps),
    livingHolders(forge, book.state, me, ports.clock.now()),
  ])
  const end = void_ ? ended([void_], viewOf(book.state)) : goesOn(await begin(book, order, alive, deps))
  const [problem] = end.failures
  if (problem === undefined || ports.signal.aborted) return end
  const given = { phases: order.phases, holder: formatHolder(me), alive }
  const told = await giveUp(book, given, problem)
  return ended(told.ok ? end.failures : [...end.failures, ...told.error], viewOf(book.state))
}

/** A phase that waits for its model is nobody's to mend: another job goes on with it. */
const goesOn = ({ failures, view }: Ended): Ended =>
  ended(
    failures.filter(({ reason }) => reason !== 'no-room'),
    view,
  )

/** Whether work was done on the approval: a claim that its job gave up at once is none. */
const hasStarted = ({ phases }: RunState): boolean =>
  [...phases.values()].some(
    ({ state, attempt, result }) => attempt > 0 && (state === 'running' || result !== undefined),
  )

async function begin(
  book: RunBook,
  order: DriveOrder,
  alive: (holder: string) => boolean,
  deps: JobDeps,
): Promise<Ended> {
  const { ports, me } = deps
  const opened = await openRun(book, deps)
  if (!opened.ok) return ended(opened.error, viewOf(book.state))
  const { prepared, config, files, planRoot } = opened.value
  const agent = order.agent(config, planRoot)
  if (!agent.ok) return ended(agent.error, viewOf(book.state))
  const problems = await agent.value.preflight()
  if (problems.length > 0) return ended(problems, viewOf(book.state))
  return await carryOn({
    book,
    prepared,
    config,
    ports: { ...ports, files, agent: agent.value, commands: order.commands?.(config) ?? ports.commands },
    actor: deps.actor,
    resumed: true,
    job: {
      holder: formatHolder(me),
      phases: order.phases,
      until: order.until,
      goOn: () => ports.clock.now() < order.until,
      alive,
      approvalHolds: () => approvalProblem(book.state, true, deps),
    },
  })
}

/** The plan of an approved run, as it was approved, whatever stands on any branch now. */
export async function openRun(
  book: RunBook,
  deps: JobDeps,
): Promise<Result<{ prepared: Prepared; config: Config; files: ProjectFiles; planRoot: string }, Failure[]>> {
  const { state } = book
  const base = state.approval?.base?.sha ?? state.base
  const opened = await deps.planAt({ head: state.base, base, dir: state.planDir })
  if (!opened.ok) return opened
  const { source, files } = opened.value
  const config = configOf(state, {})
  const prepared = await prepare(source, config, { ...deps.ports, files }, keepsSheets(state))
  if (!prepared.ok) return prepared
  if (prepared.value.plan.digest !== state.digest)
    return err([
      failure(
        'ledger-unreadable',
        `Run ${state.run} says that it was approved with another plan than stands at ${state.base.slice(0, 10)}.`,
        'Somebody wrote to its ledger. Approve the plan again: a new run begins.',
      ),
    ])
  const recorded = await asRecorded(prepared.value, book, { ...deps.ports, files })
  if (!recorded.ok) return recorded
  return ok({ prepared: recorded.value, config, files, planRoot: source.shown })
}
