import type { Sha } from '../model/ids.ts'
import { ok, type Result, unreachable } from '../model/result.ts'
import { Interrupted, NoRoom, overBudget } from './call-agent.ts'
import { begin, isFresh, startFresh } from './begin.ts'
import { treeFacts } from './codebase-map.ts'
import { fixCheck, runCheck } from './do-checks.ts'
import { refreshDocs } from './do-docs.ts'
import { fix } from './do-fixes.ts'
import { implement } from './do-implement.ts'
import { checkpointRefs, merge, type Stop, sync } from './do-merge.ts'
import { diffAhead, review, verify } from './do-reviews.ts'
import { wholePhase } from './do-whole-phase.ts'
import { type Action, next } from './next.ts'
import { PhaseBook } from './phase-book.ts'
import {
  type PhaseContext,
  type PhaseEnd,
  type PhaseInput,
  type PhasePorts,
  type RunAround,
} from './phase-context.ts'
import { phaseResult } from './phase-result.ts'
import { ForeignCommit } from './record-step.ts'
import { setUp } from './set-up.ts'
import { spentSoFar } from './spending.ts'
import { TeamBoard } from './team/board.ts'
import { lead } from './team/do-lead.ts'
import { approve, plan } from './team/do-plans.ts'
import { removeUnits, worktreeName } from './worktrees.ts'

export interface PhaseOptions {
  /** Pauses the phase before an action of this kind (`phase --step`). */
  pauseBefore?: (action: Action) => boolean
}

/**
 * One phase from its claim to its merge or to the question it stops with. What to do next always follows from the record
 * (`next.ts`); this loop does it, and every action records its own end.
 */
export async function runPhase(
  input: PhaseInput,
  ports: PhasePorts,
  around: RunAround,
  options: PhaseOptions = {},
): Promise<Result<PhaseEnd>> {
  const opened = await PhaseBook.open(
    { run: input.run, phase: input.phase.id, attempt: input.attempt },
    ports,
  )
  if (!opened.ok) return opened
  const book = opened.value
  const from = book.earlier && (book.begun || input.mode === 'continue') ? book.earlier.head : input.base
  const name = worktreeName(input.phase.id)
  const fresh = isFresh({ input, book })
  // An attempt from scratch is recorded while its directory is made.
  const ahead: PhaseContext['ahead'] = new Map()
  const started = fresh ? startFresh({ input, book, ports, ahead }) : Promise.resolve()
  const [made] = await Promise.allSettled([ports.repository.workspaces.open(input.run, name, from), started])
  if (made.status === 'rejected') throw made.reason
  const workspace = made.value
  const directory = { tree: await ports.repository.treeOf(from) }
  const board = input.team === undefined ? undefined : new TeamBoard(() => book.progress)
  const ctx: PhaseContext = {
    ...{ input, ports, around, book, workspace, directory, ahead },
    ...(board === undefined ? {} : { board }),
  }
  try {
    await started
    const refused = await begin(ctx, fresh)
    ports.reporter.emit({
      type: 'phase-started',
      phase: input.phase.id,
      title: input.phase.title,
      attempt: input.attempt,
      at: ports.clock.now(),
      branch: input.branch,
      path: workspace.path,
    })
    return ok(refused ? await stop(ctx, { problem: refused, conflicts: [] }) : await loop(ctx, options))
  } catch (error) {
    if (error instanceof Interrupted) return ok({ kind: 'interrupted' })
    if (error instanceof NoRoom) return ok(waiting(ctx, error))
    if (error instanceof ForeignCommit) return ok(await stop(ctx, foreign(error)))
    throw error
  } finally {
    // Of a phase that stopped before its first batch.
    for (const opened of ahead.values())
      await opened.then((unit) => ports.repository.workspaces.removeSoon(unit)).catch(() => undefined)
  }
}

async function loop(ctx: PhaseContext, options: PhaseOptions): Promise<PhaseEnd> {
  const { book, ports, around, input } = ctx
  if (book.progress.ended?.kind === 'stopped') return stopped(ctx)
  const notReady = await setUp(ctx, ctx.workspace)
  if (notReady) return await stop(ctx, { problem: notReady, conflicts: [] })
  for (;;) {
    if (ports.signal.aborted) throw new Interrupted()
    const facts = await treeFacts(ports.repository, book.progress)
    const planTip = await around.planTip()
    const action = next(book.progress, { ...facts, planTip, subprocess: input.config.subprocess })
    // Steps that ran beside each other told their cost one by one: here it is whole.
    around.onCost(spentSoFar(ctx))
    if (options.pauseBefore?.(action) === true) return paused(ctx)
    const budget = noMoney(ctx, action)
    if (budget) return await stop(ctx, budget)
    const merging = action.kind === 'merge'
    const halted =
      FREE.has(action.kind) && !merging ? undefined : await around.halt?.(merging ? 'merge' : 'step')
    if (halted) return await stop(ctx, { problem: halted, conflicts: [] })
    const end = await perform(ctx, action)
    if (end === 'again') {
      if (milestone(action)) await around.checkpoint(checkpointRefs(ctx))
    } else if (typeof end === 'object') {
      return await stop(ctx, end)
    } else {
      return merged(ctx, end)
    }
  }
}

