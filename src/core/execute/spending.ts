import type { AgentStep, Usage } from '../model/step.ts'
import type { PhaseContext } from './phase-context.ts'
import { callKey } from './phase-progress.ts'

/** What a call under way has cost, told to the run as it grows: a step that begins beside it gets what is really left. */
export interface Spending {
  /** Of the call so far. US dollars. */
  readonly usd: number
  tell(usage: Usage): void
  /** What it really cost, in place of what was set aside. */
  settle(usage: Usage): void
}

/** Until the step's end is recorded, what its calls cost counts beside the record (`PhaseBook.underWay`). */
export function spending(
  ctx: Pick<PhaseContext, 'around' | 'book' | 'ports'>,
  { step, unit }: { step: AgentStep; unit: string },
): Spending {
  const { around, book } = ctx
  const key = callKey(step, unit)
  const before = book.underWay.get(key) ?? 0
  let usd = 0
  const set = (now: number): void => {
    usd = now
    book.underWay.set(key, before + usd)
    around.onCost(spentSoFar(ctx))
  }
  const reserved = ctx.ports.agent.metered === true ? 0 : dearestStep(ctx)
  if (reserved > 0) set(reserved)
  return {
    get usd() {
      return usd
    },
    tell({ costUsd = 0 }) {
      // Program and gateway both tell, and either may know less.
      set(Math.max(costUsd, usd))
    },
    settle: ({ costUsd = 0 }) => set(costUsd),
  }
}

/** What the next call may cost, as far as this attempt shows: nobody sees what it spends until it has ended. US dollars. */
const dearestStep = ({ book }: Pick<PhaseContext, 'book'>): number =>
  Math.max(0, ...book.progress.steps.map(({ costUsd = 0 }) => costUsd))

/** Of the attempt: what is recorded, and what calls have cost that are not. US dollars. */
export const spentSoFar = ({ book }: Pick<PhaseContext, 'book'>): number =>
  [...book.underWay.values()].reduce((sum, usd) => sum + usd, book.progress.usage.costUsd ?? 0)
