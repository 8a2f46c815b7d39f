import { readdirSync, type Stats, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { setImmediate as immediate } from 'node:timers/promises'
import { readProc } from './process-table.ts'

/** A process and all that it started, as far as it has not left for good. */
export interface Family {
  pids: number[]
  /** Resident, pages shared with others counted for each: never less than what is used. Bytes. */
  atMostBytes: number
}

/** Processes that are looked at before others get a turn. */
const AT_ONCE = 200

/**
 * The process `root`, its descendants, and the rest of its group and session. In a cage nobody leaves: who is orphaned there is
 * taken in by the cage's first process. Empty where there is no /proc.
 */
export async function familyOf(root: number): Promise<Family> {
  const all = new Map<number, { parent: number; bytes: number; ours: boolean }>()
  const names = list('/proc').filter((name) => /^\d+$/.test(name))
  for (let at = 0; at < names.length; at += AT_ONCE) {
    for (const name of names.slice(at, at + AT_ONCE)) {
      const stat = readProc(Number(name), 'stat').toString('latin1')
      // The second field is the program's name in brackets and may hold anything.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const [, parent = '', group = '', session = ''] = fields
      if (parent === '') continue
      const pid = Number(name)
      const ours = pid === root || Number(group) === root || Number(session) === root
      all.set(pid, { parent: Number(parent), bytes: Number(fields[21]) * PAGE, ours })
    }
    await immediate()
  }
  const known = new Map<number, boolean>()
  const isOurs = (pid: number): boolean => {
    const line: number[] = []
    let ours: boolean | undefined
    for (let at = pid; ours === undefined; at = all.get(at)?.parent ?? 0) {
      // A list that took a while to read may hold a circle.
      if (at <= 1 || line.includes(at)) ours = false
      else ours = known.get(at) ?? (all.get(at)?.ours === true ? true : undefined)
      line.push(at)
    }
    for (const one of line) known.set(one, ours)
    return ours
  }
  const pids = [...all.keys()].filter(isOurs)
  return { pids, atMostBytes: pids.reduce((sum, pid) => sum + (all.get(pid)?.bytes ?? 0), 0) }
}

/** What they use of the memory: pages that several share are counted once, among whoever shares them. Bytes. */
export async function memoryOf({ pids }: Family): Promise<number> {
  let kilobytes = 0
  for (const [index, pid] of pids.entries()) {
    kilobytes += Number(/^Pss:\s+(\d+) kB/m.exec(readProc(pid, 'smaps_rollup').toString('latin1'))?.[1] ?? 0)
    if (index % AT_ONCE === AT_ONCE - 1) await immediate()
  }
  return kilobytes * 1024
}

/** Files without a name that they hold open on the disks of `dirs`: they take room, and nobody finds them by looking. Bytes. */
export function unlinkedBytes({ pids }: Family, dirs: readonly string[]): number {
  const disks = new Set(dirs.flatMap((dir) => statOf(dir)?.dev ?? []))
  const files = new Map<string, number>()
  for (const pid of pids) {
    for (const fd of list(`/proc/${pid}/fd`)) {
      const stat = statOf(`/proc/${pid}/fd/${fd}`)
      if (stat?.isFile() === true && stat.nlink === 0 && disks.has(stat.dev))
        files.set(`${stat.dev}:${stat.ino}`, stat.blocks * 512)
    }
  }
  return [...files.values()].reduce((sum, one) => sum + one, 0)
}

/** Files that they keep in the memory of a cage, whose `/dev/shm` is its own. Bytes. */
export async function filesInMemory({ pids }: Family): Promise<number> {
  const own = pids.at(-1)
  if (own === undefined) return 0
  const at = (path: string) => statfs(path, { bigint: true }).catch(() => undefined)
  const [inside, ours] = await Promise.all([at(`/proc/${own}/root/dev/shm`), at('/dev/shm')])
  const TMPFS = 0x01021994n
  if (inside === undefined || inside.type !== TMPFS) return 0
  const used = Number((inside.blocks - inside.bfree) * inside.bsize)
  // The machine's, seen from a process that nothing holds.
  return ours !== undefined && ours.bfree === inside.bfree && ours.blocks === inside.blocks ? 0 : used
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

function list(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch {
    return []
  }
}

/** Bytes of a page: what we use ourselves, in both measures. A power of two, which hides that they are not of the same moment. */
const PAGE = ((): number => {
  const stat = readProc(process.pid, 'stat').toString('latin1')
  const pages = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[21])
  return pages > 0 ? 2 ** Math.round(Math.log2(process.memoryUsage.rss() / pages)) : 4_096
})()
