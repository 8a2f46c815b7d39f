import type { Problem, RecordedUnit } from '../model/event.ts'
import { refSegment, type Sha } from '../model/ids.ts'
import type { Spec } from '../model/plan.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { Workspace } from '../ports.ts'
import { list } from '../text/display.ts'
import { next } from './next.ts'
import { runAgentStep, type StepRun } from './agent-step.ts'
import { unitMessage } from './commit-message.ts'
import { commitWork, onto } from './commit-work.ts'
import type { PhaseContext } from './phase-context.ts'
import { appendPass, clean, moveBranch, recordFailure, recordPass } from './record-step.ts'
import { savedRef } from './phase-context.ts'
import { setUp } from './set-up.ts'
import { planText } from './plan-text.ts'
import type { TeamPart } from './prompts/context.ts'
import { mayChangeNothing, specOf } from './units.ts'
import { worktreeName } from './worktrees.ts'

/**
 * Implements a batch of units. The first works in the phase's own directory; each that runs beside it gets one of its own, so
 * that none sees another half done and each diff is its own. Every unit is committed and recorded as it ends; one that fails
 * does not stop the others.
 */
export async function implement(ctx: PhaseContext, units: RecordedUnit[]): Promise<void> {
  const [first, ...others] = units
  if (first === undefined) return
  const own = { workspace: ctx.workspace, tree: ctx.directory.tree }
  if (others.length === 0) {
    await implementOne(ctx, first, { ...own, beside: false }, async (work) => await work())
    return
  }
  const { repository } = ctx.ports
  const { head } = ctx.book.progress
  // What all of them begin with, also one that begins when a sibling has moved the branch already.
  const tree = await repository.treeOf(head)
  const inOrder = oneAfterTheOther()
  const runs = [
    implementOne(ctx, first, { ...own, beside: true }, inOrder),
    ...others.map(async (unit) => {
      const workspace = await (ctx.ahead.get(unit.id) ?? openUnit(ctx, unit, head))
      ctx.ahead.delete(unit.id)
      // A sibling directory that cannot be made ready fails as its agent will: the phase's own was.
      await setUp(ctx, workspace)
      const end = await implementOne(ctx, unit, { workspace, tree, beside: true }, inOrder)
      // One that cannot go now goes with the phase's own (`removeUnits`).
      if (!end.refused) repository.workspaces.removeSoon(workspace, end.recorded)
      return end
    }),
  ]
  const ended = await Promise.allSettled(runs)
  for (const end of ended) if (end.status === 'rejected') throw end.reason
  const done = ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  // The phase's own directory follows now: while its unit worked, its siblings moved the branch.
  if (!done[0]?.refused) await clean(ctx, done[0]?.recorded)
  for (const { refused } of done) if (refused) await layOver(ctx, refused)
}

/** Begins to make the directories that the first batch of a fresh attempt will ask for. */
export function openAhead({ input, ports, book, ahead }: Opening): void {
  const { base, config } = input
  const tip = { headTree: base, hasMap: false, planTip: base, subprocess: config.subprocess }
  const action = next(book.progress, tip)
  if (action.kind !== 'implement') return
  for (const unit of action.units.slice(1)) {
    const opening = openUnit({ input, ports }, unit, base)
    opening.catch(() => undefined)
    ahead.set(unit.id, opening)
  }
}

type Opening = Pick<PhaseContext, 'input' | 'ports' | 'book' | 'ahead'>

async function openUnit(
  ctx: Pick<PhaseContext, 'input' | 'ports'>,
  unit: RecordedUnit,
  head: Sha,
): Promise<Workspace> {
  const { run, phase, attempt } = ctx.input
  const name = `${worktreeName(phase.id)}.${refSegment(unit.id)}`
  const workspace = await ctx.ports.repository.workspaces.open(run, name, head)
  if (!workspace.fresh) await workspace.reset(head, savedRef(run, phase.id, attempt))
  return workspace
}

/** A unit that ran beside others, and whose commit a hook of the project refused. */
interface Refused {
  workspace: Workspace
  run: StepRun<'implement'>
  problem: Problem
}

