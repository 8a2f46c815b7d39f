import type { Usage } from '../model/step.ts'
import type { TranscriptPlace } from '../model/transcript.ts'
import type { PhaseContext } from './phase-context.ts'
import { callKey } from './phase-progress.ts'

/** What a call under way has cost, told to the run as it grows: a step that begins beside it gets what is really left. */
export interface Spending {
  /** Of the call so far. US dollars. */
  readonly usd: number
  /** True where that is by the price table, or is set aside for a call that nobody sees. */
  readonly estimated: boolean
  tell(usage: Usage): void
  /** What it really cost, in place of what was set aside. */
  settle(usage: Usage): void
}

/** Until the step's end is recorded, what its calls cost counts beside the record (`PhaseBook.underWay`). */
export function spending(
  ctx: Pick<PhaseContext, 'around' | 'book' | 'ports'>,
  call: TranscriptPlace,
): Spending {
  const { around, book, ports } = ctx
  const key = callKey(call.step, call.unit)
  const began = ports.clock.now()
  const keep = (usage: Usage): void =>
    ports.spent?.tell(call, { usage, durationMs: ports.clock.now() - began })
  const before = book.underWay.get(key) ?? 0
  let usd = 0
  let estimated = false
  const set = (now: number): void => {
    usd = now
    book.underWay.set(key, before + usd)
    around.onCost(spentSoFar(ctx))
  }
  const reserved = ctx.ports.agent.metered === true ? 0 : dearestStep(ctx)
  if (reserved > 0) {
    set(reserved)
    estimated = true
    // Killed before it tells anything, it has cost as much as one can guess.
    keep({ costUsd: reserved, estimated: true })
  }
  return {
    get usd() {
      return usd
    },
    get estimated() {
      return estimated
    },
    tell(usage) {
      const { costUsd = 0 } = usage
      // Program and gateway both tell, and either may know less.
      if (costUsd > usd) {
        keep(usage)
        estimated = usage.estimated === true
      }
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

/**
 * Calls of this attempt that were lost with the process that made them: what the journal has of them is recorded once, as cut off, before
 * anything else costs money.
 */
export async function settleLost({ book, ports }: Pick<PhaseContext, 'book' | 'ports'>): Promise<void> {
  const { run, phase, attempt, open, head } = book.progress
  if (open.size === 0 || ports.spent === undefined) return
  const told = await ports.spent.read({ run, phase, attempt })
  const lost = told.filter(({ call }) => open.get(callKey(call.step, call.unit))?.tries.includes(call.try))
  if (lost.length === 0) return
  const inputTree = await ports.repository.treeOf(head)
  for (const { call, usage, durationMs } of lost) {
    const { step, unit } = call
    const made = { step, unit, try: call.try, usage, durationMs, inputTree }
    await book.append({ type: 'step-cut', why: 'interrupted', ...made })
  }
}
