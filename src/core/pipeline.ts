/**
 * START HERE. A plan through its six stages:
 *
 *   1 ingest    the plan's files become a Plan                       core/ingest
 *   2 review    rules say what is weak in it                         core/review
 *   3 match     agents and skills for each phase                     core/match
 *   4 research  what the agents should know of its technologies      core/research
 *   5 gate      a person sees all of it and approves                 core/gate
 *   6 execute   phases run, each step a process, a gate after each   core/run, core/execute
 *
 * The stages know nothing of each other; they meet here and in `pipeline/`.
 */
import { failure, type Failure } from './model/failure.ts'
import type { Config } from './model/config.ts'
import { type PhaseId, phaseId } from './model/ids.ts'
import type { PhaseResult } from './model/phase-result.ts'
import { planPath } from './model/plan-path.ts'
import { err, ok, type Result } from './model/result.ts'
import { addUsage } from './model/step.ts'
import { withAgentSheets } from './pipeline/agent-research.ts'
import { withAgentReview } from './pipeline/agent-review.ts'
import { approve } from './pipeline/approve.ts'
import { ended } from './pipeline/ended.ts'
import { holderOf, underLock } from './pipeline/lock.ts'
import { preflight, scopeProblems } from './pipeline/preflight.ts'
import { prepare, type Prepared } from './pipeline/prepare.ts'
import { asRecorded, keepsSheets } from './pipeline/recorded.ts'
import { offerLeftovers } from './pipeline/leftovers.ts'
import { allRuns, configOf, createRun, nameRun, theRun, unfinished } from './pipeline/runs.ts'
import { carryOn } from './pipeline/carry-on.ts'
import type { Execution } from './pipeline/execution.ts'
import { stepLimit, withResult } from './pipeline/single-phase.ts'
import { verifyChains } from './pipeline/verify.ts'
import { viewOf } from './pipeline/view.ts'
import type { Ended, Ports, RunRequest, RunView } from './pipeline-types.ts'
import type { PlanSource } from './ports.ts'
import type { RunBook } from './run/book.ts'
import { open as openPhases } from './run/state.ts'
import { fullStop } from './text/sentence.ts'

/** All six stages. */
export async function runPlan(request: RunRequest, ports: Ports): Promise<Ended> {
  return await sixStages(request, ports, {})
}

/** The phase runner alone: one phase, approved by being called; up to and including `step` where one is given. */
export async function runPhase(
  request: RunRequest & { phase: string; step?: string },
  ports: Ports,
): Promise<Ended> {
  const limit = stepLimit(request.step)
  if (!limit.ok) return ended(limit.error)
  const config: Config = { ...request.config, phases: [phaseId(request.phase)], land: 'none' }
  let result: PhaseResult | undefined
  const end = await sixStages({ ...request, config, yes: true, resume: true }, ports, {
    options: limit.value,
    onPaused: (paused) => (result = paused),
  })
  return withResult(end, result)
}

/** What a single phase asks of its execution. */
type Alone = Pick<Execution, 'options' | 'onPaused'>

async function sixStages(request: RunRequest, ports: Ports, alone: Alone): Promise<Ended> {
  const [prepared, facts] = await Promise.all([
    prepare(request.source, request.config, ports),
    ports.repository.facts(),
  ])
  const planDir = prepared.ok ? prepared.value.plan.path : planPath(request.source)
  const problems = await preflight(
    facts,
    planDir,
    prepared.ok ? prepared.value.commands : {},
    request.config,
    ports,
  )
  if (!prepared.ok) return ended([...prepared.error, ...problems])
  const scope = scopeProblems(prepared.value, request)
  // a dry run shows the plan also where nothing could be run yet: it may be all that somebody wants to see
  if (request.dryRun ? scope.length > 0 : scope.length + problems.length > 0)
    return ended([...problems, ...scope])

  return await underLock(ports, planDir, async () => {
    const going = (await allRuns(ports)).find(
      (book) => book.state.planDir === planDir && unfinished(book.state),
    )
    if (going && !request.dryRun) {
      const another = alone.options !== undefined && !isRunOf(going, request.config.phases)
      if (request.resume !== true || another) return ended([unfinishedRun(going, planDir)])
      return await resumeWith(going, prepared.value, request, ports, alone)
    }

    await offerLeftovers(ports, { ask: !request.yes && !request.dryRun })
    const run = nameRun(prepared.value.plan, ports)
    const read = await readByAgent(prepared.value, request.config, ports)
    const known = await researchedByAgent(read, request.config, ports)
    const approval = await approve(run, known, request, ports)
    for (const { message, hint } of request.dryRun ? problems : [])
      ports.reporter.emit({ type: 'warning', message, hint })
    if (!approval.ok)
      return ended(
        request.dryRun ? approval.error.filter((f) => f.reason !== 'stopped-at-gate') : approval.error,
      )
    const { actor } = request
    const book = await createRun(
      { run, prepared: approval.value.prepared, approval: approval.value, facts, actor },
      ports,
    )
    if (!book.ok) return ended(book.error)
    const { config } = approval.value
    return await carryOn({
      book: book.value,
      prepared: approval.value.prepared,
      config,
      ports,
      actor,
      ...alone,
      resumed: false,
    })
  })
}

