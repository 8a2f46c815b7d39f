import type { Ports } from '../pipeline-types.ts'
import { allRuns, unfinished } from './runs.ts'

/** Worktrees of runs that have ended: somebody may have worked in them, so they are named and never removed by us. */
export async function tellLeftovers(ports: Ports): Promise<void> {
  const left = await ports.repository.workspaces.list()
  if (left.length === 0) return
  const going = new Set(
    (await allRuns(ports)).filter((book) => unfinished(book.state)).map((book) => book.run),
  )
  for (const { run, path } of left.filter((worktree) => !going.has(worktree.run))) {
    ports.reporter.emit({
      type: 'warning',
      message: `Run ${run} has ended and left a worktree behind.`,
      hint: `Look whether you need what is in it; \`git worktree remove "${path}"\` removes it.`,
    })
  }
}
