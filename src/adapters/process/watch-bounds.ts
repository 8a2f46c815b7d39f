import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessOutcome } from '../../core/ports.ts'
import { type Bounds, inMb } from './bounds.ts'
import { type Fill, fillOf, type Written, writtenSince } from './disk-growth.ts'
import { familyOf, filesInMemory, memoryOf, unlinkedBytes } from './process-family.ts'

export type OverLimit = Extract<ProcessOutcome, { kind: 'over-limit' }>

const EVERY_MS = 500
/** Looking through directories takes at most one part in so many of the time: where a disk filled up, and where none did. */
const SHARE = { filled: 10, quiet: 100 }
/** What is taken away while something is written hides it from who asks the disk alone. */
const QUIET_MS = 10_000
/** File times are of the last tick of the kernel's clock, which may lie before ours. */
const TICK_MS = 20

/** How full the disks are before something is started, and when that was. */
export interface Before {
  fill: Fill | undefined
  at: number
}

export const lookBefore = async (dirs: readonly string[]): Promise<Before> => ({
  fill: await fillOf(dirs),
  at: Date.now(),
})

/**
 * Why nothing may be started: too little room on a disk that it is to write to. Asked before each start, so that a run ends with
 * what to do about it and not with whatever a program says that cannot write.
 */
export const noRoomFor = ({ fill }: Before, { freeBytes }: Bounds): OverLimit | undefined =>
  fill === undefined || fill.free.bytes >= freeBytes
    ? undefined
    : over(
        'free',
        `only ${inMb(fill.free.bytes)} are free on the disk of ${fill.free.dir}`,
        'free_mb',
        inMb(freeBytes),
      )

/**
 * Resolves once the process `root` and what it started use more than `bounds`. The disks as a whole are asked twice a second, which
 * costs nothing; the directories `dirs` are looked through where a disk has filled by so much that it may be them, and now and then.
 * `wrote` is a last look at these, for a process that ended between two.
 */
export function watchBounds(
  root: number,
  dirs: readonly string[],
  bounds: Bounds,
  before: Before,
  everyMs = EVERY_MS,
): { stop: Promise<OverLimit>; wrote: () => Promise<OverLimit | undefined>; dispose: () => void } {
  const ended = new AbortController()
  const disk = diskWatch(root, dirs, bounds, before)
  const look = async (): Promise<OverLimit> => {
    for (;;) {
      await sleep(everyMs, undefined, { signal: ended.signal })
      const found = (await overProcesses(root, bounds)) ?? (await disk(false))
      if (found !== undefined) return found
    }
  }
  return {
    // Nobody waits for it once it is disposed of.
    stop: look().catch((error: unknown) => {
      if (ended.signal.aborted) return new Promise<never>(() => {})
      throw error
    }),
    wrote: () => disk(true),
    dispose: () => ended.abort(),
  }
}

async function overProcesses(root: number, bounds: Bounds): Promise<OverLimit | undefined> {
  const family = await familyOf(root)
  const { length } = family.pids
  if (length > bounds.processes)
    return over('processes', `it started ${length} processes`, 'processes', String(bounds.processes))
  const files = await filesInMemory(family)
  if (family.atMostBytes + files <= bounds.memoryBytes) return undefined
  const used = (await memoryOf(family)) + files
  return used <= bounds.memoryBytes
    ? undefined
    : over('memory', `it used ${inMb(used)} of memory`, 'memory_mb', inMb(bounds.memoryBytes))
}

/**
 * Asks the disks; where they took in enough since somebody looked, looks for who wrote it. Counted is what was added from one time
 * to the next: what others take away later hides nothing.
 */
function diskWatch(
  root: number,
  dirs: readonly string[],
  bounds: Bounds,
  first: Before,
): (isLast: boolean) => Promise<OverLimit | undefined> {
  const since = first.at - TICK_MS
  let last = first.fill
  /** Added on the disks since somebody looked, and how much of that it takes for another look, which may not be too early. */
  const added: Written = { bytes: 0, files: 0 }
  let left: Written = { bytes: bounds.diskBytes, files: bounds.files }
  let notBefore = 0
  let inAnyCase = performance.now() + QUIET_MS
  return async (isLast) => {
    const before = last
    const now = (last = await fillOf(dirs))
    if (before === undefined || now === undefined) return undefined
    if (!isLast && now.free.bytes < bounds.freeBytes)
      return over(
        'free',
        `only ${inMb(now.free.bytes)} were left on the disk of ${now.free.dir}`,
        'free_mb',
        inMb(bounds.freeBytes),
      )
    added.bytes += Math.max(0, now.used.bytes - before.used.bytes)
    added.files += Math.max(0, (now.used.files ?? 0) - (before.used.files ?? 0))
    const start = performance.now()
    const hasFilled = added.bytes > left.bytes || added.files > left.files
    if (isLast ? !hasFilled : start < (hasFilled ? notBefore : inAnyCase)) return undefined
    const written = await writtenSince(dirs, since, { bytes: bounds.diskBytes, files: bounds.files })
    if (written.bytes <= bounds.diskBytes) written.bytes += unlinkedBytes(await familyOf(root), dirs)
    const end = performance.now()
    notBefore = end + (end - start) * SHARE.filled
    inAnyCase = end + Math.max(QUIET_MS, (end - start) * SHARE.quiet)
    if (written.bytes > bounds.diskBytes)
      return over('disk', 'it wrote more than it may', 'disk_mb', inMb(bounds.diskBytes))
    if (written.files > bounds.files)
      return over('files', 'it made more files than it may', 'files', String(bounds.files))
    added.bytes = added.files = 0
    left = { bytes: bounds.diskBytes - written.bytes, files: bounds.files - written.files }
    return undefined
  }
}

const over = (limit: OverLimit['limit'], found: string, key: string, bound: string): OverLimit => ({
  kind: 'over-limit',
  limit,
  message: `${found} (limits.${key}: ${bound})`,
})
