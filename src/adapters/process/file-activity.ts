import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Folders that are large and say little about an agent's work. */
const SKIPPED = new Set(['.git', 'node_modules'])
const MAX_ENTRIES = 20_000

/**
 * How long ago anything below `dir` was changed, in milliseconds, judged by modification times; Infinity where nothing is
 * found. Stops at the first entry younger than `enough`, and after 20,000 entries: it answers "is somebody at work here".
 */
export async function changeAge(dir: string, now: number, enough: number): Promise<number> {
  const folders = [dir]
  let age = Infinity
  let seen = 0
  for (let folder = folders.pop(); folder !== undefined && seen < MAX_ENTRIES; folder = folders.pop()) {
    const path = folder
    const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
    seen += entries.length
    for (const entry of entries) {
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) folders.push(join(path, entry.name))
    }
    const ages = await Promise.all(
      [path, ...entries.filter((entry) => entry.isFile()).map((entry) => join(path, entry.name))].map(
        (file) =>
          lstat(file).then(
            (stat) => Math.max(0, now - stat.mtimeMs),
            () => Infinity,
          ),
      ),
    )
    age = ages.reduce((least, one) => Math.min(least, one), age)
    if (age < enough) return age
  }
  return age
}
