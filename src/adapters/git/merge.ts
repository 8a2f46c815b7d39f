import { sha, type Sha } from '../../core/model/ids.ts'
import type { MergeResult } from '../../core/ports.ts'
import { commitObject } from './commit-object.ts'
import type { Git } from './git.ts'
import { GitError } from './git-error.ts'
import type { ObjectStore } from './object-store.ts'

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
