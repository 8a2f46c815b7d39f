import type { Problem } from '../model/event.ts'
import type { Sha } from '../model/ids.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { Change, Workspace } from '../ports.ts'
import { checkChanges } from './diff-gate.ts'
import type { PhaseContext } from './phase-context.ts'

export interface Committed {
  /** New tip of the phase branch; undefined where nothing was to commit. */
  commit: { sha: Sha; subject: string } | undefined
  /** Paths that the step changed and that were taken. */
  changed: string[]
  /** Tree of the directory where the step worked, after gates and hooks. */
  tree: Sha
  notes: string[]
}

/**
 * Turns what a step did to its directory into a commit on the phase branch's tip: gates the diff, sets aside what only we may
 * write, runs the project's hooks, and merges the work onto the tip where a sibling moved it. Only objects are written here; the
 * branch follows once the record stands.
 *
 * `inputTree` is the directory's tree when the step began: what a build left there before is not the step's work.
 */
export async function commitWork(
  ctx: PhaseContext,
  work: { workspace: Workspace; inputTree: Sha; outputTree: Sha; message: string; mayBeEmpty: boolean },
): Promise<Result<Committed, Problem>> {
  const { repository } = ctx.ports
  const found = await repository.changes(work.inputTree, work.outputTree)
  const gate = await gateChanges(ctx, found, work.outputTree)
  if (!gate.ok) return gate
  const { setAside, notes } = gate.value
  const changed = found.map((change) => change.path).filter((path) => !setAside.includes(path))
  let tree = work.outputTree
  if (setAside.length > 0) {
    tree = await restore(ctx, work.inputTree, tree, setAside)
    await work.workspace.checkoutTree(tree)
  }
  const nothing = (): Result<Committed, Problem> =>
    work.mayBeEmpty ? ok({ commit: undefined, changed: [], tree, notes }) : err(emptyDiff(setAside))
  if (changed.length === 0) return nothing()
  const hooked = await runHooks(ctx, work.workspace, work.message)
  if (!hooked.ok) return hooked
  if (hooked.value.ran) tree = await work.workspace.snapshot()

  const { head } = ctx.book.progress
  const headTree = await repository.treeOf(head)
  const merged = await onto(ctx, { inputTree: work.inputTree, outputTree: tree, headTree })
  if (!merged.ok) return merged
  if (merged.value === headTree) return nothing()
  const at = Math.floor(ctx.ports.clock.now() / 1000)
  const message = hooked.value.message
  const sha = await repository.commit({ tree: merged.value, parents: [head], message, at })
  return ok({ commit: { sha, subject: message.split('\n')[0] ?? '' }, changed, tree, notes })
}

async function gateChanges(
  ctx: PhaseContext,
  found: Change[],
  tree: Sha,
): Promise<Result<{ setAside: string[]; notes: string[] }, Problem>> {
  const { input, ports } = ctx
  const links = new Map<string, string | undefined>()
  for (const change of found) {
    if (change.mode === '120000') links.set(change.path, await ports.repository.readFile(tree, change.path))
  }
  const checked = checkChanges(found, {
    planDir: input.planDir,
    planFiles: input.planFiles,
    handoff: input.contract.handoff.file,
    progressLog: input.contract.progress.file,
    protectedPaths: input.config.protectedPaths,
    readSymlink: (path) => links.get(path),
  })
  const problems = checked.problems.filter((problem) => problem.reason !== 'empty-diff')
  if (problems.length > 0) {
    return err({
      reason: problems[0]?.reason ?? 'diff',
      message: problems.map((problem) => problem.message).join('\n'),
      hint: problems[0]?.hint ?? '',
    })
  }
  const { setAside } = checked
  const notes = setAside.map((path) => `A change of ${path} was set aside: Orchestrate writes it itself.`)
  return ok({ setAside, notes })
}

/** The tree with these paths as they were before. */
async function restore(ctx: PhaseContext, before: Sha, after: Sha, paths: string[]): Promise<Sha> {
  const texts = new Map<string, string | undefined>()
  for (const path of paths) texts.set(path, await ctx.ports.repository.readFile(before, path))
  return await ctx.ports.repository.writeFiles(after, texts)
}

/** The project's own hooks, as `git commit` would run them. `ran`: the directory may hold what they changed. */
export async function runHooks(
  ctx: PhaseContext,
  workspace: Workspace,
  message: string,
): Promise<Result<{ ran: boolean; message: string }, Problem>> {
  const before = await ctx.ports.repository.runHook('pre-commit', workspace)
  if (!before.ok) return err(refusedBy('pre-commit', before.output))
  const named = await ctx.ports.repository.runHook('commit-msg', workspace, message)
  if (!named.ok) return err(refusedBy('commit-msg', named.output))
  return ok({ ran: before.ran, message: named.message ?? message })
}

/**
 * The step's work on the branch's tip as it is now. Where the tip is what the step began with, its output is taken whole;
 * else a three-way merge, in memory, of what it changed.
 */
export async function onto(
  ctx: PhaseContext,
  trees: { inputTree: Sha; outputTree: Sha; headTree: Sha },
): Promise<Result<Sha, Problem>> {
  if (trees.inputTree === trees.headTree) return ok(trees.outputTree)
  const { repository } = ctx.ports
  const commit = (tree: Sha, parents: Sha[]): Promise<Sha> =>
    repository.commit({ tree, parents, message: 'a step in memory\n', at: 0 })
  const base = await commit(trees.inputTree, [])
  const merged = await repository.merge(
    base,
    await commit(trees.headTree, [base]),
    await commit(trees.outputTree, [base]),
  )
  if (merged.ok) return ok(merged.tree)
  return err({
    reason: 'unit-collision',
    message: `Its changes collide with those of a unit that ran beside it, in ${merged.conflicts.join(', ')}.`,
    hint: 'It runs again by itself, alone.',
  })
}

const emptyDiff = (setAside: string[]): Problem => ({
  reason: 'empty-diff',
  message:
    setAside.length > 0
      ? `Nothing was changed but ${setAside.join(', ')}, which only Orchestrate writes.`
      : 'Nothing was changed.',
  hint: 'Do it by hand in the worktree of the phase, or make the task say what is to change.',
})

const refusedBy = (hook: string, output: string): Problem => ({
  reason: 'commit-refused',
  message: `The ${hook} hook refused the commit:\n${output.trim().split('\n').slice(-20).join('\n')}`,
  hint: 'The work stands in the worktree of the phase, uncommitted. Mend what the hook names there.',
})