/** `review: agent`, where the configuration asks for it: only once nothing else stands in the way of the run. */
async function readByAgent(prepared: Prepared, config: Config, ports: Ports): Promise<Prepared> {
  if (!config.reviewAgent) return prepared
  const { review, note, usage } = await withAgentReview(prepared.plan, prepared.review, config, ports)
  ports.reporter.emit({ type: 'diagnostics', diagnostics: review.diagnostics })
  return {
    ...prepared,
    review,
    notes: [...(prepared.notes ?? []), note],
    spent: addUsage(prepared.spent ?? {}, usage),
  }
}

/** `research: agent`: sheets that nothing else gave. */
async function researchedByAgent(prepared: Prepared, config: Config, ports: Ports): Promise<Prepared> {
  if (config.researchAgent === 'never') return prepared
  const { plan, spent = {} } = prepared
  const { research, notes, usage } = await withAgentSheets(plan, prepared.research, config, ports, spent)
  return {
    ...{ ...prepared, research, notes: [...(prepared.notes ?? []), ...notes] },
    spent: addUsage(spent, usage),
  }
}

export interface ResumeOptions {
  source: (planDir: string) => Promise<Result<PlanSource>>
  config: Partial<Config>
  actor: string
  yes: boolean
}

/** Goes on with a run from its last record. What waits for a person's go-ahead, or was mended by hand, goes on. */
export async function resumeRun(
  run: string | undefined,
  options: ResumeOptions,
  ports: Ports,
): Promise<Ended> {
  await ports.repository.fetchRuns()
  const unreached = ports.repository.fetchProblem()
  if (unreached !== undefined) {
    const message = `The remote could not be asked for runs: ${fullStop(unreached)}`
    ports.reporter.emit({ type: 'warning', message, hint: 'It goes on with what is here.' })
  }
  return await onRun(run, options, ports, async (book) => {
    const { state } = book
    if (state.waitingAfter !== undefined) {
      const told = await book.tell({ type: 'decide', decision: 'continue', by: options.actor })
      if (!told.ok) return [told.error]
    }
    for (const phase of state.phases.values()) {
      if (phase.state !== 'needs-input') continue
      const told = await book.tell({
        type: 'decide',
        decision: 'resume',
        phase: phase.planned.id,
        by: options.actor,
      })
      if (!told.ok) return [told.error]
    }
    return []
  })
}

export interface PersonsDecision {
  kind: 'retry' | 'skip' | 'fix' | 'abort'
  phase?: string
  text?: string
}

/** Records what a person decided, and goes on with the run (not after an abort). */
export async function decideRun(
  run: string | undefined,
  decision: PersonsDecision,
  options: ResumeOptions,
  ports: Ports,
): Promise<Ended> {
  const { kind, text } = decision
  const phase: PhaseId | undefined = decision.phase === undefined ? undefined : phaseId(decision.phase)
  return await onRun(run, options, ports, async (book) => {
    const told = await book.tell({
      type: 'decide',
      decision: kind,
      by: options.actor,
      ...(phase === undefined ? {} : { phase }),
      ...(text === undefined ? {} : { text }),
    })
    return told.ok ? [] : [told.error]
  })
}

/** Finds the run, takes its lock, lets `decide` write, and carries on. */
async function onRun(
  run: string | undefined,
  options: ResumeOptions,
  ports: Ports,
  decide: (book: RunBook) => Promise<Failure[]>,
): Promise<Ended> {
  const found = await theRun(run, ports)
  if (!found.ok) return ended(found.error)
  const { planDir } = found.value.state
  return await underLock(ports, planDir, async () => {
    const book = found.value
    // What somebody wrote while we waited for the lock counts.
    const opened = await book.open()
    if (!opened.ok) return ended(opened.error)
    const readOnly = book.readOnly()
    if (readOnly) return ended([readOnly], viewOf(book.state))
    const refused = await decide(book)
    if (refused.length > 0) return ended(refused, viewOf(book.state))
    if (book.state.state === 'aborted') {
      await ports.sweeper.sweep(book.run)
      return { ...ended([], viewOf(book.state)), exit: 0 }
    }
    const source = await options.source(planDir)
    if (!source.ok) return ended(source.error)
    const config = configOf(book.state, options.config)
    const prepared = await prepare(source.value, config, ports, keepsSheets(book.state))
    if (!prepared.ok) return ended(prepared.error)
    const { actor } = options
    return await resumeWith(book, prepared.value, { config, actor }, ports, {})
  })
}

