import type { Change } from '../ports.ts'
import { some } from './problem.ts'

/** One logical change as an agent names it: what it is, and the files it consists of. */
export interface NamedChange {
  subject: string
  /** From the repository's root. */
  files: readonly string[]
}

export interface Split {
  /** A commit each, oldest first; together they hold every path. Empty: the work is one commit. */
  parts: { subject: string; paths: string[] }[]
  notes: string[]
}

/**
 * Which paths of a step's work go into which commit. A path that nobody names goes with the last; the other side of a move goes
 * with the side that is named. What is named twice, or was not changed, is said and does no harm. `moves` are pairs of a deleted
 * and an added path that are the same file.
 */
export function splitCommits(
  changed: readonly string[],
  named: readonly NamedChange[],
  moves: readonly { from: string; to: string }[] = [],
): Split {
  const there = new Set(changed)
  const parts = named.map(({ subject }) => ({ subject: subject.trim(), paths: [] as string[] }))
  const taken = new Map<string, number>()
  const take = (path: string, part: number): void => {
    taken.set(path, part)
    parts[part]?.paths.push(path)
  }
  const unchanged = new Set<string>()
  const twice = new Set<string>()
  for (const [part, { subject, files }] of named.entries()) {
    // A commit needs a subject: what is named without one is not named.
    if (subject.trim() === '') continue
    for (const path of new Set(files.map(plain))) {
      if (!there.has(path)) unchanged.add(path)
      else if (taken.has(path)) twice.add(path)
      else take(path, part)
    }
  }
  for (const { from, to } of moves) {
    const [known, other] = taken.has(to) ? [to, from] : [from, to]
    const part = taken.get(known)
    if (part !== undefined && there.has(other) && !taken.has(other)) take(other, part)
  }
  const filled = parts.filter(({ paths }) => paths.length > 0)
  const notes = [
    ...(unchanged.size === 0 ? [] : [`Named for a commit, but not changed: ${some([...unchanged])}.`]),
    ...(twice.size === 0 ? [] : [`Named for two commits, and taken into the first: ${some([...twice])}.`]),
  ]
  if (filled.length < 2) return { parts: [], notes }
  filled.at(-1)?.paths.push(...changed.filter((path) => !taken.has(path)))
  return { parts: filled, notes }
}

const plain = (path: string): string => path.trim().replace(/^(?:\.\/)+/, '')

/**
 * Files that were moved, as far as nothing has to be guessed: the same content, or the only deleted and added file of one name.
 * `blobs` are the contents' ids of deleted and added paths.
 */
export function movesIn(
  changes: readonly Change[],
  blobs: ReadonlyMap<string, string>,
): { from: string; to: string }[] {
  const deleted = changes.filter(({ kind }) => kind === 'deleted').map(({ path }) => path)
  const added = new Set(changes.filter(({ kind }) => kind === 'added').map(({ path }) => path))
  const base = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
  const moves: { from: string; to: string }[] = []
  const pair = (same: (from: string, to: string) => boolean): void => {
    const moved = new Set(moves.map(({ from }) => from))
    const left = deleted.filter((path) => !moved.has(path))
    for (const from of left) {
      const found = [...added].filter((to) => same(from, to))
      const [to] = found
      if (to === undefined || found.length > 1 || left.filter((other) => same(other, to)).length > 1) continue
      moves.push({ from, to })
      added.delete(to)
    }
  }
  pair((from, to) => blobs.get(from) !== undefined && blobs.get(from) === blobs.get(to))
  pair((from, to) => base(from) === base(to))
  return moves
}
