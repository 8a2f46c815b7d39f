import { setTimeout as sleep } from 'node:timers/promises'
import type { Sweeper } from '../../core/ports.ts'
import { findHolders } from './process-table.ts'
import { errorCode } from './system-error.ts'

/** The run that a process works for; children inherit it, also those in a session of their own. */
export const RUN_VARIABLE = 'ORCHESTRATE_RUN'

const POLL_MS = 25
/** After SIGKILL only the kernel is waited for. */
const KILLED_MS = 2_000

/** Ends what a killed run left behind: every process that carries its id. */
export function createSweeper(graceMs = 2_000): Sweeper {
  return { sweep: (run) => endAll(() => findHolders(RUN_VARIABLE, run), graceMs) }
}

/**
 * Sends SIGTERM once to every process that `find` gives, asks again until there is none, and from `graceMs` on sends
 * SIGKILL. Asking again catches children that were started in the meantime. Returns how many processes there were.
 */
export async function endAll(find: () => Promise<number[]>, graceMs: number): Promise<number> {
  const told = new Set<number>()
  const start = performance.now()
  for (;;) {
    const pids = await find()
    const waited = performance.now() - start
    if (pids.length === 0 || waited > graceMs + KILLED_MS) return told.size
    for (const pid of pids) {
      if (waited >= graceMs) signalProcess(pid, 'SIGKILL')
      else if (!told.has(pid)) signalProcess(pid, 'SIGTERM')
      told.add(pid)
    }
    await sleep(POLL_MS)
  }
}

/** Sends a signal to a process, or to a whole group when negative; one that is gone (or no longer ours) is no problem. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    const code = errorCode(error)
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}
