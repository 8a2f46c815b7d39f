import { lstat, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** What was written below some directories. */
export interface Written {
  bytes: number
  files: number
}

/** Entries that are looked at before others get a turn. */
const AT_ONCE = 256

/**
 * What was written below `dirs` since `sinceMs`, up to `most`: beyond that nobody needs to know how much more it is. Counted by
 * the time of the last change of the inode, which no program can set; each inode once, however many names it has.
 */
export async function writtenSince(
  dirs: readonly string[],
  sinceMs: number,
  most: Written,
): Promise<Written> {
  const folders = [...dirs]
  const seen = new Set<string>()
  const written = { bytes: 0, files: 0 }
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const path = folder
    const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
    for (let at = 0; at < entries.length; at += AT_ONCE) {
      const some = entries.slice(at, at + AT_ONCE)
      const stats = await Promise.all(
        some.map((entry) => lstat(join(path, entry.name)).catch(() => undefined)),
      )
      for (const [index, stat] of stats.entries()) {
        if (stat === undefined) continue
        if (stat.isDirectory()) folders.push(join(path, some[index]?.name ?? ''))
        if (stat.ctimeMs < sinceMs) continue
        if (stat.nlink > 1 && !stat.isDirectory()) {
          const inode = `${stat.dev}:${stat.ino}`
          if (seen.has(inode)) continue
          seen.add(inode)
        }
        written.files += 1
        written.bytes += stat.blocks * 512
      }
      if (written.bytes > most.bytes || written.files > most.files) return written
    }
  }
  return written
}

/** How full the file systems of some directories are. */
export interface Fill {
  /** Bytes and files in use on all of them; `files` is undefined where one does not count them. */
  used: { bytes: number; files: number | undefined }
  /** Bytes that are free on the fullest, and a directory of it. */
  free: { bytes: number; dir: string }
}

/** Cheap, and true for whoever wrote it: a directory cannot have grown by more than its disk. Undefined where nobody can tell. */
export async function fillOf(dirs: readonly string[]): Promise<Fill | undefined> {
  const disks = new Map<number, string>()
  for (const dir of dirs) {
    const stat = await lstat(dir).catch(() => undefined)
    if (stat !== undefined && !disks.has(stat.dev)) disks.set(stat.dev, dir)
  }
  const fills = await Promise.all(
    [...disks.values()].map(async (dir) => ({ dir, fs: await statfs(dir).catch(() => undefined) })),
  )
  const known = fills.flatMap(({ dir, fs }) => (fs === undefined ? [] : [{ dir, fs }]))
  const [first, ...rest] = known.map(({ dir, fs }) => ({ bytes: fs.bavail * fs.bsize, dir }))
  if (first === undefined) return undefined
  const sum = (amounts: number[]): number => amounts.reduce((total, one) => total + one, 0)
  return {
    used: {
      bytes: sum(known.map(({ fs }) => (fs.blocks - fs.bfree) * fs.bsize)),
      files: known.some(({ fs }) => fs.files === 0)
        ? undefined
        : sum(known.map(({ fs }) => fs.files - fs.ffree)),
    },
    free: rest.reduce((least, one) => (one.bytes < least.bytes ? one : least), first),
  }
}
