import type { Problem } from '../model/event.ts'
import { err, ok, type Result } from '../model/result.ts'
import { runAgentStep, type StepRun } from './agent-step.ts'
import { CODEBASE_MAP } from './codebase-map.ts'
import { stepMessage } from './commit-message.ts'
import { type Committed, commitWork } from './commit-work.ts'
import { changedFiles } from './do-checks.ts'
import type { PhaseContext } from './phase-context.ts'
import { callsOf } from './phase-progress.ts'
import { planText } from './plan-text.ts'
import { recordFailure, recordPass } from './record-step.ts'
import { sha256 } from './sha256.ts'

const STEP = 'resolve-docs'
const DIFF_BYTES = 60_000

/**
 * Brings the codebase map up to date with what the phase changed, as the last thing before its merge. It never stops the phase:
 * what goes wrong is recorded, stands in the notes of the result, and the map stays as it was.
 */
export async function refreshDocs(ctx: PhaseContext): Promise<void> {
  const { book, input, workspace, ports } = ctx
  const left = ctx.around.moneyLeft()
  if (left !== undefined && left <= 0) return await leaveOut(ctx)
  const { base, head } = book.progress
  const run = await runAgentStep(ctx, {
    step: STEP,
    unit: '',
    workspace,
    inputTree: ctx.directory.tree,
    snapshot: () => workspace.snapshot(),
    prompt: {
      phaseText: planText(input.phase),
      changedFiles: await changedFiles(ctx),
      diff: await ports.repository.patch(base, head, DIFF_BYTES),
    },
  })
  const committed = run.artifact.ok ? await commitMap(ctx, run) : run.artifact
  if (committed.ok) {
    const summary = run.artifact.ok ? run.artifact.value.summary : ''
    return await recordPass(ctx, run, committed.value, { summary })
  }
  await recordFailure(ctx, run.end, committed.error, run.files)
  tell(ctx, committed.error)
}

/** A commit of the map alone. What the agent changed besides is set aside; the record keeps it. */
async function commitMap(ctx: PhaseContext, run: StepRun<typeof STEP>): Promise<Result<Committed, Problem>> {
  const { input, workspace, ports } = ctx
  const { inputTree, outputTree } = run.end
  const found = await ports.repository.changes(inputTree, outputTree)
  const map = found.find(({ path }) => path === CODEBASE_MAP)
  if (map && (map.kind !== 'modified' || !map.mode.startsWith('100'))) {
    return err({
      reason: 'docs-map-gone',
      message: `${STEP} left no file at ${CODEBASE_MAP}.`,
      hint: 'The map is brought up to date, never removed or replaced by a link.',
    })
  }
  const others = found.map(({ path }) => path).filter((path) => path !== CODEBASE_MAP)
  let tree = outputTree
  if (others.length > 0) {
    const text = map && (await ports.repository.readFile(outputTree, CODEBASE_MAP))
    tree =
      text === undefined
        ? inputTree
        : await ports.repository.writeFiles(inputTree, new Map([[CODEBASE_MAP, text]]))
    await workspace.checkoutTree(tree)
  }
  const facts = { run: input.run, phase: input.phase.id, step: STEP, attempt: input.attempt } as const
  const committed = await commitWork(ctx, {
    workspace,
    inputTree,
    outputTree: tree,
    message: stepMessage(input.phase, facts),
    mayBeEmpty: true,
  })
  if (!committed.ok) {
    // Nobody mends a map by hand before the merge: what a hook refused does not stay in the directory.
    const { reason, message } = committed.error
    return err({ ...committed.error, ...(reason === 'commit-refused' ? refused(message) : {}) })
  }
  const tip = committed.value.commits.at(-1)
  const hooked = tip ? await ports.repository.changes(ctx.book.progress.head, tip.sha) : []
  const beside = hooked.map(({ path }) => path).filter((path) => path !== CODEBASE_MAP)
  if (beside.length > 0) {
    return err({
      reason: 'docs-elsewhere',
      message: `A hook changed ${beside.slice(0, 5).join(', ')} as the map was committed.`,
      hint: 'Only the map may change after the checks: nothing of it was taken.',
    })
  }
  const note = `${STEP} may change ${CODEBASE_MAP} alone. Set aside: ${others.slice(0, 10).join(', ')}.`
  return ok({
    ...committed.value,
    notes: [...(others.length > 0 ? [note] : []), ...committed.value.notes],
  })
}

const refused = (message: string): Problem => ({ reason: 'docs-refused', message, hint: '' })

/** The money is spent: the step is recorded as one that failed, since the record has to say why it is missing. */
async function leaveOut(ctx: PhaseContext): Promise<void> {
  const { book, ports, directory } = ctx
  const problem = { reason: 'over-budget', message: 'The budget of the run is spent.', hint: '' }
  const call = callsOf(book.progress, STEP) + 1
  await book.append({ type: 'step-started', step: STEP, unit: '', try: call })
  await book.append({
    type: 'step-failed',
    step: STEP,
    unit: '',
    try: call,
    agent: ports.agent.nameFor?.(STEP) ?? ports.agent.name,
    promptHash: sha256(''),
    access: 'edit',
    inputTree: directory.tree,
    outputTree: directory.tree,
    usage: {},
    durationMs: 0,
    problem,
  })
  tell(ctx, problem)
}

const tell = ({ ports, input }: PhaseContext, { message }: Problem): void =>
  ports.reporter.emit({
    type: 'note',
    message: `Phase ${input.phase.id}: The codebase map was not refreshed. ${message}`,
  })
