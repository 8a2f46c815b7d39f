import { sha, type Sha } from '../../core/model/ids.ts'
import type { MergeResult } from '../../core/ports.ts'
import { commitObject } from './commit-object.ts'
import { compareTrees } from './compare-trees.ts'
import type { Git } from './git.ts'
import { GitError } from './git-error.ts'
import type { ObjectStore } from './object-store.ts'
import { type Edit, FILE_MODE } from './tree.ts'

/**
 * Three-way merge of commits or trees in memory.
 *
 * `git merge-tree` takes a base by itself only since 2.40 (`--merge-base`) and looks for one among the ancestors before.
 * So that the base asked for is the base used, by every git we allow, the three trees are merged as three bare commits:
 * the base, and the other two as its children. They are the same for the same trees and hang on nothing.
 */
export async function merge(
  git: Git,
  objects: ObjectStore,
  base: Sha,
  ours: Sha,
  theirs: Sha,
): Promise<MergeResult> {
  const [baseTree, ourTree, theirTree] = await Promise.all(
    [base, ours, theirs].map((each) => objects.treeOf(each)),
  )
  if (baseTree === undefined || ourTree === undefined || theirTree === undefined)
    throw new Error('three trees')
  // Only one side moved, or both to the same: nothing to merge.
  if (theirTree === baseTree || theirTree === ourTree) return { ok: true, tree: ourTree }
  if (ourTree === baseTree) return { ok: true, tree: theirTree }
  const simple = await mergeFiles(objects, { base: baseTree, ours: ourTree, theirs: theirTree })
  if (simple !== undefined) return { ok: true, tree: simple }
  const bare = (tree: Sha, parents: Sha[]) =>
    objects.writeCommit(commitObject({ tree, parents, message: 'merge', at: 0 }), tree)
  const root = await bare(baseTree, [])
  const [a, b] = await Promise.all([bare(ourTree, [root]), bare(theirTree, [root])])
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', a, b]
  const result = await git.run(args, { codes: [0, 1] })
  const [tree = '', ...paths] = result.stdout.toString('utf8').split('\0')
  if (!/^[0-9a-f]{40,64}$/.test(tree)) throw new GitError('failed', 'merge-tree', result.stderr || 'no tree')
  if (result.code === 0) return { ok: true, tree: sha(tree) }
  return { ok: false, conflicts: [...new Set(paths.filter((path) => path !== ''))].sort() }
}

/**
 * The merge of trees whose sides changed different files and deleted none, which is what phases and units side by side mostly
 * give: no text has to be merged, and without a deletion there is no rename to follow. Undefined where it is not so
 * simple; git does it then.
 */
async function mergeFiles(
  objects: ObjectStore,
  trees: { base: Sha; ours: Sha; theirs: Sha },
): Promise<Sha | undefined> {
  const [ours, theirs] = await Promise.all([
    compareTrees(objects, trees.base, trees.ours),
    compareTrees(objects, trees.base, trees.theirs),
  ])
  if (ours.some(({ after }) => after === undefined)) return undefined
  const taken = new Set(ours.map(({ path }) => path))
  const folders = new Set(ours.flatMap(({ path }) => foldersOf(path)))
  const edits = new Map<string, Edit>()
  for (const { path, before, after } of theirs) {
    // `editTree` makes plain files and keeps the mode of one that is there.
    if (
      after === undefined ||
      after.mode !== (before?.mode ?? FILE_MODE) ||
      !/^100(644|755)$/.test(after.mode)
    )
      return undefined
    if (taken.has(path) || folders.has(path) || foldersOf(path).some((folder) => taken.has(folder)))
      return undefined
    const name = Buffer.from(path, 'latin1')
    const text = name.toString('utf8')
    if (!Buffer.from(text, 'utf8').equals(name)) return undefined
    edits.set(text, { kind: 'blob', sha: after.sha })
  }
  return await objects.editTree(trees.ours, edits)
}

/** "a" and "a/b" of "a/b/c". */
const foldersOf = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, i, parts) => parts.slice(0, i + 1).join('/'))
