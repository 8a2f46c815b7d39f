import type { Problem, StepPassed } from '../model/event.ts'
import type { Sha } from '../model/ids.ts'
import type { Workspace } from '../ports.ts'
import type { StepRun } from './agent-step.ts'
import type { Committed } from './commit-work.ts'
import { type PhaseContext, savedRef } from './phase-context.ts'
import type { PromptStep } from './prompts/context.ts'

/** The phase branch follows the record. The directory's HEAD follows the branch; its files are those of the tip already. */
export async function follow(ctx: PhaseContext): Promise<void> {
  await moveBranch(ctx)
  const { head } = ctx.book.progress
  if (ctx.directory.tree === (await ctx.ports.repository.treeOf(head))) await clean(ctx)
  else await ctx.workspace.moveHead(head)
}

/**
 * Makes the phase's directory what the branch's tip is. What belongs to no recorded step is saved, and said; `recorded` is the
 * tree that a step was recorded with.
 */
export async function clean(ctx: PhaseContext, recorded?: Sha): Promise<Sha | undefined> {
  const { book, input, ports, workspace } = ctx
  const { head } = book.progress
  const saved = await workspace.reset(head, savedRef(input.run, input.phase.id, input.attempt), recorded)
  ctx.directory.tree = await ports.repository.treeOf(head)
  return saved
}

export class ForeignCommit extends Error {
  override name = 'ForeignCommit'
}

/** Moves the phase branch to the recorded tip. A branch that stands anywhere else was moved by somebody: we stop. */
export async function moveBranch(ctx: Pick<PhaseContext, 'book' | 'ports'>): Promise<void> {
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
  if (!ours)
    throw new ForeignCommit(
      `The branch ${branch} stands at ${now.slice(0, 10)}, which this run did not make.`,
    )
  if (!(await ports.repository.updateRefs([{ ref, from: now, to: head }]))) {
    throw new ForeignCommit(`The branch ${branch} was moved by somebody else.`)
  }
}

type Told = Omit<
  StepPassed,
  'schema' | 'engine' | 'at' | 'type' | 'commits' | 'left' | keyof StepRun<PromptStep>['end']
>

/** Records that a step of the phase's own directory passed, and lets branch and directory follow. */
export async function recordPass<S extends PromptStep>(
  ctx: PhaseContext,
  run: StepRun<S>,
  committed: Pick<Committed, 'commits' | 'tree' | 'notes'>,
  told: Partial<Told>,
): Promise<void> {
  await appendPass(ctx, run, { ...committed, left: committed.tree }, told)
  ctx.directory.tree = committed.tree
  if (committed.commits.length > 0) await follow(ctx)
}

/** The record alone: `left` is the tree that the phase's own directory has then. */
export async function appendPass<S extends PromptStep>(
  ctx: PhaseContext,
  run: StepRun<S>,
  end: Pick<Committed, 'commits' | 'notes'> & { left: Sha },
  told: Partial<Told>,
): Promise<void> {
  const { commits, notes, left } = end
  // The tree hangs in the ledger's own, so that it is kept and pushed with the record.
  const work: [string, { tree: Sha }][] =
    run.end.access === 'edit' ? [['work', { tree: run.end.outputTree }]] : []
  await ctx.book.append(
    {
      summary: '',
      decisions: [],
      questions: [],
      findings: [],
      criteria: [],
      reopened: [],
      dispositions: [],
      ...told,
      ...run.end,
      type: 'step-passed',
      commits,
      left,
      notes: [...notes, ...(told.notes ?? [])],
    },
    new Map<string, string | { tree: Sha }>([...run.files, ...work]),
  )
  for (const commit of commits)
    ctx.ports.reporter.emit({ type: 'commit', phase: ctx.input.phase.id, ...commit })
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
  discoveries: readonly string[] = [],
): Promise<void> {
  const { input, book } = ctx
  let told = problem
  if (problem.reason === 'commit-refused') {
    // Commits that the agent made by itself, past the hook, are no commits of a person.
    await ctx.workspace.moveHead(book.progress.head)
  } else {
    const saved = await workspace.reset(
      book.progress.head,
      savedRef(input.run, input.phase.id, input.attempt),
    )
    if (workspace === ctx.workspace)
      ctx.directory.tree = await ctx.ports.repository.treeOf(book.progress.head)
    if (saved && problem.reason !== 'unit-collision') {
      told = {
        ...problem,
        hint: `${problem.hint} What it had changed is saved as commit ${saved.slice(0, 10)}.`.trim(),
      }
    }
  }
  await book.append(
    {
      ...end,
      type: 'step-failed',
      problem: told,
      ...(discoveries.length === 0 ? {} : { discoveries: [...discoveries] }),
    },
    new Map<string, string | { tree: Sha }>([...files, ['work', { tree: end.outputTree }]]),
  )
}
