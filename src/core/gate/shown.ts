import type { Digest, PhaseId, Sha } from '../model/ids.ts'
import { type Refusal, refusal } from './refusal.ts'

/** What the gate showed at the pull request when somebody decided. */
export type Shown =
  /** Nothing yet: not labelled, or not looked at. */
  | { state: 'nothing' }
  | { state: 'reviewing' }
  | { state: 'no-plan' }
  | { state: 'several-plans'; dirs: readonly string[] }
  | { state: 'invalid' }
  | {
      state: 'reviewed'
      head: Sha
      /** The branch that the pull request goes to, and where it was. */
      base: { ref: string; sha: Sha }
      digest: Digest
      /** All phases in written order, and those of them that are neither completed nor skipped. */
      phases: readonly PhaseId[]
      open: readonly PhaseId[]
      /** Those of which nothing but optional tasks is open: an approval takes them where it says so, or names them. */
      optional?: readonly PhaseId[]
    }

export function notShown(shown: Exclude<Shown, { state: 'reviewed' }>): Refusal {
  switch (shown.state) {
    case 'nothing':
      return refusal('not-shown', 'No plan has been reviewed here.', 'Write /orchestrate, or set the label.')
    case 'reviewing':
      return refusal(
        'reviewing',
        'The review is still running.',
        'Approve what the check shows when it is done.',
      )
    case 'no-plan':
      return refusal(
        'no-plan',
        'The pull request holds no plan.',
        'Add one: a directory with task_plan.md or manifest.md, or the plan of another planner (Kiro, spec-kit, OpenSpec, PLAN.md, …).',
      )
    case 'several-plans':
      return refusal(
        'several-plans',
        `The pull request holds several plans: ${shown.dirs.join(', ')}.`,
        `Choose one: /orchestrate ${shown.dirs[0] ?? 'DIR'}`,
      )
    case 'invalid':
      return refusal(
        'invalid-plan',
        'The plan cannot be run as it is.',
        'The check says what is wrong; push a correction.',
      )
  }
}
