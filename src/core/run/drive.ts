import type { Problem } from '../model/event.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { PhaseId } from '../model/ids.ts'
import { unreachable } from '../model/result.ts'
import { plural } from '../text/display.ts'
import { timeOfDay } from '../text/format.ts'
import { capital, fullStop } from '../text/sentence.ts'
import type { RunBook } from './book.ts'
import type { Decision } from './decide.ts'
import { type Effect, reconcile } from './reconcile.ts'
import { type PhaseState, type RunState, totalUsage, type Waiting } from './state.ts'

/** What the driver needs done; `pipeline.ts` ties these to the stages. */
export interface Work {
  holder: string
  /** Runs the claimed phase to its end: it has told the book `merge` or `stop` when this resolves. */
  runPhase(phase: PhaseState & { state: 'running' }, onCost: (usd: number) => void): Promise<void>
  /** Asks what to do about a stopped phase; undefined: nobody is there, or nobody wants to decide now. */
  askAbout(phase: PhaseId, problem: Problem): Promise<{ decision: Decision; text?: string } | undefined>
  /** `between_phases`: true goes on. */
  askToContinue(after: PhaseId): Promise<boolean | undefined>
  land(whole: boolean): Promise<Failure | undefined>
  /** Whether the holder of a claim still works. */
  alive(holder: string): boolean
  /** Where this process is one job of several: its phases, and until when it may take on another one. */
  job?: { phases: readonly PhaseId[]; goOn(): boolean }
  /** After every change of the run's state. */
  onState(state: RunState): void
  stopping(): boolean
  by: string
  maxCostUsd: number | undefined
}

/** Goes on until nothing more can be done without a person. Returns why it ended: no failure means done. */
export async function drive(book: RunBook, work: Work): Promise<Failure[]> {
  const here = new Map<PhaseId, Promise<void>>()
  const spent = new Map<PhaseId, number>()
  const failures: Failure[] = []
  const seen = { landingRefused: false }
  const own = new Set(work.job?.phases)

  const begin = (id: PhaseId): void => {
    const phase = book.state.phases.get(id)
    if (phase?.state !== 'running') return
    own.add(id)
    const running = work
      .runPhase(phase, (usd) => spent.set(id, usd))
      .catch((error: unknown) => {
        failures.push(defect(id, error))
      })
      .finally(() => {
        here.delete(id)
        spent.delete(id)
        work.onState(book.state)
      })
    here.set(id, running)
  }

  for (;;) {
    const recorded = totalUsage(book.state).costUsd
    const current = [...spent.values()].reduce((sum, usd) => sum + usd, 0)
    const effects =
      work.stopping() || failures.length > 0
        ? []
        : reconcile(book.state, {
            here: new Set(here.keys()),
            alive: work.alive,
            ...(work.job ? { job: { phases: own, goOn: work.job.goOn() } } : {}),
            costUsd: recorded === undefined && current === 0 ? undefined : (recorded ?? 0) + current,
            maxCostUsd: work.maxCostUsd,
            landingRefused: seen.landingRefused,
          })
    const end = await apply(effects)
    work.onState(book.state)
    if (here.size > 0) {
      await Promise.race(here.values())
      continue
    }
    if (end || effects.length === 0) return [...failures, ...outcome(book.state, failures)]
  }

  /** Does the effects; true when the run cannot go on. */
  async function apply(effects: Effect[]): Promise<boolean> {
    let ended = effects.length > 0
    for (const effect of effects) {
      const goesOn = await applyOne(effect)
      if (goesOn) ended = false
    }
    return ended
  }

  async function applyOne(effect: Effect): Promise<boolean> {
    switch (effect.kind) {
      case 'start': {
        // Others claim too: the book decides on the newest state, and a refusal only means "not now".
        const told = await book.tell({ type: 'claim', phase: effect.phase, holder: work.holder })
        if (told.ok) begin(effect.phase)
        return told.ok
      }
      case 'take-over': {
        const { phase, attempt } = effect
        const told = await book.tell({ type: 'take-over', phase, attempt, holder: work.holder })
        if (told.ok) begin(phase)
        return told.ok
      }
      case 'lose':
        return (await book.tell({ type: 'lose', ...ids(effect), problem: lost(effect.phase) })).ok
      case 'retry': {
        const told = await book.tell({
          type: 'decide',
          decision: 'resume',
          phase: effect.phase,
          by: 'policy',
        })
        return told.ok
      }
      case 'ask':
        return await askAll(effect.phases)
      case 'ask-to-continue': {
        const answer = await work.askToContinue(effect.after)
        if (answer !== true) return false
        return (await book.tell({ type: 'decide', decision: 'continue', by: work.by })).ok
      }
      case 'land': {
        const refused = await work.land(effect.whole)
        if (!refused) return true
        seen.landingRefused = true
        failures.push(refused)
        return false
      }
      case 'over-budget': {
        failures.push(
          failure(
            'needs-input',
            `The budget of ${work.maxCostUsd} US dollars is spent.`,
            '`orchestrate resume --max-cost USD` goes on with a larger one.',
          ),
        )
        return false
      }
      case 'end':
        return false
      default:
        return unreachable(effect)
    }
  }

  async function askAll(phases: PhaseId[]): Promise<boolean> {
    let decided = false
    for (const id of phases) {
      const phase = book.state.phases.get(id)
      if (phase?.state !== 'needs-input') continue
      const answer = await work.askAbout(id, phase.problem)
      if (!answer) continue
      const { decision, text } = answer
      const told = await book.tell({
        type: 'decide',
        decision,
        by: work.by,
        ...(decision === 'abort' ? {} : { phase: id }),
        ...(text === undefined ? {} : { text }),
      })
      if (told.ok) decided = true
      if (decision === 'abort') break
    }
    return decided
  }
}