/**
 * What a hook refused goes to the phase's own directory, uncommitted: that is where a person mends it. Where it does not fit
 * over what is there it is saved as a commit.
 */
async function layOver(ctx: PhaseContext, { workspace, run, problem }: Refused): Promise<void> {
  const { directory, input, ports, book } = ctx
  const isOwn = workspace === ctx.workspace
  // The hook may have mended some of it before it refused the rest.
  const outputTree = await workspace.snapshot()
  const headTree = isOwn ? await ports.repository.treeOf(book.progress.head) : directory.tree
  const laid = await onto(ctx, { inputTree: run.end.inputTree, outputTree, headTree })
  if (laid.ok) {
    await ctx.workspace.checkoutTree(laid.value)
    directory.tree = laid.value
    await recordFailure(ctx, run.end, problem, run.files)
    if (!isOwn) await workspace.reset(book.progress.head, savedRef(input.run, input.phase.id, input.attempt))
  } else {
    const hint = 'It does not fit over what was done beside it: mend it from its commit.'
    await recordFailure(
      ctx,
      run.end,
      { ...problem, reason: 'commit-refused-beside', hint },
      run.files,
      workspace,
    )
  }
  if (!isOwn) await ports.repository.workspaces.remove(workspace)
}

async function implementOne(
  ctx: PhaseContext,
  unit: RecordedUnit,
  place: { workspace: Workspace; tree: Sha; beside: boolean },
  inOrder: (work: () => Promise<void>) => Promise<void>,
): Promise<{ refused?: Refused; recorded?: Sha }> {
  const { workspace, beside } = place
  const { board } = ctx
  board?.begins(unit.id)
  const run = await runAgentStep(ctx, {
    ...(board === undefined ? {} : { board }),
    step: 'implement',
    unit: unit.id,
    workspace,
    inputTree: place.tree,
    snapshot: () => workspace.snapshot(),
    prompt: { ...implementPrompt(ctx, unit), team: teamPart(ctx, unit) },
  })
  const told = board?.ends(unit.id) ?? []
  let end: { refused?: Refused; recorded?: Sha } = {}
  await inOrder(async () => {
    const integrated = await integrate(ctx, unit, place, run, told)
    if (integrated.ok) end = { recorded: integrated.value }
    else if (integrated.error.reason === 'commit-refused' && beside)
      end = { refused: { workspace, run, problem: integrated.error } }
    else await recordFailure(ctx, run.end, integrated.error, run.files, workspace, told)
    board?.changed()
  })
  return end
}

/** Commits a unit's work onto the phase branch and records it, with the tree that its directory has then; says why not. */
async function integrate(
  ctx: PhaseContext,
  unit: RecordedUnit,
  { workspace, beside }: { workspace: Workspace; beside: boolean },
  run: StepRun<'implement'>,
  told: readonly string[],
): Promise<Result<Sha, Problem>> {
  const { input } = ctx
  if (!run.artifact.ok) return run.artifact
  const facts = { run: input.run, phase: input.phase.id, step: 'implement' as const, attempt: input.attempt }
  const committed = await commitWork(ctx, {
    workspace,
    inputTree: run.end.inputTree,
    outputTree: run.end.outputTree,
    message: unitMessage(input.phase, unit, facts),
    named: {
      changes: run.artifact.value.changes ?? [],
      message: (subject) => unitMessage(input.phase, unit, facts, subject),
    },
    mayBeEmpty: mayChangeNothing(unit) || ctx.book.progress.team?.led === true,
  })
  if (!committed.ok) return err(about(unit, committed.error))
  const { commits, tree } = committed.value
  const notes = [...committed.value.notes, ...(await overlap(ctx, unit, run.end.inputTree, committed.value))]
  const { summary, decisions = [], questions = [], discoveries = [] } = run.artifact.value
  const found = [...new Set([...told, ...discoveries])]
  const said = { summary, decisions, questions, ...(found.length === 0 ? {} : { discoveries: found }) }
  if (!beside) {
    await recordPass(ctx, run, committed.value, said)
    return ok(tree)
  }
  // The phase's own directory follows when the whole batch has ended: its files are the tip's then.
  const left = await ctx.ports.repository.treeOf(commits.at(-1)?.sha ?? ctx.book.progress.head)
  await appendPass(ctx, run, { commits, notes, left }, said)
  await moveBranch(ctx)
  return ok(tree)
}

