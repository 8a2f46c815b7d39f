import type { Problem } from '../model/event.ts'
import type { Sha } from '../model/ids.ts'
import { mergeMessage, syncMessage } from './commit-message.ts'
import { checkDeletions } from './diff-gate.ts'
import type { PhaseContext } from './phase-context.ts'
import { enforceLog } from './progress-log.ts'
import { phaseResult } from './phase-result.ts'
import { phaseRef } from './phase-book.ts'
import { clean, moveBranch } from './record-step.ts'

export interface Stop {
  problem: Problem
  conflicts: string[]
}

/** The plan branch moved since this phase forked: its tip comes into the phase branch, to be built and tested as merged. */
export async function sync(ctx: PhaseContext, planTip: Sha): Promise<Stop | undefined> {
  const { input, ports, book } = ctx
  const { head } = book.progress
  if (await ports.repository.isAncestor(planTip, head)) {
    // A person merged it by hand, to settle a conflict.
    await book.append({ type: 'synced', planTip, commit: head })
    return undefined
  }
  const base = (await ports.repository.mergeBase(head, planTip)) ?? book.progress.base
  let merged = await ports.repository.merge(base, head, planTip)
  const { beforeDocs } = book.progress
  // Phases beside each other refresh the same map: what another one wrote there stays, and ours is done again on top of it.
  const withoutDocs = !merged.ok && beforeDocs !== undefined
  if (withoutDocs) merged = await ports.repository.merge(base, beforeDocs, planTip)
  if (!merged.ok) {
    return {
      conflicts: merged.conflicts,
      problem: {
        reason: 'merge-conflict',
        message: `Phase ${input.phase.id} conflicts with what was merged meanwhile, in ${merged.conflicts.join(', ')}.`,
        hint:
          ctx.around.elsewhere === true
            ? `Check out ${input.branch}, run \`git merge ${planTip.slice(0, 12)}\`, settle the conflicts, commit and push.`
            : `In the worktree of the phase, run \`git merge ${planTip.slice(0, 12)}\`, settle the conflicts and commit.`,
      },
    }
  }
  const facts = { run: input.run, phase: input.phase.id, step: 'sync' as const, attempt: input.attempt }
  const commit = await ports.repository.commit({
    tree: merged.tree,
    parents: [head, planTip],
    message: syncMessage(input.phase, facts),
    at: Math.floor(ports.clock.now() / 1000),
  })
  await book.append({ type: 'synced', planTip, commit, ...(withoutDocs ? { withoutDocs } : {}) })
  await moveBranch(ctx)
  await clean(ctx)
  return undefined
}

/**
 * Merges the phase into the plan branch: `--no-ff`, in memory, by compare-and-swap. The branch contains the plan's tip (see
 * `sync`), so what is merged is what was built and tested; plan files, hand-off and log are written in the same commit.
 * `moved`: another phase was faster, look again.
 */
export async function merge(ctx: PhaseContext, planTip: Sha): Promise<Stop | 'moved' | Sha> {
  const { input, ports, book, around } = ctx
  const { head } = book.progress
  const changes = await ports.repository.changes(planTip, head)
  const deleted = checkDeletions(changes, input.phase.files)
  if (deleted.length > 0) {
    return {
      conflicts: [],
      problem: {
        reason: deleted[0]?.reason ?? 'deletions',
        message: deleted.map((problem) => problem.message).join('\n'),
        hint: deleted[0]?.hint ?? '',
      },
    }
  }
  const { file } = input.contract.progress
  const log = await enforceLog(
    ctx,
    { before: planTip, now: head },
    `\`git checkout ${planTip.slice(0, 12)} -- ${file}\` ${around.elsewhere === true ? `on ${input.branch}` : 'in the worktree of the phase'} puts it back as it was.`,
  )
  if (log.stop) return { conflicts: [], problem: log.stop }
  const at = ports.clock.now()
  const completed = phaseResult(ctx, { status: 'completed', at })
  const notes = log.note === undefined ? [] : [log.note]
  const result = { ...completed, notes: [...completed.notes, ...notes] }
  const tree = await ports.repository.treeOf(head)
  const texts = await around.record(result, { tree, files: changes.map((change) => change.path) })
  const facts = { run: input.run, phase: input.phase.id, step: 'merge' as const, attempt: input.attempt }
  const commit = await ports.repository.commit({
    tree: texts.size > 0 ? await ports.repository.writeFiles(tree, texts) : tree,
    parents: [planTip, head],
    message: mergeMessage(input.phase, facts, body(result)),
    at: Math.floor(at / 1000),
  })
  const done = await around.merge({
    from: planTip,
    merge: commit,
    head,
    result: { ...result, merge: commit },
    usage: book.progress.usage,
  })
  if (!done) return 'moved'
  await book.append({
    type: 'attempt-merged',
    planTip,
    merge: commit,
    ...(notes.length > 0 ? { notes } : {}),
  })
  return commit
}

function body(result: {
  build: { status: string }
  tests: { status: string; counts?: { passed: number } }
  fixesApplied: unknown[]
  deferred: unknown[]
}): string {
  const tests = result.tests.counts
    ? `${result.tests.status} (${result.tests.counts.passed} passed)`
    : result.tests.status
  return `Build: ${result.build.status}. Tests: ${tests}. Fixed: ${result.fixesApplied.length}. Deferred: ${result.deferred.length}.`
}

/** What a checkpoint publishes of a phase: its branch and its chain, which belong together. */
export function checkpointRefs(ctx: PhaseContext): { ref: string; sha: Sha }[] {
  const { book, input } = ctx
  const { head, branch } = book.progress
  const chain =
    book.head === undefined
      ? []
      : [{ ref: phaseRef(input.run, input.phase.id, input.attempt), sha: book.head }]
  return [...chain, { ref: `refs/heads/${branch}`, sha: head }]
}
