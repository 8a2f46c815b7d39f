import type { Sha } from '../model/ids.ts'
import type { Repository } from '../ports.ts'
import { checkedCommit, type PhaseProgress } from './phase-progress.ts'

/** The overview of a project for its agents, from the root. Refreshed where a project keeps one, never made. */
export const CODEBASE_MAP = 'docs/CODEBASE_MAP.md'

/** What `next` has to know of the trees. Objects only, so that `verify` finds the same later. */
export async function treeFacts(
  repository: Pick<Repository, 'treeOf' | 'readFile'>,
  progress: PhaseProgress,
): Promise<{ headTree: Sha; hasMap: boolean }> {
  const headTree = await repository.treeOf(checkedCommit(progress))
  const changed = headTree !== (await repository.treeOf(progress.base))
  return {
    headTree,
    hasMap: changed && (await repository.readFile(headTree, CODEBASE_MAP)) !== undefined,
  }
}