/** What the state says about the end, as failures: none means done. */
export function outcome(state: RunState, already: Failure[]): Failure[] {
  if (state.state === 'aborted')
    return [
      failure(
        'run-failed',
        `Run ${state.run} was aborted.`,
        'Its branches and its ledger are kept; `orchestrate run DIR` starts a new one.',
      ),
    ]
  if (state.state === 'reviewed')
    return [
      failure(
        'refused',
        `Run ${state.run} was cut off before its approval.`,
        'Nothing of it ran. Start again with orchestrate run.',
      ),
    ]
  if (already.length > 0) return []
  const waiting = [...state.phases.values()].flatMap((p) =>
    p.state === 'running' && p.waiting !== undefined ? [noRoom(p.planned.id, p.waiting)] : [],
  )
  const stopped = [...state.phases.values()].filter((p) => p.state === 'needs-input')
  const reason = state.policy.onFailure === 'stop' ? 'run-failed' : 'needs-input'
  const asked = stopped.map((p) => {
    const { id } = p.planned
    const stop = failure(
      reason,
      `${capital(state.words.phase)} ${id} needs input. ${p.problem.message}`,
      `${p.problem.hint}\nThen \`orchestrate resume\`; or \`orchestrate fix ${id} "what is wrong"\`, \`orchestrate retry ${id}\`, \`orchestrate skip ${id}\`, \`orchestrate abort\`.`,
    )
    return { ...stop, phase: id }
  })
  asked.push(...waiting)
  if (asked.length === 0 && state.waitingAfter !== undefined) {
    return [
      failure(
        'needs-input',
        `${capital(state.words.phase)} ${state.waitingAfter} is merged, and the contract asks for a go-ahead between ${plural(state.words.phase)}.`,
        '`orchestrate resume` goes on.',
      ),
    ]
  }
  return asked
}

const noRoom = (phase: PhaseId, { until, why, since }: Waiting): Failure & { phase: PhaseId } => ({
  ...failure(
    'no-room',
    `Phase ${phase} is waiting until ${timeOfDay(until, since)} (${why}).`,
    'What was done is kept. `orchestrate resume` goes on from there; before that time it asks once whether there is room.',
  ),
  phase,
})

const ids = ({ phase, attempt }: { phase: PhaseId; attempt: number }) => ({ phase, attempt })

const lost = (phase: PhaseId): Problem => ({
  reason: 'lost',
  message: `The jobs of phase ${phase} keep dying before its end.`,
  hint: 'Look at the logs of its jobs: memory, disk and time limits are what usually ends them. What was published is kept.',
})

function defect(phase: PhaseId, error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  // By what the adapter calls it, and by the system's own words where it passed through.
  const named = typeof error === 'object' && error !== null && 'kind' in error && error.kind === 'disk-full'
  const full = named || /ENOSPC|EDQUOT|no space left|quota exceeded/i.test(message)
  return full
    ? failure(
        'disk-full',
        `The disk is full: phase ${phase} stopped.`,
        'Free some space, then `orchestrate resume`. Nothing is lost up to the last recorded step.',
      )
    : failure(
        'run-failed',
        `Phase ${phase} was cut off: ${fullStop(message)}`,
        '`orchestrate resume` goes on from the last recorded step. If this repeats, please report it.',
      )
}
