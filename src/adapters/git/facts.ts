import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { sha } from '../../core/model/ids.ts'
import type { CheckoutFacts } from '../../core/ports.ts'
import type { GitConfig } from './config.ts'
import { CHECKOUT, PLACE, READ_ONLY, type Said } from './first-look.ts'
import type { Git } from './git.ts'
import type { ObjectFormat } from './object-batch.ts'
import { parseStatus } from './status.ts'

/** What `git rev-parse` says of where we are. */
export interface Place {
  /** The checkout's root; the repository itself where it is bare. */
  root: string
  /** Objects, refs and our own files, shared by all worktrees. */
  commonDir: string
  bare: boolean
  shallow: boolean
  format: ObjectFormat
}

/** The place of `git.cwd`, or git's words why it is none. `asked`: the same question, where it was put before. */
export async function findPlace(git: Git, asked?: Said): Promise<Place | { stderr: string }> {
  const known = await asked
  if (known?.code === 0) return placeOf(known.output) ?? { stderr: '' }
  const result = await git.run(PLACE, { codes: [0, 128] })
  return placeOf(result.stdout.toString('utf8')) ?? { stderr: result.stderr }
}

function placeOf(output: string): Place | undefined {
  const [commonDir, bare, shallow, format, root] = output.split('\n')
  if (commonDir === undefined || commonDir === '' || format === undefined) return undefined
  return {
    commonDir,
    root: root === undefined || root === '' ? commonDir : root,
    bare: bare === 'true',
    shallow: shallow === 'true',
    format: format === 'sha256' ? format : 'sha1',
  }
}

/**
 * Two processes side by side: status (with the branch) and the configuration. A bare repository has no status. `asked`: the
 * status of a moment ago.
 */
export async function readFacts(
  git: Git,
  place: Place,
  reading: Promise<GitConfig>,
  asked?: Said,
): Promise<CheckoutFacts> {
  const [config, writable, branch] = await Promise.all([
    reading,
    isWritable(place.commonDir),
    place.bare ? bareBranch(git) : checkoutBranch(git, asked),
  ])
  return {
    root: place.root,
    bare: place.bare,
    shallow: place.shallow,
    ...branch,
    remote: config.remote(branch.branch),
    writable,
  }
}

type Branch = Pick<CheckoutFacts, 'branch' | 'head' | 'modified' | 'untracked'>

async function checkoutBranch(git: Git, asked?: Said): Promise<Branch> {
  const known = await asked
  const output = known?.code === 0 ? known.output : await git.text(CHECKOUT, { env: READ_ONLY })
  const { staged, unstaged, untracked, headers } = parseStatus(output)
  const head = headers.get('branch.oid')
  const branch = headers.get('branch.head')
  return {
    branch: branch === '(detached)' ? undefined : branch,
    head: head === undefined || head === '(initial)' ? undefined : sha(head),
    modified: [...new Set([...staged, ...unstaged])].sort(),
    untracked: untracked.sort(),
  }
}

async function bareBranch(git: Git): Promise<Branch> {
  const [head, branch] = await Promise.all([
    git.text(['rev-parse', '--verify', '--quiet', 'HEAD'], { codes: [0, 1] }),
    git.text(['symbolic-ref', '--short', '--quiet', 'HEAD'], { codes: [0, 1] }),
  ])
  return {
    branch: branch === '' ? undefined : branch,
    head: head === '' ? undefined : sha(head),
    modified: [],
    untracked: [],
  }
}

/** Whether objects, refs and files of ours can be written. */
async function isWritable(commonDir: string): Promise<boolean> {
  const folders = [commonDir, join(commonDir, 'objects'), join(commonDir, 'refs')]
  const all = await Promise.all(
    folders.map((folder) =>
      access(folder, constants.W_OK).then(
        () => true,
        () => false,
      ),
    ),
  )
  return all.every(Boolean)
}
