import type { Forge } from '../../forge.ts'
import { type JobName, parseHolder } from '../../run/holder.ts'
import { type RunState, waits } from '../../run/state.ts'

/** Longer than any job of a forge may take: a terminal that was not heard of for so long is taken for gone. Milliseconds. */
const TERMINAL_MS = 12 * 60 * 60_000

/**
 * Asks the forge which holders of this run's claims still work, with one request per workflow run. What cannot be known counts
 * as alive: two jobs on one phase cost money, a phase that waits costs time until the next look.
 */
export async function livingHolders(
  forge: Forge,
  state: RunState,
  me: JobName,
  now: number,
): Promise<(holder: string) => boolean> {
  const holders = [...state.phases.values()].flatMap((phase) =>
    phase.state === 'running' ? [phase.holder] : [],
  )
  const jobs = holders.map(parseHolder).filter((name) => name !== undefined)
  const asked = new Map(
    await Promise.all(
      [...new Set(jobs.map(({ run }) => run))].map(async (run) => [run, await forge.jobs(run)] as const),
    ),
  )
  // Its job may have ended: nobody takes the phase over before its model has room again.
  const waiting = new Set(
    [...state.phases.values()].flatMap((phase) =>
      phase.state === 'running' && waits(phase, now) ? [phase.holder] : [],
    ),
  )
  return (holder) => {
    if (waiting.has(holder)) return true
    const name = parseHolder(holder)
    if (name === undefined) return now - state.updatedAt < TERMINAL_MS
    // The same job, started again: the one before it has ended.
    if (name.run === me.run && name.job === me.job && name.attempt < me.attempt) return false
    const answer = asked.get(name.run)
    if (answer === undefined || !answer.ok) return true
    const run = answer.value
    if (run === undefined) return false
    const job = run.jobs.find((each) => each.name === name.job)
    return (job ?? run).status !== 'completed'
  }
}
