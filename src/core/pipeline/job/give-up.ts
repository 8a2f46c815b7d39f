import type { Failure } from '../../model/failure.ts'
import type { PhaseId } from '../../model/ids.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { RunBook } from '../../run/book.ts'
import { lostPhases } from '../../run/reconcile.ts'
import { canClaim } from '../../run/schedule.ts'

/**
 * A job that could not begin its phase (the approval does not hold, a key is missing, somebody pushed to the run's branch) writes
 * that down: a person has to see to it. A phase left ready would be started by the next job, which would end as this one did,
 * for as long as somebody pays for runners.
 */
export async function giveUp(
  book: RunBook,
  given: { phases: readonly PhaseId[]; holder: string; alive: (holder: string) => boolean },
  { reason, message, hint }: Failure,
): Promise<Result<void>> {
  const problem = { reason, message, hint }
  for (const id of given.phases) {
    const found = book.state.phases.get(id)
    if (found !== undefined && book.state.state === 'approved' && canClaim(book.state, found) === undefined) {
      const claimed = await book.tell({ type: 'claim', phase: id, holder: given.holder })
      // Whoever was faster has it now.
      if (!claimed.ok) continue
      const told = await book.tell({ type: 'lose', phase: id, attempt: found.attempt + 1, problem })
      if (!told.ok) return err([told.error])
    }
    const gone = lostPhases(book.state, { here: new Set(), alive: given.alive })
    const mine = gone.find(({ planned }) => planned.id === id)
    if (mine === undefined) continue
    const told = await book.tell({ type: 'lose', phase: id, attempt: mine.attempt, problem })
    if (!told.ok) return err([told.error])
  }
  return ok(undefined)
}
