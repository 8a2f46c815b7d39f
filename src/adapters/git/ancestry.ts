import { sha, type Sha } from '../../core/model/ids.ts'
import { parseCommit } from './commit-object.ts'
import type { Git } from './git.ts'
import type { ObjectStore } from './object-store.ts'

/**
 * Whether `descendant` contains `ancestor`; a commit contains itself. Most of our questions are about a parent, which the commit
 * itself answers; only the others take a process that walks the history.
 */
export async function isAncestor(
  git: Git,
  objects: ObjectStore,
  ancestor: Sha,
  descendant: Sha,
): Promise<boolean> {
  if (ancestor === descendant) return true
  const object = await objects.contents(descendant)
  if (object?.type === 'commit') {
    const { parents } = parseCommit(object.content.toString('latin1'))
    if (parents.map(sha).includes(ancestor)) return true
  }
  const walked = await git.run(['merge-base', '--is-ancestor', ancestor, descendant], { codes: [0, 1] })
  return walked.code === 0
}
