import type { RecordedUnit } from '../../model/event.ts'
import { runAgentStep, type StepRun } from '../agent-step.ts'
import { implementPrompt } from '../do-implement.ts'
import { wholePhase } from '../do-checks.ts'
import type { PhaseContext } from '../phase-context.ts'
import { planText } from '../plan-text.ts'
import { clean, recordPass } from '../record-step.ts'
import { jointSnapshot } from '../joint-snapshot.ts'

/** Workers say how they would do their units, side by side; each reads only. */
export async function plan(ctx: PhaseContext, units: RecordedUnit[]): Promise<void> {
  const inputTree = ctx.directory.tree
  const shared = jointSnapshot(ctx.workspace, units.length)
  const ended = await Promise.allSettled(
    units.map((unit) => {
      const before = ctx.book.progress.team?.proposals.get(unit.id)
      return runAgentStep(ctx, {
        step: 'lead',
        unit: unit.id,
        access: 'read-only',
        workspace: ctx.workspace,
        inputTree,
        ...shared,
        prompt: {
          ...implementPrompt(ctx, unit),
          team: {
            role: 'plan',
            ...(before === undefined ? {} : { rejected: { plan: before.text, note: before.note } }),
            discoveries: ctx.board?.discoveries(unit.id) ?? [],
          },
        },
      })
    }),
  )
  const runs = ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  await putBack(ctx, runs)
  for (const run of runs) {
    if (!run.artifact.ok) await fail(ctx, run, run.artifact.error)
    else {
      const { summary, plan: text = summary, questions = [], discoveries = [] } = run.artifact.value
      await recordPass(
        ctx,
        run,
        { commits: [], tree: inputTree, notes: [] },
        { summary, plan: text, questions, discoveries },
      )
    }
  }
  ctx.board?.changed()
  // One that was cut off is made again alone: the others are recorded.
  for (const end of ended) if (end.status === 'rejected') throw end.reason
}

/** The lead judges what was planned. A plan that it says nothing about it has nothing against. */
export async function approve(ctx: PhaseContext, units: RecordedUnit[]): Promise<void> {
  const { input, book } = ctx
  const inputTree = ctx.directory.tree
  const run = await runAgentStep(ctx, {
    step: 'lead',
    unit: '',
    access: 'read-only',
    workspace: ctx.workspace,
    inputTree,
    ...jointSnapshot(ctx.workspace, 1),
    prompt: {
      ...implementPrompt(ctx, wholePhase(ctx)),
      unit: undefined,
      phaseText: planText(input.phase),
      team: {
        role: 'approve',
        plans: units.map(({ id, title }) => ({
          unit: id,
          title,
          text: book.progress.team?.proposals.get(id)?.text ?? '',
        })),
        discoveries: ctx.board?.discoveries('') ?? [],
      },
    },
  })
  await putBack(ctx, [run])
  if (!run.artifact.ok) return await fail(ctx, run, run.artifact.error)
  const { summary, verdicts: said = [], decisions = [], discoveries = [] } = run.artifact.value
  const verdicts = units.map(({ id }) => {
    const verdict = said.find(({ unit }) => unit === id)
    return { unit: id, approved: verdict?.approved ?? true, note: verdict?.note ?? '' }
  })
  await recordPass(
    ctx,
    run,
    { commits: [], tree: inputTree, notes: [] },
    { summary, verdicts, decisions, discoveries },
  )
  ctx.board?.changed()
}

/** Who only talks changes nothing: a directory that did change is put back, and what was said still counts. */
async function putBack(ctx: PhaseContext, runs: StepRun<'lead'>[]): Promise<void> {
  const { ports, workspace } = ctx
  if (runs.every(({ end }) => end.outputTree === end.inputTree)) return
  const { inputTree } = runs[0]?.end ?? { inputTree: ctx.directory.tree }
  const isTip = inputTree === (await ports.repository.treeOf(ctx.book.progress.head))
  if (isTip) await clean(ctx)
  else await workspace.checkoutTree(inputTree)
  for (const { end } of runs) end.outputTree = inputTree
}

const fail = async (
  ctx: PhaseContext,
  { end, files }: StepRun<'lead'>,
  problem: { reason: string; message: string; hint: string },
): Promise<void> => {
  await ctx.book.append({ ...end, type: 'step-failed', problem }, files)
}
