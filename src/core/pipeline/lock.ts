import { failure } from '../model/failure.ts'
import { refSegment } from '../model/ids.ts'
import type { Ended, Ports } from '../pipeline-types.ts'
import { ended } from './ended.ts'

const lockName = (planDir: string): string => `plan-${refSegment(planDir || 'root', 60)}`

/** The process on this machine that works on the plan now. */
export const holderOf = (ports: Pick<Ports, 'lock'>, planDir: string): ReturnType<Ports['lock']['holder']> =>
  ports.lock.holder(lockName(planDir))

/** One process at a time works on a plan in one repository, whatever its run is called. */
export async function underLock(ports: Ports, planDir: string, work: () => Promise<Ended>): Promise<Ended> {
  const locked = await ports.lock.acquire(lockName(planDir))
  if (!locked.ok) {
    const [held] = locked.error
    if (held?.reason !== 'run-in-progress') return ended(locked.error)
    const who = /process \d+( on \S+)?/.exec(held.message)?.[0] ?? 'another process'
    return ended([
      failure(
        'run-in-progress',
        `A run of ${planDir || 'this plan'} is going on already, in ${who}.`,
        'Wait for it, or end it and go on with `orchestrate resume`.',
      ),
    ])
  }
  try {
    return await work()
  } finally {
    await locked.value()
  }
}
