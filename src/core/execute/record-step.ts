import type { Problem } from '../model/event.ts'
import type { Sha } from '../model/ids.ts'
import type { Workspace } from '../ports.ts'
import type { StepRun } from './agent-step.ts'
import { type PhaseContext, savedRef } from './phase-context.ts'
import type { PromptStep } from './prompts/context.ts'

/** Tree of the phase's directory as the last record left it: no need to look, every step's end was recorded. */
export async function currentTree(ctx: PhaseContext): Promise<Sha> {
  const { left, headTree, head } = ctx.book.progress
  return left ?? headTree ?? (await ctx.ports.repository.treeOf(head))
}

/** The phase branch follows the record, and the phase's directory follows the branch. */
export async function advance(ctx: PhaseContext): Promise<void> {
  const { book, input, ports, workspace } = ctx
  await moveBranch(ctx)
  const saved = await workspace.reset(book.progress.head, savedRef(input.run, input.phase.id, input.attempt))
  if (saved) {
    ports.reporter.emit({
      type: 'warning',
      message: `phase ${input.phase.id}: files that belong to no recorded step were saved as ${saved.slice(0, 10)}`,
    })
  }
}

export class ForeignCommit extends Error {
  override name = 'ForeignCommit'
}

/** Moves the phase branch to the recorded tip. A branch that stands anywhere else was moved by somebody: we stop. */
export async function moveBranch(ctx: PhaseContext): Promise<void> {
  const { book, ports } = ctx
  const { head, branch, commits, origin } = book.progress
  const ref = `refs/heads/${branch}`
  const now = await ports.repository.resolve(ref)
  if (now === head) return
  const ours =
    now === undefined ||
    now === origin ||
    commits.some((c) => c.sha === now) ||
    (await ports.repository.isAncestor(now, head))
  if (!ours) throw new ForeignCommit(`${branch} stands at ${now.slice(0, 10)}, which this run did not make`)
  if (!(await ports.repository.updateRefs([{ ref, from: now, to: head }]))) {
    throw new ForeignCommit(`${branch} was moved by somebody else`)
  }
}

/**
 * Records that a step failed. What it left is kept: in place where a person goes on with it (a hook refused the commit), else
 * as a commit under a ref of the run, and the directory is clean again.
 */
export async function recordFailure<S extends PromptStep>(
  ctx: PhaseContext,
  end: StepRun<S>['end'],
  problem: Problem,
  files: ReadonlyMap<string, string> = new Map(),
  workspace: Workspace = ctx.workspace,
): Promise<void> {
  const { input, book } = ctx
  let told = problem
  const own = workspace === ctx.workspace
  if (problem.reason !== 'commit-refused' || !own) {
    const saved = await workspace.reset(
      book.progress.head,
      savedRef(input.run, input.phase.id, input.attempt),
    )
    if (saved && problem.reason !== 'unit-collision') {
      told = {
        ...problem,
        hint: `${problem.hint} What it had changed is saved as commit ${saved.slice(0, 10)}.`.trim(),
      }
    }
  }
  await book.append(
    { ...end, type: 'step-failed', problem: told },
    new Map<string, string | { tree: Sha }>([...files, ['work', { tree: end.outputTree }]]),
  )
}
