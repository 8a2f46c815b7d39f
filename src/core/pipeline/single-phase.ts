import type { Action } from '../execute/next.ts'
import type { PhaseOptions } from '../execute/run-phase.ts'
import { type Failure, failure } from '../model/failure.ts'
import { err, ok, type Result } from '../model/result.ts'
import { list } from '../text/display.ts'

const STEPS = ['implement', 'build', 'test', 'review', 'fix', 'commit', 'merge'] as const
type Step = (typeof STEPS)[number]

const isStep = (text: string): text is Step => (STEPS as readonly string[]).includes(text)

/**
 * `phase --step S`: the phase goes on up to and including its next S and stops there; later calls go on. No step before S is
 * left out: that is what the gates are for. `commit` is part of every step that edits, so it means the same as implement.
 */
export function stepLimit(step: string | undefined): Result<PhaseOptions, Failure[]> {
  if (step === undefined) return ok({})
  if (!isStep(step)) {
    return err([
      failure(
        'bad-value',
        `--step is "${step}"; it takes one of ${list(STEPS, 99)}.`,
        'Correct the value and try again.',
      ),
    ])
  }
  return ok({ until: (action) => reaches(action, step) })
}

function reaches(action: Action, step: Step): boolean {
  switch (step) {
    case 'implement':
    case 'commit':
      return action.kind === 'implement' || action.kind === 'whole-phase'
    case 'build':
    case 'test':
      return action.kind === 'check' && action.check === step
    case 'review':
      return action.kind === 'review'
    case 'fix':
      return action.kind === 'fix'
    case 'merge':
      return action.kind === 'merge'
  }
}
