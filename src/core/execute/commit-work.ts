import type { Problem } from '../model/event.ts'
import type { Sha } from '../model/ids.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { Change, Workspace } from '../ports.ts'
import { checkChanges } from './diff-gate.ts'
import type { PhaseContext } from './phase-context.ts'
import { enforceLog } from './progress-log.ts'
import { movesIn, type NamedChange, splitCommits } from './split-commits.ts'

export interface Committed {
  /** New commits of the phase branch, oldest first; the last is its tip. None where nothing was to commit. */
  commits: { sha: Sha; subject: string }[]
  /** Paths that the step changed and that were taken. */
  changed: string[]
  /** Tree of the directory where the step worked, after gates and hooks. */
  tree: Sha
  notes: string[]
}

/** What a step did to its directory, and how it is to be committed. */
export interface Work {
  workspace: Workspace
  /** The directory's tree when the step began: what a build left there before is not the step's work. */
  inputTree: Sha
  outputTree: Sha
  message: string
  /** Several logical changes become a commit each, where the agent names them; `message` makes one's whole message. */
  named?: { changes: readonly NamedChange[]; message: (subject: string) => string }
  mayBeEmpty: boolean
}

/**
 * Turns what a step did to its directory into commits on the phase branch's tip: gates the whole diff, sets aside what only we may
 * write, runs the project's hooks, and merges the work onto the tip where a sibling moved it. Only objects are written here; the
 * branch follows once the record stands.
 */
export async function commitWork(ctx: PhaseContext, work: Work): Promise<Result<Committed, Problem>> {
  const { repository } = ctx.ports
  const found = await repository.changes(work.inputTree, work.outputTree)
  const gate = await gateChanges(ctx, found, work.outputTree)
  if (!gate.ok) return gate
  const { setAside } = gate.value
  const notes = [...gate.value.notes]
  if (setAside.includes(ctx.input.contract.progress.file)) {
    const trees = { before: work.inputTree, now: work.outputTree }
    const { stop, note } = await enforceLog(
      ctx,
      trees,
      'Only Orchestrate writes it: the change was not taken.',
    )
    if (stop) return err(stop)
    if (note !== undefined) notes.push(note)
  }
  const changed = found.map((change) => change.path).filter((path) => !setAside.includes(path))
  let tree = work.outputTree
  if (setAside.length > 0) {
    tree = await repository.graft(tree, work.inputTree, setAside)
    await work.workspace.checkoutTree(tree)
  }
  const nothing = (): Result<Committed, Problem> =>
    work.mayBeEmpty ? ok({ commits: [], changed: [], tree, notes }) : err(emptyDiff(setAside))
  if (changed.length === 0) return nothing()
  const before = await preCommit(ctx, work.workspace)
  if (!before.ok) return before
  if (before.value.ran) tree = await work.workspace.snapshot()

  const { head } = ctx.book.progress
  const headTree = await repository.treeOf(head)
  const merged = await onto(ctx, { inputTree: work.inputTree, outputTree: tree, headTree })
  if (!merged.ok) return merged
  if (merged.value === headTree) return nothing()
  const steps = await stepsTo(ctx, headTree, merged.value, work)
  const commits = await commitAll(ctx, head, work.workspace, steps.parts)
  if (!commits.ok) return commits
  return ok({ commits: commits.value, changed, tree, notes: [...notes, ...steps.notes] })
}

/** From the branch's tree to the work's: one step, or one for each change that the agent names. */
async function stepsTo(
  ctx: PhaseContext,
  from: Sha,
  to: Sha,
  { message, named }: Work,
): Promise<{ parts: { message: string; tree: Sha }[]; notes: string[] }> {
  const whole = [{ message, tree: to }]
  if (named === undefined || named.changes.length === 0) return { parts: whole, notes: [] }
  const { repository } = ctx.ports
  const changes = await repository.changes(from, to)
  const blobs = new Map<string, string>()
  if (changes.some(({ kind }) => kind === 'deleted')) {
    for (const { path, kind } of changes) {
      if (kind !== 'deleted' && kind !== 'added') continue
      const blob = await repository.resolve(`${kind === 'deleted' ? from : to}:${path}`)
      if (blob !== undefined) blobs.set(path, blob)
    }
  }
  const paths = changes.map(({ path }) => path)
  const split = splitCommits(paths, named.changes, movesIn(changes, blobs))
  const parts: { message: string; tree: Sha }[] = []
  for (const [i, { subject, paths }] of split.parts.entries()) {
    const before = parts.at(-1)?.tree ?? from
    const last = i === split.parts.length - 1
    const tree = last ? to : await repository.graft(before, to, paths)
    // Two files in one place (a file that became a folder) may leave nothing of a part.
    if (tree !== before) parts.push({ message: named.message(subject), tree })
  }
  return { parts: parts.length === 0 ? whole : parts, notes: split.notes }
}

async function commitAll(
  ctx: PhaseContext,
  head: Sha,
  workspace: Workspace,
  parts: { message: string; tree: Sha }[],
): Promise<Result<Committed['commits'], Problem>> {
  const at = Math.floor(ctx.ports.clock.now() / 1000)
  const commits: Committed['commits'] = []
  for (const part of parts) {
    const named = await commitMessage(ctx, workspace, part.message)
    if (!named.ok) return named
    const message = named.value
    const parents = [commits.at(-1)?.sha ?? head]
    const sha = await ctx.ports.repository.commit({ tree: part.tree, parents, message, at })
    commits.push({ sha, subject: message.split('\n')[0] ?? '' })
  }
  return ok(commits)
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
    planOwn: input.planOwn,
    handoff: input.contract.handoff.file,
    // A log that nobody enforces is a file like others.
    progressLog: input.contract.execution.progressEnforcement === 'none' ? '' : input.contract.progress.file,
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

/** The project's own hooks, as `git commit` would run them. `ran`: the directory may hold what they changed. */
export async function runHooks(
  ctx: PhaseContext,
  workspace: Workspace,
  message: string,
): Promise<Result<{ ran: boolean; message: string }, Problem>> {
  const before = await preCommit(ctx, workspace)
  if (!before.ok) return before
  const named = await commitMessage(ctx, workspace, message)
  return named.ok ? ok({ ran: before.value.ran, message: named.value }) : named
}

async function preCommit(
  ctx: PhaseContext,
  workspace: Workspace,
): Promise<Result<{ ran: boolean }, Problem>> {
  const before = await ctx.ports.repository.runHook('pre-commit', workspace)
  return before.ok ? ok({ ran: before.ran }) : err(refusedBy(ctx, 'pre-commit', before.output))
}

async function commitMessage(
  ctx: PhaseContext,
  workspace: Workspace,
  message: string,
): Promise<Result<string, Problem>> {
  const named = await ctx.ports.repository.runHook('commit-msg', workspace, message)
  return named.ok ? ok(named.message ?? message) : err(refusedBy(ctx, 'commit-msg', named.output))
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
  hint: 'Do it by hand, or make the task say what is to change.',
})

const refusedBy = ({ around, input }: PhaseContext, hook: string, output: string): Problem => ({
  reason: 'commit-refused',
  message: `The ${hook} hook refused the commit:\n${output.trim().split('\n').slice(-20).join('\n')}`,
  hint:
    around.elsewhere === true
      ? `What it refused is not on the branch: /fix ${input.phase.id} with what the hook asks for, or push a commit there that it takes. If the hook is wrong, mend it on the default branch, then /retry ${input.phase.id}.`
      : 'The work stands in the worktree of the phase, uncommitted. Mend what the hook names there.',
})
