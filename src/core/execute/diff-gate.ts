import { posix } from 'node:path'
import picomatch from 'picomatch'
import { pathFromRoot } from '../model/plan-path.ts'
import type { Change } from '../ports.ts'
import { count, some, type Problem } from './problem.ts'

export type ChangeReason =
  | 'empty-diff'
  | 'protected-path'
  | 'symlink-out'
  | 'submodule'
  | 'too-many-files'
  | 'too-large'
  | 'undeclared-deletions'
export type ChangeProblem = Problem<ChangeReason>

export interface ChangePolicy {
  /** Globs from the root that no agent may change, besides ours. */
  protectedPaths: readonly string[]
  /** The plan directory from the root; "" is the root. */
  planDir: string
  /** Paths from the root of the files that the plan was read from. */
  planFiles: readonly string[]
  /** Globs from the plan directory of files that the plan may gain, as its format says. Without case. */
  planOwn: readonly string[]
  handoff: string
  progressLog: string
  /** Files one step may change, 2,000 where not given: more is generated output or a dependency folder. */
  maxFiles?: number
  /** Bytes of all new contents, 20 MB where not given. */
  maxBytes?: number
  /** What a symbolic link points to; undefined where it cannot be read. */
  readSymlink: (path: string) => string | undefined
}

export interface ChangeVerdict {
  /** True: what is left after `setAside` may be committed. */
  ok: boolean
  /** Changes that are undone before the commit, since only we write these files. */
  setAside: string[]
  problems: ChangeProblem[]
}

const MAX_FILES = 2_000
const MAX_BYTES = 20_000_000

/**
 * Names that decide about the repository itself: git's own, CI, owners, our folder. Compared without case, since file systems of
 * macOS and Windows do so. `.gitignore` and `.gitkeep` are ordinary files that a set-up phase writes.
 */
const PROTECTED = picomatch(
  [
    '.git',
    '**/.git',
    '**/.git/**',
    '.git!(ignore|keep)',
    '**/.gitmodules',
    '.github/**',
    '**/CODEOWNERS',
    '.orchestrate/**',
    '.orchestrate',
  ],
  { dot: true, nocase: true },
)

/** The gate of every step that edits: what its diff may be. Pure; every problem in one pass. */
export function checkChanges(changes: readonly Change[], policy: ChangePolicy): ChangeVerdict {
  const setAside = changes.map(({ path }) => path).filter(oursIn(policy))
  const left = changes.filter(({ path }) => !setAside.includes(path))
  const problems = [
    ...emptyDiff(left, setAside),
    ...protectedPaths(left, policy),
    ...symlinks(left, policy),
    ...submodules(left),
    ...size(left, policy),
  ]
  return { ok: problems.length === 0, setAside, problems }
}

/** Whether a path is ours to write: hand-off, log, and what the plan was or would be read from. */
function oursIn({
  planDir,
  planFiles,
  planOwn,
  handoff,
  progressLog,
}: ChangePolicy): (path: string) => boolean {
  const exact = new Set([...planFiles, handoff, progressLog])
  const folder = planDir.replace(/[*?[\]{}()!+@\\]/gu, '\\$&')
  const globs = planOwn.map((glob) => pathFromRoot(folder, glob))
  const own = globs.length === 0 ? undefined : picomatch(globs, { dot: true, nocase: true })
  return (path) => exact.has(path) || own?.(path) === true
}

function emptyDiff(left: readonly Change[], setAside: readonly string[]): ChangeProblem[] {
  if (left.length > 0) return []
  return [
    {
      reason: 'empty-diff',
      message:
        setAside.length === 0
          ? 'The agent changed no file.'
          : `The agent changed nothing but ${some(setAside)}, which only Orchestrate writes.`,
      hint: 'Look at its summary: the work may have been there already, or it did not understand what to do. Retry, or mend the plan.',
    },
  ]
}

function protectedPaths(left: readonly Change[], policy: ChangePolicy): ChangeProblem[] {
  const configured =
    policy.protectedPaths.length === 0 ? undefined : picomatch([...policy.protectedPaths], { dot: true })
  const found = left.map(({ path }) => path).filter((path) => PROTECTED(path) || configured?.(path) === true)
  if (found.length === 0) return []
  return [
    {
      reason: 'protected-path',
      message: `The agent changed ${some(found)}, which no agent may change.`,
      hint: 'Take the change back and retry. What has to change there, a person does; protected_paths of .github/orchestrate.yml names more such paths.',
      paths: found,
    },
  ]
}

