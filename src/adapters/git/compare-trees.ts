import type { Sha } from '../../core/model/ids.ts'
import { TREE_MODE, type Tree, type TreeEntry, type TreeStore } from './tree.ts'

/** One path in which two trees differ: a file, link or submodule. A side is undefined where it has no such thing. */
export interface Difference {
  /** The path's bytes, one per character. */
  path: string
  before: TreeEntry | undefined
  after: TreeEntry | undefined
}

const EMPTY: Tree = new Map()

/**
 * What differs between two trees, sorted by path as git sorts. Only folders that differ are read, side by side, so that the
 * cost goes with the change and not with the project, and no process is started for it.
 */
export async function compareTrees(
  store: Pick<TreeStore, 'readTree'>,
  before: Sha,
  after: Sha,
): Promise<Difference[]> {
  const found: Difference[] = []
  await compare(store, { before, after, path: '' }, found)
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function compare(
  store: Pick<TreeStore, 'readTree'>,
  at: { before: Sha | undefined; after: Sha | undefined; path: string },
  found: Difference[],
): Promise<void> {
  if (at.before === at.after) return
  const [before, after] = await Promise.all(
    [at.before, at.after].map((tree) => (tree === undefined ? EMPTY : store.readTree(tree))),
  )
  const below: Promise<void>[] = []
  for (const name of new Set([...(before ?? EMPTY).keys(), ...(after ?? EMPTY).keys()])) {
    const old = before?.get(name)
    const now = after?.get(name)
    if (old?.sha === now?.sha && old?.mode === now?.mode) continue
    const path = `${at.path}${name}`
    const [oldFile, oldFolder] = split(old)
    const [nowFile, nowFolder] = split(now)
    if (oldFile !== undefined || nowFile !== undefined) found.push({ path, before: oldFile, after: nowFile })
    if (oldFolder !== nowFolder)
      below.push(compare(store, { before: oldFolder, after: nowFolder, path: `${path}/` }, found))
  }
  await Promise.all(below)
}

/** An entry as the file that it is, or as the folder. */
function split(entry: TreeEntry | undefined): [file: TreeEntry | undefined, folder: Sha | undefined] {
  if (entry === undefined) return [undefined, undefined]
  return entry.mode.padStart(6, '0') === TREE_MODE.padStart(6, '0')
    ? [undefined, entry.sha]
    : [entry, undefined]
}
