import { statfsSync } from 'node:fs'
import { failure, type Failure } from '../../core/model/failure.ts'

export type GitErrorKind =
  /** No space left on the device, or the quota is used up. */
  | 'disk-full'
  /** The git binary is not there. */
  | 'not-found'
  /** A lock file is held, by a live process or a dead one. */
  | 'locked'
  /** A ref cannot be made because another ref's name is a folder of it, or the other way round. */
  | 'ref-conflict'
  | 'timeout'
  | 'failed'

const TAIL = 4_000

/** Git, or the file system below it, did what nobody planned for. Carries the end of stderr. */
export class GitError extends Error {
  readonly kind: GitErrorKind
  readonly command: string
  readonly stderr: string

  constructor(kind: GitErrorKind, command: string, stderr: string) {
    const tail = stderr.trim().slice(-TAIL)
    super(`git ${command}: ${tail === '' ? kind : tail}`)
    this.name = 'GitError'
    this.kind = kind
    this.command = command
    this.stderr = tail
  }
}

/** What git's own words on stderr say went wrong. Git is always run with LC_ALL=C, so they are English. */
export function kindOf(stderr: string): GitErrorKind {
  if (/No space left on device|Out of diskspace|Disk quota exceeded|ENOSPC|EDQUOT/i.test(stderr))
    return 'disk-full'
  if (/cannot lock ref .*('.*' exists; cannot create|there is a non-empty directory)/s.test(stderr))
    return 'ref-conflict'
  if (/cannot process '.*' and '.*' at the same time/.test(stderr)) return 'ref-conflict'
  if (/\.lock': File exists|Another git process seems to be running/.test(stderr)) return 'locked'
  return 'failed'
}

/** Less than this and git fails at its next file. */
const NO_SPACE_BYTES = 65_536

/** The error for a git command that failed in `directory`. Git does not always say that the disk is full: then we look. */
export function failedCommand(command: string, stderr: string, directory: string): GitError {
  const kind = kindOf(stderr)
  return new GitError(kind === 'failed' && isFull(directory) ? 'disk-full' : kind, command, stderr)
}

function isFull(directory: string): boolean {
  try {
    const { bavail, bsize, ffree, files } = statfsSync(directory)
    // File systems that count no files (btrfs) say 0 of 0.
    return bavail * bsize < NO_SPACE_BYTES || (files > 0 && ffree === 0)
  } catch {
    return false
  }
}

/** Node's code of a system error ("ENOENT"). Looked at by shape: an error may come from another realm. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** A GitError for what the file system threw while we worked for git; a GitError stays itself. */
export function asGitError(error: unknown, doing: string): GitError {
  if (error instanceof GitError) return error
  const code = codeOf(error)
  const kind = code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'failed'
  return new GitError(kind, doing, error instanceof Error ? error.message : String(error))
}

/** The failure people see for an error that stopped a phase or a command. */
export function gitFailure(error: unknown): Failure {
  const git = asGitError(error, 'work')
  switch (git.kind) {
    case 'disk-full':
      return failure(
        'disk-full',
        `The disk is full: ${git.message}`,
        'Free some space and run `orchestrate resume`. Nothing that was recorded is lost.',
      )
    case 'not-found':
      return failure(
        'git-not-found',
        'No `git` was found on PATH.',
        'Install git 2.38 or newer and make sure that it is on PATH.',
      )
    case 'ref-conflict':
      return failure(
        'git-failed',
        `A branch or ref is in the way: ${git.message}`,
        'Rename or delete the ref that is named, then run `orchestrate resume`.',
      )
    case 'locked':
      return failure(
        'git-failed',
        `A lock file of git is in the way: ${git.message}`,
        'Wait for the other git command to end; if none runs, delete the lock file that is named.',
      )
    case 'timeout':
    case 'failed':
      return failure(
        'git-failed',
        git.message,
        'Run the command by hand to see more, then `orchestrate resume`.',
      )
  }
}
