import type { Ports } from '../pipeline-types.ts'
import { count } from '../text/display.ts'
import { allRuns, unfinished } from './runs.ts'

type Worktree = Awaited<ReturnType<Ports['repository']['workspaces']['list']>>[number]

/**
 * Worktrees of runs that have ended. Somebody may have worked in them: who sits at a terminal is asked, and only what is in a
 * commit that some ref keeps is ever removed. Nobody there, or nobody to be asked (`ask`): they are named, with the command.
 */
export async function offerLeftovers(ports: Ports, { ask }: { ask: boolean }): Promise<void> {
  const left = await leftovers(ports)
  if (left.length === 0) return
  const answer = ask
    ? await ports.person.choose(
        `${count(left.length, 'worktree')} of ended runs ${left.length === 1 ? 'is' : 'are'} still there. What now?`,
        left.map(({ run, path }) => `  ${run}: ${path}`).join('\n'),
        [
          { value: 'keep', label: 'Keep them' },
          { value: 'remove', label: 'Remove those whose work is saved in a commit' },
        ],
      )
    : undefined
  if (answer === 'keep') return
  if (answer === 'remove') await remove(left, ports)
  else for (const worktree of left) tell(worktree, ports)
}

/** Worktrees whose run has ended, or has no ledger any more. One whose ledger cannot be read may be going on. */
async function leftovers(ports: Ports): Promise<Worktree[]> {
  const worktrees = await ports.repository.workspaces.list()
  if (worktrees.length === 0) return []
  const going = new Set(await ports.ledger.runs())
  for (const book of await allRuns(ports)) if (!unfinished(book.state)) going.delete(book.run)
  return worktrees.filter(({ run }) => !going.has(run))
}

async function remove(left: readonly Worktree[], ports: Ports): Promise<void> {
  const { workspaces } = ports.repository
  const head = await ports.repository.resolve('HEAD')
  if (head === undefined) return
  let removed = 0
  for (const { run, name, path } of left) {
    if (await workspaces.remove(await workspaces.open(run, name, head))) {
      removed++
      continue
    }
    ports.reporter.emit({
      type: 'warning',
      message: `The worktree of run ${run} was kept: it holds changes that are in no commit.`,
      hint: `\`git -C "${path}" status\` shows them; \`git worktree remove --force "${path}"\` removes it with them.`,
    })
  }
  if (removed > 0)
    ports.reporter.emit({ type: 'note', message: `Removed ${count(removed, 'worktree')} of ended runs.` })
}

const tell = ({ run, path }: Worktree, ports: Ports): void =>
  ports.reporter.emit({
    type: 'warning',
    message: `Run ${run} has ended and left a worktree behind.`,
    hint: `Look whether you need what is in it; \`git worktree remove "${path}"\` removes it.`,
  })
