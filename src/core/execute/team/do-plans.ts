import type { RecordedUnit } from '../../model/event.ts'
import type { Sha } from '../../model/ids.ts'
import { list } from '../../text/display.ts'
import { runAgentStep, type Skipped, type StepRun } from '../agent-step.ts'
import { implementPrompt } from '../do-implement.ts'
import { wholePhase } from '../do-checks.ts'
import type { PhaseContext } from '../phase-context.ts'
import { planText } from '../plan-text.ts'
import { clean, recordPass } from '../record-step.ts'

/** Workers say how they would do their units, side by side; each reads only. A plan is recorded as it comes: a kill loses no other. */
export async function plan(ctx: PhaseContext, units: RecordedUnit[]): Promise<void> {
  const inputTree = ctx.directory.tree
  const ended = await Promise.allSettled(units.map((unit) => planOne(ctx, unit, inputTree)))
  // What one of them changed all the same would be in the directory of those that work.
  await putBack(ctx, { inputTree, outputTree: await ctx.workspace.snapshot() })
  // One that was cut off is made again alone: the others are recorded.
  for (const end of ended) if (end.status === 'rejected') throw end.reason
}

async function planOne(ctx: PhaseContext, unit: RecordedUnit, inputTree: Sha): Promise<void> {
  const { book, board, workspace } = ctx
  const before = book.progress.team?.proposals.get(unit.id)
  const run = await runAgentStep(ctx, {
    step: 'lead',
    unit: unit.id,
    access: 'read-only',
    workspace,
    inputTree,
    snapshot: () => Promise.resolve(inputTree),
    prompt: {
      ...implementPrompt(ctx, unit),
      team: {
        role: 'plan',
        ...(before === undefined ? {} : { rejected: { plan: before.text, note: before.note } }),
        discoveries: board?.discoveries(unit.id) ?? [],
      },
    },
  })
  if (!run.artifact.ok) return await fail(ctx, run, run.artifact.error)
  const { summary, plan: text = summary, questions = [], discoveries = [] } = run.artifact.value
  const nothing = { commits: [], tree: inputTree, notes: [] }
  await recordPass(ctx, run, nothing, { summary, plan: text, questions, discoveries })
  board?.changed()
}

/** The lead judges what was planned. It is asked once more for what it says nothing about; then it has nothing against it. */
export async function approve(ctx: PhaseContext, units: RecordedUnit[]): Promise<void> {
  const { input, book } = ctx
  const inputTree = ctx.directory.tree
  const run = await runAgentStep(ctx, {
    step: 'lead',
    unit: '',
    access: 'read-only',
    workspace: ctx.workspace,
    inputTree,
    snapshot: () => ctx.workspace.snapshot(),
    skipped: ({ verdicts = [] }) => Promise.resolve(notJudged(units, verdicts)),
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
  await putBack(ctx, run.end)
  run.end.outputTree = inputTree
  if (!run.artifact.ok) return await fail(ctx, run, run.artifact.error)
  const { summary, verdicts: said = [], decisions = [], discoveries = [] } = run.artifact.value
  const verdicts = units.map(({ id }) => {
    const verdict = said.find(({ unit }) => unit === id)
    return verdict === undefined
      ? { unit: id, approved: true, note: 'The lead said nothing about it.' }
      : { unit: id, approved: verdict.approved, note: verdict.note ?? '' }
  })
  await recordPass(
    ctx,
    run,
    { commits: [], tree: inputTree, notes: [] },
    { summary, verdicts, decisions, discoveries },
  )
  ctx.board?.changed()
}

function notJudged(units: readonly RecordedUnit[], verdicts: readonly { unit: string }[]): Skipped[] {
  const missing = units.filter(({ id }) => !verdicts.some(({ unit }) => unit === id)).map(({ id }) => id)
  if (missing.length === 0) return []
  return [
    {
      message: `There is no verdict on the plan for ${list(missing, 20)}.`,
      hint: 'Each plan gets one under `verdicts`, with the id of its unit as it is written.',
    },
  ]
}

/** Who only talks changes nothing: a directory that did change is put back, and what was said still counts. */
async function putBack(
  ctx: PhaseContext,
  { inputTree, outputTree }: { inputTree: Sha; outputTree: Sha },
): Promise<void> {
  if (outputTree === inputTree) return
  const isTip = inputTree === (await ctx.ports.repository.treeOf(ctx.book.progress.head))
  if (isTip) await clean(ctx)
  else await ctx.workspace.checkoutTree(inputTree)
}

const fail = async (
  ctx: PhaseContext,
  { end, files }: StepRun<'lead'>,
  problem: { reason: string; message: string; hint: string },
): Promise<void> => {
  await ctx.book.append({ ...end, type: 'step-failed', problem }, files)
}