async function resumeWith(
  book: RunBook,
  prepared: Prepared,
  request: { config: Config; actor: string },
  ports: Ports,
  alone: Alone,
): Promise<Ended> {
  if (prepared.plan.digest !== book.state.digest) {
    return ended([
      failure(
        'refused',
        `The plan in ${book.state.planDir || '.'} is not the one that was approved for run ${book.run}.`,
        `\`git diff ${book.state.base.slice(0, 10)} -- ${book.state.planDir || '.'}\` shows what changed. Put it back, or \`orchestrate abort ${book.run}\` and start a new run.`,
      ),
    ])
  }
  const recorded = await asRecorded(prepared, book, ports)
  if (!recorded.ok) return ended(recorded.error)
  const { config, actor } = request
  const problems = await ports.agent.preflight()
  const readOnly = book.readOnly()
  if (readOnly) problems.push(readOnly)
  if (problems.length > 0) return ended(problems, viewOf(book.state))
  return await carryOn({ book, prepared: recorded.value, config, ports, actor, ...alone, resumed: true })
}

/** Fast-forwards the user's branch to what is merged so far. */
export async function landRun(run: string | undefined, ports: Ports): Promise<Ended> {
  const found = await theRun(run, ports)
  if (!found.ok) return ended(found.error)
  const book = found.value
  return await underLock(ports, book.state.planDir, async () => {
    const opened = await book.open()
    if (!opened.ok) return ended(opened.error)
    const { branch, landedTip, planTip } = book.state
    if (branch === '') {
      return ended([
        failure(
          'cannot-land',
          'The run began with a detached HEAD: there is no branch to land on.',
          `Run \`git merge --ff-only ${planTip.slice(0, 12)}\` on the branch that is to have it.`,
        ),
      ])
    }
    if (planTip === landedTip) return ended([], viewOf(book.state))
    const readOnly = book.readOnly()
    if (readOnly) return ended([readOnly], viewOf(book.state))
    const landed = await ports.repository.land(branch, landedTip, planTip)
    if (!landed.ok) return ended(landed.error, viewOf(book.state))
    const told = await book.tell({ type: 'land', branch, sha: planTip })
    if (!told.ok) return ended([told.error])
    ports.reporter.emit({ type: 'landed', branch, sha: planTip, at: ports.clock.now() })
    return ended([], viewOf(book.state))
  })
}

/** Where a run stands. `newest`: of several runs that have all ended the newest is meant, and the view names the others. */
export async function runStatus(
  run: string | undefined,
  ports: Ports,
  options: { newest?: boolean } = {},
): Promise<Result<RunView>> {
  const found = await theRun(run, ports, options)
  if (!found.ok) return found
  const { state, run: name } = found.value
  const others =
    run === undefined ? (await allRuns(ports)).map((book) => book.run).filter((one) => one !== name) : []
  return ok({
    ...viewOf(state),
    process: (await holderOf(ports, state.planDir)) ?? null,
    ...(others.length === 0 ? {} : { others }),
  })
}

/** Replays the ledger and proves that no step is missing; the failure names the first gap. */
export async function verifyRun(
  run: string | undefined,
  ports: Ports,
): Promise<Result<{ run: string; events: number; phases: number }>> {
  const found = await theRun(run, ports)
  if (!found.ok) return found
  const verified = await verifyChains(found.value, ports)
  return verified.ok ? ok({ run: found.value.run, ...verified.value }) : err(verified.error)
}

/** Whether all that is open in a run is these phases: a phase that is called alone takes no other one along. */
const isRunOf = (book: RunBook, phases: readonly string[] = []): boolean =>
  openPhases(book.state).every(({ planned }) => phases.includes(planned.id))

function unfinishedRun(book: RunBook, planDir: string): Failure {
  return failure(
    'unfinished-run',
    `Run ${book.run} of ${planDir || 'this plan'} is not finished.`,
    `\`orchestrate resume ${book.run}\` goes on with it; \`orchestrate abort ${book.run}\` ends it.`,
  )
}
