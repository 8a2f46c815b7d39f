import type { PhaseInput, RunAround } from '../execute/phase-context.ts'
import { WAIT_MS } from '../model/config.ts'
import type { Execution } from './execution.ts'

/** So often whoever waits looks whether the run still goes on. Milliseconds. */
const LOOK_MS = 60_000
/** Steps that wait beside each other mean the same time where theirs differ by less. Milliseconds. */
const SAME_MS = 5_000

/**
 * How a phase waits for a model's service that has no room: the run's ledger says until when, for whoever looks at it, and every
 * other phase goes on. It stays at most as long as the configuration says, and a job as long as it may work.
 */
export function roomFor(
  { book, config, ports, job }: Execution,
  { phase: { id: phase }, attempt }: Pick<PhaseInput, 'phase' | 'attempt'>,
  { holder, halted }: { holder: string; halted: () => Promise<boolean> },
): RunAround['waitForRoom'] {
  const { clock, signal } = ports
  const at = { phase, attempt, holder }
  let waiting = 0
  let told = 0
  return async ({ until, why, since }) => {
    const began = clock.now()
    const last = Math.min(since + (config.limits.waitMs ?? WAIT_MS), job?.until ?? Infinity)
    if (until > last) return false
    waiting++
    try {
      if (until > told + SAME_MS) {
        told = until
        // For people. Who lost the claim meanwhile finds that out where it matters.
        await book.tell({ type: 'wait', ...at, until, why })
      }
      for (let left = until - began; left > 0; left = until - clock.now()) {
        await pause(Math.min(left, LOOK_MS), signal)
        if (signal.aborted) return false
        if (left > LOOK_MS && (await halted())) return false
      }
      return true
    } finally {
      waiting--
      if (waiting === 0 && !signal.aborted && clock.now() >= told) {
        told = 0
        await book.tell({ type: 'go-on', ...at })
      }
    }
  }
}

/** Resolves after so many milliseconds, or when the signal fires. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
