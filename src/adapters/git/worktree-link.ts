import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Sha } from '../../core/model/ids.ts'
import { codeOf } from './git-error.ts'
import { TEMPORARY } from './scratch.ts'

/**
 * Whether a worktree of this repository is what gitrepository-layout(5) says and no more. Refs in a table, settings and
 * sparse patterns of single worktrees are git's own to set up.
 */
export function isPlain(commonDir: string): boolean {
  return !['reftable', 'config.worktree', join('info', 'sparse-checkout')].some((name) =>
    existsSync(join(commonDir, name)),
  )
}

/**
 * What `git worktree add --detach --no-checkout` makes, in a millisecond instead of two processes: git's folder of the worktree
 * (`gitdir`, `commondir`, `HEAD`) and the `.git` file that points there. Gives git's folder.
 *
 * The folder appears whole, and locked until the pointer back to it is there: so long `git worktree prune` leaves it alone.
 */
export async function linkWorktree(commonDir: string, path: string, commit: Sha): Promise<string> {
  const temporary = join(commonDir, TEMPORARY)
  await Promise.all([temporary, path].map((folder) => mkdir(folder, { recursive: true })))
  // By its process, so that what one leaves that is killed here is cleared away like its other temporary files.
  const made = join(temporary, `${process.pid}-${randomBytes(6).toString('hex')}`)
  await mkdir(made)
  const files = {
    gitdir: join(path, '.git'),
    commondir: join('..', '..'),
    HEAD: commit,
    locked: 'initializing',
  }
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(made, name), `${text}\n`)))
  const gitDir = await moveTo(made, join(commonDir, 'worktrees'), basename(path))
  await writeFile(join(path, '.git'), `gitdir: ${gitDir}\n`)
  await rm(join(gitDir, 'locked'))
  return gitDir
}

/** How often a folder is made again that somebody took away: whoever does removes a worktree of his own each time. */
const TRIES = 100

/** Under the name itself or, where that is taken, with a number behind it, as git does. */
async function moveTo(made: string, folder: string, name: string): Promise<string> {
  let gone = 0
  for (let n = 0; ;) {
    const to = join(folder, n === 0 ? name : `${name}${n}`)
    try {
      await mkdir(folder, { recursive: true })
      await rename(made, to)
      return to
    } catch (error) {
      const code = codeOf(error)
      // Git takes the folder away with the last worktree in it, also between our two calls.
      if (code === 'ENOENT' && ++gone < TRIES) continue
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
      n++
    }
  }
}
