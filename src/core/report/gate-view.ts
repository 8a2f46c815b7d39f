import type { Diagnostic } from '../model/diagnostic.ts'
import type { Failure } from '../model/failure.ts'
import type { Sha } from '../model/ids.ts'
import type { RunView } from '../pipeline-types.ts'
import type { ExecutionPlan } from './execution-plan.ts'

/** What is shown at a pull request: the gate's check and the one comment are drawn from this. */
export interface GateView {
  /** Web address of the repository, without a slash at its end. */
  url: string
  pull: number
  /** Head of the pull request: what `/approve` with a commit means. */
  head: Sha
  /** The plan directory from the root; "" where there is none. */
  dir: string
  state: GateState
  /** Anything else to know, a sentence each. */
  notes?: readonly string[]
  /** The last command of a person that was answered: what was refused, and why. */
  answer?: { to: string; command: string; text: string }
}

export type GateState =
  | { kind: 'not-labelled' }
  | { kind: 'reviewing' }
  | { kind: 'no-plan' }
  | { kind: 'several-plans'; dirs: readonly string[] }
  | { kind: 'fork'; dirs: readonly string[] }
  | { kind: 'label-refused'; by: string }
  | { kind: 'bad-config'; failures: readonly Failure[] }
  | { kind: 'unreadable-run'; failures: readonly Failure[] }
  | { kind: 'invalid-plan'; failures: readonly Failure[]; diagnostics: readonly Diagnostic[] }
  | {
      kind: 'needs-approval'
      plan: ExecutionPlan
      /** Changes of the plan that `/adjust` would suggest. */
      changes?: number
      /** Why an approval that was given does not hold any more: the plan changed after it. */
      void?: readonly { why: string; hint: string }[]
      /** The run that it had started. */
      run?: RunView
    }
  /** Approved, and no job has begun yet. */
  | { kind: 'starting'; plan: ExecutionPlan; by: string }
  | {
      kind: 'run'
      run: RunView
      /** Undefined where the plan is not at hand: then rows have no confidence, agent and skills. */
      plan?: ExecutionPlan
      /** Who approved it. */
      by?: string
      /** The phase after which the run waits for `/continue` (`between_phases: manual` or `review`). */
      between?: string
    }

/** How a run stands for those who look at it. */
export type RunKind = 'running' | 'waiting' | 'merged' | 'landed' | 'aborted'

export function runKind(run: RunView, between?: string): RunKind {
  if (run.state === 'merged' || run.state === 'landed' || run.state === 'aborted') return run.state
  const active = run.phases.some(({ state }) => state === 'running')
  if (between !== undefined && !active) return 'waiting'
  return run.phases.some(({ state }) => state === 'needs-input') && !active ? 'waiting' : 'running'
}

/** "2 of 4 phases merged": skipped ones count as done, those left out of the approval do not count at all. */
export function progress(run: RunView): { done: number; of: number; skipped: number } {
  const wanted = run.phases.filter(({ state }) => state !== 'excluded')
  const skipped = wanted.filter(({ state }) => state === 'skipped').length
  return {
    done: wanted.filter(({ state }) => state === 'merged').length + skipped,
    of: wanted.length,
    skipped,
  }
}