function symlinks(left: readonly Change[], policy: ChangePolicy): ChangeProblem[] {
  return left.flatMap(({ path, mode }): ChangeProblem[] => {
    if (mode !== '120000') return []
    const target = policy.readSymlink(path)
    if (target !== undefined && staysInside(path, target)) return []
    return [
      {
        reason: 'symlink-out',
        message:
          target === undefined
            ? `The agent made the link ${path}, whose target cannot be read.`
            : `The agent made the link ${path} to ${target}, which lies outside the files of the repository.`,
        hint: 'Take the link out: a link may only point to files of the repository, by a relative path.',
        paths: [path],
      },
    ]
  })
}

/** Whether a link stays in the tree: relative, never above the root, not into `.git`. */
function staysInside(path: string, target: string): boolean {
  const plain = target.replaceAll('\\', '/')
  if (plain === '' || plain.startsWith('/') || /^[a-z]:/i.test(plain)) return false
  const reached = posix.join(posix.dirname(path), plain)
  return reached !== '..' && !reached.startsWith('../') && !PROTECTED(reached.replace(/\/$/, ''))
}

function submodules(left: readonly Change[]): ChangeProblem[] {
  const found = left.filter(({ mode }) => mode === '160000').map(({ path }) => path)
  if (found.length === 0) return []
  return [
    {
      reason: 'submodule',
      message: `The agent left a repository inside the repository at ${some(found)}.`,
      hint: 'A project generator often runs "git init": remove the .git in there, so that its files can be committed. Submodules are changed by people.',
      paths: found,
    },
  ]
}

function size(left: readonly Change[], policy: ChangePolicy): ChangeProblem[] {
  const { maxFiles = MAX_FILES, maxBytes = MAX_BYTES } = policy
  const problems: ChangeProblem[] = []
  if (left.length > maxFiles) {
    problems.push({
      reason: 'too-many-files',
      message: `The agent changed ${count(left.length, 'file')}, more than ${maxFiles}, most of them in ${busiest(left)}.`,
      hint: 'Put what is generated or installed into .gitignore, or split the task.',
    })
  }
  const total = left.reduce((sum, { bytes }) => sum + bytes, 0)
  if (total > maxBytes) {
    const largest = left.toSorted((a, b) => b.bytes - a.bytes).slice(0, 3)
    problems.push({
      reason: 'too-large',
      message: `The agent's changes hold ${total} bytes, more than ${maxBytes}; the largest: ${largest.map(({ path, bytes }) => `${path} (${bytes})`).join(', ')}.`,
      hint: 'Put build output and downloads into .gitignore; large files belong into a store for them.',
      paths: largest.map(({ path }) => path),
    })
  }
  return problems
}

/** The top folder with most of the changes. */
function busiest(changes: readonly Change[]): string {
  const counts = new Map<string, number>()
  for (const { path } of changes) {
    const top = path.includes('/') ? `${path.slice(0, path.indexOf('/'))}/` : 'the root'
    counts.set(top, (counts.get(top) ?? 0) + 1)
  }
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 'the root'
}

export interface DeletionLimits {
  /** Files that may go without being named, 20 where not given. */
  files?: number
  /** Files of the tree before; with it, more than a fifth of them is too many, once it is five files. */
  total?: number
}

/**
 * The deletion guard of a merge: a phase that deletes many files it does not name has gone astray. `declared` are paths, folders or
 * globs that the phase names. A file of the same name added elsewhere is a move.
 */
export function checkDeletions(
  changes: readonly Change[],
  declared: readonly string[],
  limits: DeletionLimits = {},
): ChangeProblem[] {
  const isDeclared = matcher(declared)
  const added = changes.filter(({ kind }) => kind === 'added').map(({ path }) => posix.basename(path))
  const gone: string[] = []
  for (const { path, kind } of changes) {
    if (kind !== 'deleted' || isDeclared(path)) continue
    const moved = added.indexOf(posix.basename(path))
    if (moved >= 0) added.splice(moved, 1)
    else gone.push(path)
  }
  const { files = 20, total } = limits
  const share = total !== undefined && gone.length >= 5 && gone.length > total / 5
  if (gone.length <= files && !share) return []
  const of = total === undefined ? '' : ` of ${total}`
  return [
    {
      reason: 'undeclared-deletions',
      message: `The phase deletes ${gone.length}${of} files that it does not name: ${some(gone)}.`,
      hint: 'If they are to go, name them (or their folder) in the phase and retry it; if not, restore them on the phase branch and resume.',
      paths: gone,
    },
  ]
}

function matcher(declared: readonly string[]): (path: string) => boolean {
  const plain = declared
    .map((one) => one.replace(/^\.\//, '').replace(/\/+$/, ''))
    .filter((one) => one !== '')
  const globs = plain.filter((one) => /[*?[{]/.test(one))
  const matches = globs.length === 0 ? undefined : picomatch(globs, { dot: true })
  return (path) => plain.some((one) => path === one || path.startsWith(`${one}/`)) || matches?.(path) === true
}
