import type { PhaseId } from '../model/ids.ts'
import { schedule } from './schedule.ts'
import { open, type PhaseState, type RunState } from './state.ts'

/** What is going on around us, as seen now. */
export interface Observed {
  /** Phases whose work goes on in this process. */
  here: ReadonlySet<PhaseId>
  /** Whether the holder of a claim still works. On one machine the run's lock answers: everybody but us is gone. */
  alive: (holder: string) => boolean
  /** Money spent so far, US dollars; undefined where no agent reports any. */
  costUsd: number | undefined
  /** What the run may cost; a person may have raised it since the approval. Undefined is no limit. */
  maxCostUsd: number | undefined
  /** A landing was refused in this process: a person has to see to it, asking again would change nothing. */
  landingRefused: boolean
  /**
   * This process is one of several jobs of the run. `phases` are its own: it leaves the others to their jobs, but may go on
   * with another one (`goOn`) where that is all that is ready. Landing is not a job's. Undefined: all is done here.
   */
  job?: { phases: ReadonlySet<PhaseId>; goOn: boolean }
}

export type Effect =
  | { kind: 'start'; phase: PhaseId }
  | { kind: 'take-over'; phase: PhaseId; attempt: number }
  /** Its jobs died more often than the plan allows: a person has to look. */
  | { kind: 'lose'; phase: PhaseId; attempt: number }
  | { kind: 'retry'; phase: PhaseId; mode: 'continue' }
  /** Nothing can go on without a person: these phases need input. */
  | { kind: 'ask'; phases: PhaseId[] }
  | { kind: 'ask-to-continue'; after: PhaseId }
  /** What is merged goes to the user's branch; `whole` when nothing is open any more. */
  | { kind: 'land'; whole: boolean }
  | { kind: 'over-budget' }
  | { kind: 'end' }

/**
 * Level-triggered: compares what should be with what is, whatever woke us, and gives the difference. No effect at all
 * means: wait for what runs here.
 */
export function reconcile(state: RunState, seen: Observed): Effect[] {
  if (state.state !== 'approved') return [{ kind: 'end' }]
  const phases = [...state.phases.values()]
  const effects: Effect[] = []
  const { onFailure, maxPhaseRetries } = state.policy
  const { maxCostUsd, job } = seen
  const land = job ? 'none' : state.policy.land
  const lost = lostPhases(state, seen)
  // A person who starts a run again is their own limit; jobs that start each other need one.
  const hopeless = job ? lost.filter(({ takeOvers }) => takeOvers >= maxPhaseRetries) : []
  effects.push(...hopeless.map((phase): Effect => ({ kind: 'lose', ...at(phase) })))
  const ready = schedule(state)
  const waiting = lost.filter((phase) => !hopeless.includes(phase))
  const free = job?.goOn === true && seen.here.size === 0 && waiting.length + ready.length === 1
  const mine = (id: PhaseId): boolean => job === undefined || job.phases.has(id) || free
  for (const phase of waiting) if (mine(phase.planned.id)) effects.push({ kind: 'take-over', ...at(phase) })
  if (onFailure === 'retry') {
    for (const phase of phases) {
      if (job && !job.phases.has(phase.planned.id)) continue
      if (phase.state === 'needs-input' && phase.failures <= maxPhaseRetries && retriable(phase)) {
        effects.push({ kind: 'retry', phase: phase.planned.id, mode: 'continue' })
      }
    }
    if (effects.some((e) => e.kind === 'retry')) return effects
  }
  if (land === 'each' && !seen.landingRefused && state.planTip !== state.landedTip)
    effects.push({ kind: 'land', whole: open(state).length === 0 })
  const starts = ready.filter(mine)
  if (starts.length > 0 && maxCostUsd !== undefined && (seen.costUsd ?? 0) >= maxCostUsd) {
    return seen.here.size > 0 ? effects : [...effects, { kind: 'over-budget' }]
  }
  effects.push(...starts.map((phase): Effect => ({ kind: 'start', phase })))
  if (effects.length > 0 || phases.some((p) => p.state === 'running') || ready.length > starts.length)
    return effects
  if (state.waitingAfter !== undefined) return [{ kind: 'ask-to-continue', after: state.waitingAfter }]
  const stopped = phases.filter((p) => p.state === 'needs-input').map((p) => p.planned.id)
  if (stopped.length > 0) return onFailure === 'stop' ? [{ kind: 'end' }] : [{ kind: 'ask', phases: stopped }]
  if (
    open(state).length === 0 &&
    land !== 'none' &&
    !seen.landingRefused &&
    state.planTip !== state.landedTip
  )
    return [{ kind: 'land', whole: true }]
  return [{ kind: 'end' }]
}

/** Phases whose holder is gone, so that nobody works on them. */
export function lostPhases(
  state: RunState,
  { here, alive }: Pick<Observed, 'here' | 'alive'>,
): (PhaseState & { state: 'running' })[] {
  return [...state.phases.values()].filter(
    (phase): phase is PhaseState & { state: 'running' } =>
      phase.state === 'running' && !here.has(phase.planned.id) && !alive(phase.holder),
  )
}

const at = ({ planned, attempt }: PhaseState): { phase: PhaseId; attempt: number } => ({
  phase: planned.id,
  attempt,
})

/** A question for a person is not answered by trying again. */
function retriable(phase: PhaseState): boolean {
  return (
    phase.state === 'needs-input' &&
    ![
      ...['merge-conflict', 'foreign-commit', 'over-budget', 'cancelled', 'lost', 'approval-void'],
      // It was tried again already.
      ...['workers-stuck', 'plan-rejected', 'units-left-out'],
    ].includes(phase.problem.reason)
  )
}
