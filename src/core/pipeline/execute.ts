import { criteriaOf } from '../execute/criteria.ts'
import { ClaimLost } from '../execute/phase-book.ts'
import type { PhaseInput, RunAround } from '../execute/phase-context.ts'
import { runPhase } from '../execute/run-phase.ts'
import { unitsOf } from '../execute/units.ts'
import { formatOf } from '../ingest/formats/index.ts'
import { type Assignment, FALLBACK } from '../match/match.ts'
import type { Budgets } from '../model/config.ts'
import type { Problem } from '../model/event.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { PhaseId } from '../model/ids.ts'
import { leftOutOf, withoutTasks } from '../model/optional-tasks.ts'
import { pathFromRoot } from '../model/plan-path.ts'
import type { PhaseResult } from '../model/phase-result.ts'
import type { Phase } from '../model/plan.ts'
import type { RunBook } from '../run/book.ts'
import { drive, type Work } from '../run/drive.ts'
import { type PhaseState, totalUsage } from '../run/state.ts'
import { askAboutPhase, askToContinue } from './ask-person.ts'
import type { Execution } from './execution.ts'
import { planRef, publisherOf } from './publisher.ts'
import { recordOf } from './record.ts'
import { roomFor } from './wait-for-room.ts'

/** How often a job looks whether it should go on: aborted, approval withdrawn, plan changed. Milliseconds. */
const LOOK_MS = 60_000

