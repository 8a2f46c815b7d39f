import type { Problem, RecordedUnit } from '../model/event.ts'
import { refSegment } from '../model/ids.ts'
import type { Workspace } from '../ports.ts'
import { runAgentStep, type StepRun } from './agent-step.ts'
import { unitMessage } from './commit-message.ts'
import { commitWork } from './commit-work.ts'
import type { PhaseContext } from './phase-context.ts'
import { advance, currentTree, recordFailure } from './record-step.ts'
import { savedRef } from './phase-context.ts'

/**
 * Implements a batch of units. One alone works in the phase's own directory; several each get one of their own, so that none
 * sees another half done and each diff is its own. Every unit is committed and recorded as it ends; one that fails does not
 * stop the others.
 */
export async function implement(ctx: PhaseContext, units: RecordedUnit[]): Promise<void> {
  const [first] = units
  if (first && units.length === 1)
    return await implementOne(ctx, first, ctx.workspace, async (work) => await work())
  const { repository } = ctx.ports
  const { head } = ctx.book.progress
  const inOrder = oneAfterTheOther()
  const name = (unit: RecordedUnit): string =>
    `phase-${refSegment(ctx.input.phase.id)}.${refSegment(unit.id)}`
  const runs = units.map(async (unit) => {
    const workspace = await repository.workspaces.open(ctx.input.run, name(unit), head)
    await workspace.reset(head, savedRef(ctx.input.run, ctx.input.phase.id, ctx.input.attempt))
    await implementOne(ctx, unit, workspace, inOrder)
    await repository.workspaces.remove(workspace)
  })
  const ended = await Promise.allSettled(runs)
  for (const end of ended) if (end.status === 'rejected') throw end.reason
  await advance(ctx)
}

async function implementOne(
  ctx: PhaseContext,
  unit: RecordedUnit,
  workspace: Workspace,
  inOrder: (work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const { input, book } = ctx
  const alone = workspace === ctx.workspace
  const inputTree = alone ? await currentTree(ctx) : await ctx.ports.repository.treeOf(book.progress.head)
  const run = await runAgentStep(ctx, {
    step: 'implement',
    unit: unit.id,
    workspace,
    inputTree,
    snapshot: () => workspace.snapshot(),
    prompt: implementPrompt(ctx, unit),
  })
  await inOrder(async () => {
    const problem = await integrate(ctx, unit, workspace, run)
    if (problem) await recordFailure(ctx, run.end, problem, run.files, workspace)
    else if (alone) await advance(ctx)
  })

  async function integrate(
    ctx: PhaseContext,
    unit: RecordedUnit,
    workspace: Workspace,
    run: StepRun<'implement'>,
  ): Promise<Problem | undefined> {
    if (!run.artifact.ok) return run.artifact.error
    const facts = {
      run: input.run,
      phase: input.phase.id,
      step: 'implement' as const,
      attempt: input.attempt,
    }
    const committed = await commitWork(ctx, {
      workspace,
      inputTree: run.end.inputTree,
      outputTree: run.end.outputTree,
      message: unitMessage(input.phase, unit, facts),
      mayBeEmpty: false,
    })
    if (!committed.ok) return about(unit, committed.error)
    const { summary, decisions, questions } = run.artifact.value
    const { commit, notes } = committed.value
    await book.append(
      {
        ...run.end,
        type: 'step-passed',
        commits: commit ? [commit] : [],
        summary,
        decisions: decisions ?? [],
        questions: questions ?? [],
        findings: [],
        criteria: [],
        reopened: [],
        dispositions: [],
        notes,
      },
      new Map<string, string | { tree: typeof inputTree }>([
        ...run.files,
        ['work', { tree: run.end.outputTree }],
      ]),
    )
    if (commit) ctx.ports.reporter.emit({ type: 'commit', phase: input.phase.id, ...commit })
    return undefined
  }
}

function about(unit: RecordedUnit, problem: Problem): Problem {
  const name = unit.id === '' ? unit.title : `${unit.kind} ${unit.id}`
  return { ...problem, message: `${name}: ${problem.message}` }
}

export function implementPrompt(ctx: PhaseContext, unit: RecordedUnit) {
  const { input, book } = ctx
  const spec = input.phase.specs.find((s) => unit.kind === 'spec' && s.name === unit.id)
  const task = input.phase.tasks.find((t) => unit.kind === 'task' && t.id === unit.id)
  const earlier = input.mode === 'continue' && book.earlier ? lastProblem(ctx) : undefined
  return {
    phaseText: spec ? '' : input.phase.text,
    unit: {
      id: unit.id,
      title: spec?.overview || task?.title || unit.title,
      kind: unit.kind,
      files: unit.files,
      text: spec?.text ?? '',
    },
    criteria: spec ? [...spec.requirements, ...spec.criteria] : input.criteria,
    tasks: (spec?.tasks ?? (task ? [task] : input.phase.tasks)).map(({ id, title }) => ({ id, title })),
    specs: input.phase.specs.map(({ name, overview }) => ({ name, overview })),
    documents: input.documents,
    sheets: input.sheets,
    skills: input.skills,
    decisions: [...input.decisions, ...book.progress.decisions],
    phaseFiles: input.phase.files,
    otherUnits: input.units.filter((u) => u.id !== unit.id).map((u) => u.title),
    templates: { phasePrompt: input.contract.phasePrompt, continuation: continuationTemplate(ctx) },
    handoff: input.handoff,
    continuation: earlier,
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
