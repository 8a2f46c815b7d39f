import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where a package is installed, for what its `exports` do not name. */
export function packageDirectory(name: string): string {
  for (let dir = path.dirname(fileURLToPath(import.meta.url)); ; dir = path.dirname(dir)) {
    const candidate = path.join(dir, 'node_modules', name)
    if (existsSync(candidate)) return candidate
    if (path.dirname(dir) === dir) throw new Error(`${name} is not installed`)
  }
}