/** Stage 6: drives the run until nothing more can be done here. */
export async function execute(execution: Execution): Promise<Failure[]> {
  const { book, ports, config, actor, job } = execution
  const { reporter, clock, repository } = ports
  reporter.emit({ type: 'stage', stage: 'execute', at: clock.now() })
  const spent = new Map<PhaseId, number>()
  let paused = false
  let left = false
  const holder = job?.holder ?? `${actor}#${ports.random.hex(4)}`
  const publisher = publisherOf(execution, holder)
  const planBranch = planRef(book.run)
  // The approval was read just before the job began to drive.
  let lookedAt = clock.now()

  const misplaced = await movePlanBranch()
  if (misplaced) return [misplaced]
  await publisher.run()

  const work: Work = {
    holder,
    by: actor,
    maxCostUsd: config.maxCostUsd,
    stopping: () => paused || ports.signal.aborted,
    // On one machine the run's lock is ours, so whoever else held a claim is gone; so is who held it by our name before.
    // What we left because its model has no room is for whoever looks later.
    alive: (other) => (other === holder ? left : (job?.alive(other) ?? false)),
    ...(job ? { job } : {}),
    onState: () => undefined,
    askAbout: (phase, problem) => askAboutPhase(ports.person, book.state, phase, problem),
    askToContinue: (after) => askToContinue(ports, book.state, after),
    async runPhase(claimed, onCost) {
      const id = claimed.planned.id
      const input = await phaseInput(execution, claimed)
      const around = aroundPhase(input, (usd) => {
        spent.set(id, usd)
        onCost(usd)
      })
      const ended = await runPhase(input, ports, around, execution.options).catch((error: unknown) => {
        const isLost = error instanceof ClaimLost && job !== undefined
        if (error instanceof RunAborted || (isLost && book.state.state === 'aborted')) return 'aborted'
        if (!isLost) throw error
        reporter.emit({ type: 'note', message: `Another job went on with phase ${id}: this one leaves it.` })
        return undefined
      })
      spent.delete(id)
      if (ended === undefined) return
      if (ended === 'aborted') {
        const message = `Run ${book.run} was aborted while phase ${id} was under way: nothing of it was merged, and what was done is kept.`
        reporter.emit({ type: 'note', message })
        return await publisher.save(input)
      }
      if (!ended.ok) throw new Error(ended.error.map((f) => f.message).join('; '))
      const end = ended.value
      if (end.kind === 'interrupted') return await publisher.save(input)
      if (end.kind === 'waiting') {
        left = true
        const { until, why } = end
        const command = { type: 'wait', phase: id, attempt: claimed.attempt, holder } as const
        const told = await book.tell({ ...command, until, why }, await publisher.along(input))
        if (!told.ok && book.state.state !== 'aborted') throw new Error(told.error.message)
        await publisher.run()
        return
      }
      reporter.emit({ type: 'phase-result', result: end.result })
      if (end.kind === 'paused') {
        paused = true
        execution.onPaused?.(end.result)
      }
      if (end.kind === 'stopped') {
        const { problem, result, usage } = end
        const command = { type: 'stop', phase: id, attempt: claimed.attempt, holder } as const
        const told = await book.tell({ ...command, problem, result, usage }, await publisher.along(input))
        // Aborted meanwhile: the run has ended, and its chain takes nothing more.
        if (!told.ok && book.state.state !== 'aborted') throw new Error(told.error.message)
        await publisher.run()
      }
    },
    async land() {
      const { branch, landedTip, planTip } = book.state
      const landed = await repository.land(branch, landedTip, planTip)
      if (!landed.ok)
        return (
          landed.error[0] ?? failure('cannot-land', 'Landing was refused.', '`orchestrate land` tries again.')
        )
      const told = await book.tell({ type: 'land', branch, sha: planTip })
      if (!told.ok) return told.error
      reporter.emit({ type: 'landed', branch, sha: planTip, at: clock.now() })
      await publisher.run()
      return undefined
    },
  }
  return await drive(book, work)

  function aroundPhase(input: PhaseInput, onCost: (usd: number) => void): RunAround {
    const { checkpoint } = publisher.phase(input)
    return {
      // As last seen: whoever was faster makes the merge's compare-and-swap fail, and we look again.
      planTip: async () => book.state.planTip,
      moneyLeft: () => {
        const { run = Infinity, phase = Infinity } = budgetsLeft(input)
        const least = Math.min((config.maxCostUsd ?? Infinity) - spentOn(), run, phase)
        return least === Infinity ? undefined : least
      },
      budgetsLeft: () => budgetsLeft(input),
      onCost,
      record: (result, at) => recordOf(execution, input.phase, result, at),
      async merge({ from, merge, head, result, usage }) {
        const command = { type: 'merge', phase: input.phase.id, attempt: input.attempt, holder } as const
        const told = await book.tell({ ...command, from, merge, head, result, usage }, [
          { ref: planBranch, from, to: merge },
          ...(await publisher.along(input)),
        ])
        if (!told.ok) {
          if (book.state.state === 'aborted') throw new RunAborted(told.error.message)
          if (book.state.planTip !== from) return false
          throw new Error(told.error.message)
        }
        const wrong = await movePlanBranch()
        if (wrong) throw new Error(wrong.message)
        return true
      },
      waitForRoom: roomFor(execution, input, {
        holder,
        halted: async () => (await halt('step')) !== undefined,
      }),
      checkpoint,
      ...(job ? { halt, elsewhere: true } : {}),
    }
  }

  /** Of the run, or of one phase: what is recorded, and what goes on here. US dollars. */
  function spentOn(phase?: PhaseId): number {
    const recorded = phase === undefined ? totalUsage(book.state) : book.state.phases.get(phase)?.usage
    const running = [...spent].filter(([id]) => phase === undefined || id === phase)
    return running.reduce((sum, [, usd]) => sum + usd, recorded?.costUsd ?? 0)
  }

  function budgetsLeft({ phase }: PhaseInput): Budgets {
    const { run, phase: each } = config.budgets ?? {}
    return {
      ...(run === undefined ? {} : { run: run - spentOn() }),
      ...(each === undefined ? {} : { phase: each - spentOn(phase.id) }),
    }
  }

  /**
   * Why a phase of this job has to stop before its next step. Looked at once in a while, since it costs requests; before the
   * merge always: a phase may be shorter than that while.
   */
  async function halt(before: 'step' | 'merge'): Promise<Problem | undefined> {
    const now = clock.now()
    if (!job || (before === 'step' && now - lookedAt < LOOK_MS)) return undefined
    lookedAt = now
    // Before a merge the ledger itself is asked: its compare-and-swap finds an abort and a taken claim. Where other phases run,
    // a merge of theirs is known sooner so, and no push is wasted on it.
    if (before === 'step' || runsElsewhere(book, holder)) {
      await ports.shared?.fetch(book.run)
      await book.open()
    }
    if (book.state.state === 'aborted')
      return { reason: 'cancelled', message: `Run ${book.run} was aborted.`, hint: 'What was done is kept.' }
    const void_ = await job.approvalHolds()
    return void_ && { reason: void_.reason, message: void_.message, hint: void_.hint }
  }

  /** The plan branch follows the ledger. One that stands where this run never put it was moved by somebody: we stop. */
  async function movePlanBranch(): Promise<Failure | undefined> {
    for (let tries = 0; tries < 5; tries++) {
      const { planTip } = book.state
      const now = await repository.resolve(planBranch)
      if (now === planTip) return undefined
      const behind = now === undefined || (await repository.isAncestor(now, planTip))
      if (!behind) break
      if (await repository.updateRefs([{ ref: planBranch, from: now, to: planTip }])) return undefined
    }
    return failure(
      'foreign-commit',
      `The branch ${planBranch.slice('refs/heads/'.length)} has commits that this run did not make.`,
      `None of them was used. Look with \`git log\`, put the branch back with \`git update-ref ${planBranch} ${book.state.planTip}\`, then \`orchestrate resume\`.`,
    )
  }
}

