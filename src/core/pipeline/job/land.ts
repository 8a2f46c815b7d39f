import type { PullFacts } from '../../forge.ts'
import { failure } from '../../model/failure.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { RunBook } from '../../run/book.ts'
import { open } from '../../run/state.ts'
import { isOwnHead } from '../gate/known-run.ts'
import type { JobDeps } from './deps.ts'

/**
 * Moves the pull request's branch to what is merged, with the job's own token: a fast-forward, and only where nobody pushed
 * since. Such a push starts no workflow. `asked`: by a person, at any time; else where the run's policy says so.
 */
export async function landJob(
  book: RunBook,
  { pull }: PullFacts,
  { forge }: Pick<JobDeps, 'forge'>,
  why: 'asked' | 'due',
): Promise<Result<void>> {
  const { state } = book
  const { planTip, landedTip, policy, checked } = state
  if (why === 'due') {
    const whole = open(state).length === 0
    const good = checked?.sha === planTip && checked.build !== 'red' && checked.test !== 'red'
    const due = policy.land === 'each' || (policy.land === 'end' && whole && good)
    if (!due || pull.state !== 'open') return ok(undefined)
  }
  if (planTip === landedTip) return ok(undefined)
  if (pull.head.sha !== planTip) {
    if (pull.head.fork || !isOwnHead(state, pull.head.sha))
      return err([
        failure(
          'cannot-land',
          `Somebody pushed to ${pull.head.ref} after the approval: it is at ${pull.head.sha.slice(0, 10)}.`,
          `Merge orchestrate/${state.run}/plan into it by hand; nothing was overwritten.`,
        ),
      ])
    const moved = await forge.advanceBranch(pull.head.ref, pull.head.sha, planTip)
    if (!moved.ok) return moved
  }
  const told = await book.tell({ type: 'land', branch: pull.head.ref, sha: planTip })
  return told.ok ? ok(undefined) : err([told.error])
}
