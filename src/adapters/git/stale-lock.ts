import { readdir, readlink, rm, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../../core/ports.ts'
import { GitError } from './git-error.ts'

/** Where processes cannot be looked at, a lock of this age is taken for left behind. Git holds one for its own run only. */
const OLD_MS = 10_000
const POLL_MS = 50

/**
 * Removes a lock file that a killed git left behind. Git writes no process id into it, so on Linux we look for a process
 * that has it open or works in `directory`; elsewhere we wait until it is ten seconds old. Throws GitError `locked`
 * when somebody still holds it then.
 */
export async function clearStaleLock(lock: string, directory: string, clock: Clock): Promise<void> {
  const until = clock.now() + OLD_MS
  for (;;) {
    const found = await stat(lock).catch(() => undefined)
    if (found === undefined) return
    const held = await isHeld(lock, directory)
    if (held === false || (held === undefined && clock.now() - found.mtimeMs > OLD_MS)) {
      await rm(lock, { force: true })
      return
    }
    if (clock.now() > until)
      throw new GitError('locked', 'status', `'${lock}': File exists. A process holds it.`)
    await wait(POLL_MS)
  }
}

/** Undefined where the system does not let us look. */
async function isHeld(lock: string, directory: string): Promise<boolean | undefined> {
  const pids = await readdir('/proc').then(
    (names) => names.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid),
    () => undefined,
  )
  if (pids === undefined || pids.length === 0) return undefined
  const holds = await Promise.all(pids.map((pid) => processHolds(join('/proc', pid), lock, directory)))
  return holds.includes(true)
}

async function processHolds(proc: string, lock: string, directory: string): Promise<boolean> {
  const link = (path: string) => readlink(path).catch(() => '')
  const cwd = await link(join(proc, 'cwd'))
  // Only git makes git's locks; an agent's shell that sits in the directory holds none.
  if (cwd === directory || cwd.startsWith(directory + sep)) {
    const program = await link(join(proc, 'exe'))
    if (/(^|\/)(git|git-[a-z-]+)( \(deleted\))?$/.test(program)) return true
  }
  const fds = await readdir(join(proc, 'fd')).catch(() => [])
  for (const fd of fds) if ((await link(join(proc, 'fd', fd))) === lock) return true
  return false
}