const runsElsewhere = ({ state }: RunBook, holder: string): boolean =>
  [...state.phases.values()].some((phase) => phase.state === 'running' && phase.holder !== holder)

/** A person ended the run while a phase was being merged into it. */
class RunAborted extends Error {
  override name = 'RunAborted'
}

async function phaseInput(
  { prepared, book, config, ports }: Execution,
  claimed: PhaseState & { state: 'running' },
): Promise<PhaseInput> {
  const { plan, match, research, commands } = prepared
  const id = claimed.planned.id
  const written = plan.phases.find((p) => p.id === id) ?? missing(id)
  const whole = withoutTasks(written, leftOutOf(written, config))
  // parts of files go into the prompt as text; whole documents are named, for the agent to read
  const parts = plan.context.filter(({ lines }) => lines !== undefined)
  const phase = parts.length === 0 ? whole : { ...whole, context: [...(whole.context ?? []), ...parts] }
  const assignment = match.assignments.find((a) => a.phase === id)
  return {
    run: book.run,
    phase,
    attempt: claimed.attempt,
    mode: claimed.mode,
    handed: claimed.handed ?? false,
    base: claimed.base,
    branch: branchOf(claimed),
    units: unitsOf(phase, formatOf(plan.mode)),
    criteria: criteriaOf(phase),
    ...teamOf(id, { prepared, config, ports }),
    config,
    contract: plan.contract,
    planDir: plan.dir,
    planFiles: plan.files.map((file) => pathFromRoot(plan.dir, file.path)),
    planOwn: formatOf(plan.mode).own ?? [],
    commands: {
      ...(commands.setup ? { setup: commands.setup.command } : {}),
      ...(commands.build ? { build: commands.build.command } : {}),
      ...(commands.test ? { test: commands.test.command } : {}),
    },
    documents: [
      ...new Set([
        ...plan.documents.filter((doc) => doc.kind !== 'doc').map((doc) => doc.path),
        ...plan.context
          .filter(({ lines }) => lines === undefined)
          .map(({ path }) => pathFromRoot(plan.dir, path)),
      ]),
    ],
    sheets: research.sheets
      .filter((sheet) => sheet.phases.includes(id))
      .map(({ tech, version, text }) => ({ tech, text, ...(version === undefined ? {} : { version }) })),
    skills: (assignment?.skills ?? []).flatMap(({ name, text }) =>
      text === undefined ? [] : [{ name, text }],
    ),
    ...(assignment === undefined || assignment.agentType === FALLBACK ? {} : { agent: agentOf(assignment) }),
    decisions: decisionsSoFar(book),
    // Of the phases that are merged, as their record wrote it.
    handoff: await ports.repository.readFile(claimed.base, plan.contract.handoff.file),
    personFindings: claimed.personFindings,
  }
}

const agentOf = ({ agentType, agentText }: Assignment): { name: string; text?: string } => ({
  name: agentType,
  ...(agentText === undefined ? {} : { text: agentText }),
})
/** Whether a team does the phase, and how: what stood at the gate. */
function teamOf(
  id: PhaseId,
  { prepared, config, ports }: Pick<Execution, 'prepared' | 'config' | 'ports'>,
): Pick<PhaseInput, 'team'> {
  if (!config.subprocess || prepared.dispatch.get(id)?.mode !== 'team') return {}
  const level = prepared.review.confidence.get(id)?.level ?? 'medium'
  return { team: { by: ports.agent.leads === true ? 'lead' : 'loop', plans: level !== 'high' } }
}

/** An attempt from scratch gets a branch of its own: the one before is kept as it is. */
function branchOf(claimed: PhaseState & { state: 'running' }): string {
  const { branch } = claimed.planned
  return claimed.scratch > 1 ? `${branch}-again-${claimed.scratch}` : branch
}

function missing(id: PhaseId): Phase {
  throw new Error(`the plan has no phase ${id} any more`)
}

/** What merged phases decided, with the phase it came from. */
function decisionsSoFar(book: RunBook): string[] {
  return [...book.state.phases.values()].flatMap((phase) => {
    if (phase.state !== 'merged' || phase.result === undefined) return []
    // Written by us: PHASE_RESULT of a merged attempt.
    const { decisions } = phase.result as PhaseResult
    return decisions.map((decision) => `phase ${phase.planned.id}: ${decision}`)
  })
}
