import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The nearest directory above `from` (itself included) that is the root of a checkout; `from` where there is none. */
export async function findRoot(from: string): Promise<string> {
  for (let directory = from; ; directory = dirname(directory)) {
    const found = await stat(join(directory, '.git')).catch(() => undefined)
    if (found !== undefined) return directory
    if (dirname(directory) === directory) return from
  }
}
