import type { Action } from '../execute/next.ts'
import type { PhaseOptions } from '../execute/run-phase.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { PhaseResult } from '../model/phase-result.ts'
import { err, ok, type Result, unreachable } from '../model/result.ts'
import type { Ended } from '../pipeline-types.ts'
import { list } from '../text/display.ts'

/** In the order in which a phase does them. */
const STEPS = ['implement', 'build', 'test', 'review', 'fix', 'commit', 'merge'] as const
type Step = (typeof STEPS)[number]

const isStep = (text: string): text is Step => (STEPS as readonly string[]).includes(text)

/**
 * `phase --step S`: the phase goes on until S is done and never past it, however often it is called; a later call goes on.
 * No step before S is left out: that is what the gates are for. A red build is mended before it is done.
 */
export function stepLimit(step: string | undefined): Result<PhaseOptions, Failure[]> {
  if (step === undefined) return ok({})
  if (!isStep(step)) {
    const message = `--step is "${step}"; it takes one of ${list(STEPS, 99)}.`
    return err([failure('bad-value', message, 'Correct the value and try again.')])
  }
  return ok({ pauseBefore: (action) => STEPS.indexOf(stepOf(action)) > STEPS.indexOf(step) })
}

/** Where an action belongs. After `commit` all work is verified and stands on the phase branch; only the merge is left. */
function stepOf(action: Action): Step {
  switch (action.kind) {
    // A stop is told at once, wherever it comes.
    case 'stop':
    case 'implement':
    case 'whole-phase':
    case 'plan':
    case 'approve':
    case 'lead':
      return 'implement'
    case 'check':
    case 'fix-check':
      return action.check
    case 'review':
    case 'fix':
      return action.kind
    case 'verify':
      return 'commit'
    case 'sync':
    case 'docs':
    case 'merge':
      return 'merge'
    default:
      return unreachable(action)
  }
}

/** What a paused phase came to so far, where its result will stand once it is merged. */
export const withResult = (end: Ended, result: PhaseResult | undefined): Ended =>
  result === undefined || end.view === undefined
    ? end
    : {
        ...end,
        view: {
          ...end.view,
          phases: end.view.phases.map((phase) => (phase.id === result.phase ? { ...phase, result } : phase)),
        },
      }
