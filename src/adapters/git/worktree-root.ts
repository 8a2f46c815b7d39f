import { createHash } from 'node:crypto'
import { mkdir, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import type { Env } from './environment.ts'
import type { Place } from './facts.ts'

/**
 * Makes the folder for worktrees of runs outside of the repository, and says where it is:
 * `$XDG_STATE_HOME/orchestrate/<folder of the repository>-<hash>`, by default below `~/.local/state` (XDG Base Directory
 * Specification). Some agents (Claude Code) refuse every edit below a `.git` folder, and tools that look upwards for
 * configuration and dependencies would find those of the user's checkout from there.
 *
 * Undefined where it cannot be: it cannot be made, or it would lie in the user's checkout and show there as new files.
 */
export async function worktreeRoot(
  place: Pick<Place, 'root' | 'commonDir'>,
  env: Env,
  home: string,
): Promise<string | undefined> {
  try {
    const commonDir = await realpath(place.commonDir)
    const hash = createHash('sha256').update(commonDir).digest('hex').slice(0, 8)
    const isGitFolder = basename(commonDir) === '.git'
    const name = basename(isGitFolder ? dirname(commonDir) : commonDir) || 'repository'
    const folder = join(stateFolder(env, home), `${name}-${hash}`)
    // Looked at as far as it is there already, since a link may lead into the checkout.
    const real = await realOf(folder)
    const checkouts = [await realpath(place.root), ...(isGitFolder ? [dirname(commonDir)] : [])]
    if (checkouts.some((checkout) => isBelow(checkout, real))) return undefined
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return folder
  } catch {
    return undefined
  }
}

/** What we keep for a user, all repositories of theirs: `$XDG_STATE_HOME/orchestrate`. */
export function stateFolder(env: Env, home: string): string {
  const stated = env['XDG_STATE_HOME']
  const state = stated !== undefined && isAbsolute(stated) ? stated : join(home, '.local', 'state')
  return join(state, 'orchestrate')
}

/** A path without links, of which the end need not exist. */
async function realOf(path: string): Promise<string> {
  const found = await realpath(path).catch(() => undefined)
  if (found !== undefined || dirname(path) === path) return found ?? path
  return join(await realOf(dirname(path)), basename(path))
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}