/** Files that the plan names for neither, and that one which ran beside it changed as well: the two were merged, and people are told. */
async function overlap(
  { ports, book }: PhaseContext,
  { id }: RecordedUnit,
  inputTree: Sha,
  { changed }: { changed: readonly string[] },
): Promise<string[]> {
  const { repository } = ports
  const tip = await repository.treeOf(book.progress.head)
  if (tip === inputTree) return []
  const theirs = new Set((await repository.changes(inputTree, tip)).map(({ path }) => path))
  const both = changed.filter((path) => theirs.has(path))
  if (both.length === 0) return []
  return [`${id} changed ${list(both, 10)} beside another piece that did too: the two changes were merged.`]
}

function about(unit: RecordedUnit, problem: Problem): Problem {
  const kind = { spec: 'Spec', task: 'Task', phase: 'Phase' }[unit.kind]
  const name = unit.id === '' ? unit.title : `${kind} ${unit.id}`
  return { ...problem, message: `${name}: ${problem.message}` }
}

export function implementPrompt(ctx: PhaseContext, unit: RecordedUnit) {
  const { input, book } = ctx
  const spec = specOf(input.phase, unit)
  const task = input.phase.tasks.find((t) => unit.kind === 'task' && t.id === unit.id)
  const earlier = input.mode === 'continue' && book.earlier ? lastProblem(ctx) : undefined
  return {
    phaseText: spec ? '' : planText(input.phase, task),
    unit: {
      id: unit.id,
      title: spec?.overview || task?.title || unit.title,
      kind: unit.kind,
      files: unit.files,
      text: spec?.text ?? '',
      ...(spec && unit.part ? { part: partOf(spec, unit.part) } : {}),
    },
    criteria: spec ? [...spec.requirements, ...spec.criteria] : input.criteria,
    tasks: (spec?.tasks ?? (task ? [task] : input.phase.tasks)).map(({ id, title }) => ({ id, title })),
    specs: input.phase.specs.map(({ name, overview }) => ({ name, overview })),
    documents: input.documents,
    sheets: input.sheets,
    skills: input.skills,
    agent: input.agent,
    decisions: [...input.decisions, ...book.progress.decisions],
    phaseFiles: input.phase.files,
    otherUnits: input.units.filter((u) => u.id !== unit.id).map((u) => u.title),
    templates: { phasePrompt: input.contract.phasePrompt, continuation: continuationTemplate(ctx) },
    handoff: input.handoff,
    continuation: earlier,
  }
}

/** The items of a part as the spec has them. */
function partOf(spec: Spec, { n, of, items }: NonNullable<RecordedUnit['part']>) {
  const known = new Map([
    ...spec.requirements.map(({ id, text }) => [id, text] as const),
    ...spec.tasks.map(({ id, title }) => [id, title] as const),
  ])
  return { n, of, items: items.map((id) => ({ id, text: known.get(id) ?? '' })) }
}

/** What a worker of a team gets to know beside its task. */
function teamPart({ book, board }: PhaseContext, { id }: RecordedUnit): TeamPart | undefined {
  const { team } = book.progress
  if (team === undefined || board === undefined) return undefined
  const plan = team.proposals.get(id)
  return {
    discoveries: board.discoveries(id),
    stuck: team.stuck.get(id),
    ...(plan?.state === 'approved' ? { approved: { plan: plan.text, note: plan.note } } : {}),
  }
}

const continuationTemplate = (ctx: PhaseContext): string | undefined =>
  ctx.input.contract.execution.continuationPrompt ? ctx.input.contract.continuationTemplate : undefined

/** Why there is another attempt: what stopped the one before. */
function lastProblem(ctx: PhaseContext): { reason: string; message: string } | undefined {
  const problem = ctx.book.progress.before
  return problem && { reason: problem.reason, message: problem.message }
}

function oneAfterTheOther(): (work: () => Promise<void>) => Promise<void> {
  let queue: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = queue.then(work)
    queue = done.catch(() => undefined)
    return done
  }
}
