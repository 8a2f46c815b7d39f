/** Our own small actions that stand in for GitHub's, which cannot be fetched on a machine without a network. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NAMES = ['cache', 'checkout', 'download-artifact', 'setup-node', 'upload-artifact']

/** For `startRunner({ actions })`. Found from a bundle too: then the directory is looked for in the folders above it. */
export function standIns(): Record<string, string> {
  const dir = findActions(dirname(fileURLToPath(import.meta.url)))
  return Object.fromEntries(NAMES.map((name) => [`actions/${name}`, join(dir, name)]))
}

function findActions(start: string): string {
  for (let at = start; ; at = dirname(at)) {
    for (const dir of [join(at, 'actions'), join(at, 'local-github', 'runner', 'actions')])
      if (existsSync(join(dir, 'checkout', 'action.yml'))) return dir
    if (dirname(at) === at) throw new Error(`There is no local-github/runner/actions above ${start}`)
  }
}
