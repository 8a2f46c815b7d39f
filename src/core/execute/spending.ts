import type { AgentStep, Usage } from '../model/step.ts'
import type { PhaseContext } from './phase-context.ts'
import { callKey } from './phase-progress.ts'

/** What a call under way has cost, told to the run as it grows: a step that begins beside it gets what is really left. */
export interface Spending {
  /** Of the call so far. US dollars. */
  readonly usd: number
  tell(usage: Usage): void
}

/** Until the step's end is recorded, what its calls cost counts beside the record (`PhaseBook.underWay`). */
export function spending(
  ctx: Pick<PhaseContext, 'around' | 'book'>,
  { step, unit }: { step: AgentStep; unit: string },
): Spending {
  const { around, book } = ctx
  const key = callKey(step, unit)
  const before = book.underWay.get(key) ?? 0
  let usd = 0
  return {
    get usd() {
      return usd
    },
    tell({ costUsd = 0 }) {
      // Program and gateway both tell, and either may know less.
      usd = Math.max(costUsd, usd)
      book.underWay.set(key, before + usd)
      around.onCost(spentSoFar(ctx))
    },
  }
}

/** Of the attempt: what is recorded, and what calls have cost that are not. US dollars. */
export const spentSoFar = ({ book }: Pick<PhaseContext, 'book'>): number =>
  [...book.underWay.values()].reduce((sum, usd) => sum + usd, book.progress.usage.costUsd ?? 0)
