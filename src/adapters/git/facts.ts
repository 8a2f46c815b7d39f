import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { sha } from '../../core/model/ids.ts'
import type { CheckoutFacts } from '../../core/ports.ts'
import type { GitConfig } from './config.ts'
import type { Git } from './git.ts'
import type { ObjectFormat } from './object-batch.ts'
import { parseStatus, STATUS_FLAGS } from './status.ts'

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

/** The place of `git.cwd`, or git's words why it is none. */
export async function findPlace(git: Git): Promise<Place | { stderr: string }> {
  // The root comes last: a bare repository has none, and git ends there with what it printed before.
  const asked = [
    '--git-common-dir',
    '--is-bare-repository',
    '--is-shallow-repository',
    '--show-object-format',
    '--show-toplevel',
  ]
  const result = await git.run(['rev-parse', '--path-format=absolute', ...asked], { codes: [0, 128] })
  const [commonDir, bare, shallow, format, root] = result.stdout.toString('utf8').split('\n')
  if (commonDir === undefined || commonDir === '' || format === undefined) return { stderr: result.stderr }
  return {
    commonDir,
    root: root === undefined || root === '' ? commonDir : root,
    bare: bare === 'true',
    shallow: shallow === 'true',
    format: format === 'sha256' ? format : 'sha1',
  }
}

/** Two processes side by side: status (with the branch) and the configuration. A bare repository has no status. */
export async function readFacts(git: Git, place: Place, reading: Promise<GitConfig>): Promise<CheckoutFacts> {
  const [config, writable, branch] = await Promise.all([
    reading,
    isWritable(place.commonDir),
    place.bare ? bareBranch(git) : checkoutBranch(git),
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

async function checkoutBranch(git: Git): Promise<Branch> {
  const output = await git.text([...STATUS_FLAGS, '--branch', '--untracked-files=all'], {
    env: { GIT_OPTIONAL_LOCKS: '0' },
  })
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
