import { criteriaOf } from '../execute/criteria.ts'
import type { PhaseInput, RunAround } from '../execute/phase-context.ts'
import { runPhase } from '../execute/run-phase.ts'
import { unitsOf } from '../execute/units.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { PhaseId, Sha } from '../model/ids.ts'
import type { PhaseResult } from '../model/phase-result.ts'
import type { Phase } from '../model/plan.ts'
import { type RunBook, runRef } from '../run/book.ts'
import { drive, type Work } from '../run/drive.ts'
import { type PhaseState, totalUsage } from '../run/state.ts'
import { fullStop } from '../text/sentence.ts'
import { askAboutPhase, askToContinue } from './ask-person.ts'
import type { Execution } from './execution.ts'
import { recordOf } from './record.ts'

/** Pushes of a phase while it works; its end is always told. */
const CHECKPOINTS = 4

/** Stage 6: drives the run until nothing more can be done here. */
export async function execute(execution: Execution): Promise<Failure[]> {
  const { book, ports, config, actor } = execution
  const { reporter, clock, repository } = ports
  reporter.emit({ type: 'stage', stage: 'execute', at: clock.now() })
  const publish = publisher(execution)
  const spent = new Map<PhaseId, number>()
  let paused = false
  const holder = `${actor}#${ports.random.hex(4)}`
  const planBranch = `refs/heads/orchestrate/${book.run}/plan`

  const misplaced = await movePlanBranch()
  if (misplaced) return [misplaced]
  await publish([])

  const work: Work = {
    holder,
    by: actor,
    maxCostUsd: config.maxCostUsd,
    stopping: () => paused || ports.signal.aborted,
    onState: () => undefined,
    askAbout: (phase, problem) => askAboutPhase(ports.person, phase, problem),
    askToContinue: (after) => askToContinue(ports, book.state, after),
    async runPhase(claimed, onCost) {
      const id = claimed.planned.id
      const input = await phaseInput(execution, claimed)
      const around = aroundPhase(input, (usd) => {
        spent.set(id, usd)
        onCost(usd)
      })
      const ended = await runPhase(input, ports, around, execution.options)
      spent.delete(id)
      if (!ended.ok) throw new Error(ended.error.map((f) => f.message).join('; '))
      const end = ended.value
      if (end.kind === 'interrupted') return
      reporter.emit({ type: 'phase-result', result: end.result })
      if (end.kind === 'paused') {
        paused = true
        execution.onPaused?.(end.result)
      }
      if (end.kind === 'stopped') {
        const { problem, result, usage } = end
        const told = await book.tell({
          type: 'stop',
          phase: id,
          attempt: claimed.attempt,
          holder,
          problem,
          result,
          usage,
        })
        if (!told.ok) throw new Error(told.error.message)
        await publish([])
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
      await publish([])
      return undefined
    },
  }
  return await drive(book, work)

  function aroundPhase(input: PhaseInput, onCost: (usd: number) => void): RunAround {
    let checkpoints = 0
    return {
      // As last seen: whoever was faster makes the merge's compare-and-swap fail, and we look again.
      planTip: async () => book.state.planTip,
      moneyLeft: () => {
        const { maxCostUsd } = config
        if (maxCostUsd === undefined) return undefined
        const running = [...spent.values()].reduce((sum, usd) => sum + usd, 0)
        return maxCostUsd - (totalUsage(book.state).costUsd ?? 0) - running
      },
      onCost,
      record: (result, at) => recordOf(execution, input.phase, result, at),
      async merge({ from, merge, head, result, usage }) {
        const told = await book.tell({
          type: 'merge',
          phase: input.phase.id,
          attempt: input.attempt,
          holder,
          from,
          merge,
          head,
          result,
          usage,
        })
        if (!told.ok) {
          if (book.state.planTip !== from) return false
          throw new Error(told.error.message)
        }
        const wrong = await movePlanBranch()
        if (wrong) throw new Error(wrong.message)
        return true
      },
      async checkpoint(refs) {
        checkpoints++
        const merged = book.state.phases.get(input.phase.id)?.state === 'merged'
        if (checkpoints <= CHECKPOINTS || merged) await publish(refs)
      },
    }
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

async function phaseInput(
  { prepared, book, config, ports }: Execution,
  claimed: PhaseState & { state: 'running' },
): Promise<PhaseInput> {
  const { plan, match, research, commands } = prepared
  const id = claimed.planned.id
  const phase = plan.phases.find((p) => p.id === id) ?? missing(id)
  const skills = match.assignments.find((a) => a.phase === id)?.skills ?? []
  return {
    run: book.run,
    phase,
    attempt: claimed.attempt,
    mode: claimed.mode,
    base: claimed.base,
    branch: branchOf(claimed),
    units: unitsOf(phase),
    criteria: criteriaOf(phase),
    config,
    contract: plan.contract,
    planDir: plan.dir,
    planFiles: plan.files.map((file) => (plan.dir === '' ? file.path : `${plan.dir}/${file.path}`)),
    commands: {
      ...(commands.setup ? { setup: commands.setup.command } : {}),
      ...(commands.build ? { build: commands.build.command } : {}),
      ...(commands.test ? { test: commands.test.command } : {}),
    },
    documents: plan.documents.filter((doc) => doc.kind !== 'doc').map((doc) => doc.path),
    sheets: research.sheets
      .filter((sheet) => sheet.phases.includes(id))
      .map(({ tech, version, text }) => ({ tech, text, ...(version === undefined ? {} : { version }) })),
    skills: skills.flatMap(({ name, text }) => (text === undefined ? [] : [{ name, text }])),
    decisions: decisionsSoFar(book),
    // Of the phases that are merged, as their record wrote it.
    handoff: await ports.repository.readFile(claimed.base, plan.contract.handoff.file),
    personFindings: claimed.personFindings,
  }
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

/** Pushes one after the other, each with the run's chain and the plan branch as they are then. Told once when it fails. */
function publisher({ book, ports }: Execution): (refs: { ref: string; sha: Sha }[]) => Promise<void> {
  let queue: Promise<void> = Promise.resolve()
  let warned = false
  let remote: boolean | undefined
  const push = async (refs: { ref: string; sha: Sha }[]): Promise<void> => {
    remote ??= await ports.repository.publishes()
    if (!remote || book.head === undefined) return
    const all = [
      { ref: runRef(book.run), sha: book.head },
      { ref: `refs/heads/orchestrate/${book.run}/plan`, sha: book.state.planTip },
      ...refs,
    ]
    const done = await ports.repository.publish(all)
    if (done.ok) ports.reporter.emit({ type: 'published', refs: all.length, at: ports.clock.now() })
    else if (!warned) {
      warned = true
      ports.reporter.emit({
        type: 'warning',
        message: `The remote did not take a checkpoint: ${fullStop(done.message)}`,
        hint: 'Work goes on; the ledger in this repository is complete.',
      })
    }
  }
  return (refs) => {
    queue = queue.then(() => push(refs))
    return queue
  }
}