/** Does one action; says 'again', why the phase stops, or the merge commit. */
async function perform(ctx: PhaseContext, action: Action): Promise<'again' | Stop | Sha> {
  switch (action.kind) {
    case 'implement':
      await implement(ctx, action.units)
      return 'again'
    case 'whole-phase':
      await wholePhase(ctx)
      return 'again'
    case 'plan':
      await plan(ctx, action.units)
      return 'again'
    case 'approve':
      await approve(ctx, action.units)
      return 'again'
    case 'lead':
      await lead(ctx, action.units)
      return 'again'
    case 'check': {
      const problem = await runCheck(ctx, action.check, () => diffAhead(ctx))
      return problem ? { problem, conflicts: [] } : 'again'
    }
    case 'fix-check':
      await fixCheck(ctx, action.check, action.step)
      return 'again'
    case 'review':
      await review(ctx, action.steps)
      return 'again'
    case 'fix':
      await fix(ctx, action.pass, action.findings)
      return 'again'
    case 'verify':
      await verify(ctx, action.findings)
      return 'again'
    case 'docs':
      await refreshDocs(ctx)
      return 'again'
    case 'sync':
      return (await sync(ctx, action.planTip)) ?? 'again'
    case 'merge': {
      const done = await merge(ctx, action.planTip)
      return done === 'moved' ? 'again' : done
    }
    case 'stop':
      return { problem: action.problem, conflicts: [] }
    default:
      return unreachable(action)
  }
}

/** After these the remote hears of it, where there is one: at most 6 pushes a phase. */
const milestone = (action: Action): boolean =>
  action.kind === 'implement' ||
  action.kind === 'whole-phase' ||
  action.kind === 'lead' ||
  action.kind === 'review' ||
  action.kind === 'fix'

/** What costs nothing; and the refresh of documents, which is left out where there is no money, so that the phase is merged. */
const FREE: ReadonlySet<Action['kind']> = new Set(['check', 'sync', 'merge', 'stop', 'docs'])

function noMoney(ctx: PhaseContext, action: Action): Stop | undefined {
  const left = ctx.around.moneyLeft()
  if (FREE.has(action.kind) || left === undefined || left > 0) return undefined
  return {
    conflicts: [],
    problem: overBudget(action.kind),
  }
}

function paused(ctx: PhaseContext): PhaseEnd {
  const { usage, updatedAt } = ctx.book.progress
  return { kind: 'paused', result: phaseResult(ctx, { status: 'in_progress', at: updatedAt }), usage }
}

const waiting = ({ book }: PhaseContext, { until, why }: NoRoom): PhaseEnd => ({
  ...{ kind: 'waiting', until, why, usage: book.progress.usage },
})

async function stop(ctx: PhaseContext, why: Stop): Promise<PhaseEnd> {
  const { book, ports, input, workspace, around } = ctx
  const where =
    around.elsewhere === true
      ? `Branch: ${input.branch}. What you push there is taken over by /resume ${input.phase.id}.`
      : `Worktree: ${workspace.path}`
  const problem = { ...why.problem, hint: `${why.problem.hint}\n${where}` }
  await book.append({ type: 'attempt-stopped', problem, conflicts: why.conflicts })
  ports.reporter.emit({
    type: 'phase-stopped',
    phase: input.phase.id,
    attempt: input.attempt,
    ...problem,
    at: ports.clock.now(),
  })
  // What somebody pushed there stays as they left it: our branch is not put over it.
  if (problem.reason !== 'foreign-commit') await around.checkpoint(checkpointRefs(ctx))
  return stopped(ctx)
}

function stopped(ctx: PhaseContext): PhaseEnd {
  const { progress } = ctx.book
  const ended = progress.ended
  if (ended?.kind !== 'stopped') throw new Error('the attempt did not stop')
  const { problem, conflicts } = ended
  const result = phaseResult(ctx, { status: 'needs_user_input', at: progress.updatedAt, problem, conflicts })
  return { kind: 'stopped', problem, result, usage: progress.usage }
}

async function merged(ctx: PhaseContext, commit: Sha): Promise<PhaseEnd> {
  const { book, ports, input, workspace } = ctx
  const { usage } = book.progress
  const result = { ...phaseResult(ctx, { status: 'completed', at: ports.clock.now() }), merge: commit }
  ports.reporter.emit({
    type: 'phase-merged',
    phase: input.phase.id,
    attempt: input.attempt,
    sha: commit,
    at: ports.clock.now(),
    usage,
  })
  await ctx.around.checkpoint(checkpointRefs(ctx))
  ports.repository.workspaces.removeSoon(workspace, book.progress.left)
  const { run, phase, attempt } = input
  await removeUnits(ports.repository.workspaces, { run, phase: phase.id, attempt, head: book.progress.head })
  return { kind: 'merged', result, usage }
}

const foreign = (error: ForeignCommit): Stop => ({
  conflicts: [],
  problem: {
    reason: 'foreign-commit',
    message: error.message,
    hint: 'Nothing of it was used. Look at the branch with `git log`, and move it back, or retry the phase.',
  },
})
