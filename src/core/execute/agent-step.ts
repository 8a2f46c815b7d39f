import type { Problem, StepPassed } from '../model/event.ts'
import { err, type Result } from '../model/result.ts'
import type { Sha } from '../model/ids.ts'
import { addUsage, type Usage } from '../model/step.ts'
import { TooMuch } from '../model/too-much.ts'
import type { AgentRequest, Workspace } from '../ports.ts'
import { accessOf, type Again, type Call, callAgent, Interrupted, modelAsked, NoRoom } from './call-agent.ts'
import type { PhaseContext } from './phase-context.ts'
import { callKey } from './phase-progress.ts'
import type { PromptContext, PromptStep } from './prompts/context.ts'
import { sha256 } from './sha256.ts'
import type { TeamBoard } from './team/board.ts'
import { spentSoFar } from './spending.ts'
import type { ArtifactOf } from './schemas.ts'

/** The fields that every end of a step records, and the artifact that passed its schema. */
export interface StepRun<S extends PromptStep> {
  end: Omit<StepPassed, 'schema' | 'engine' | 'at' | 'type' | RecordedLater>
  artifact: Result<ArtifactOf<S>, Problem>
  files: Map<string, string>
  /** What it had skipped and was sent back for. */
  sentBack: Skipped[]
}
/** What a gate misses in an answer that could be read. */
export type Skipped = Pick<Problem, 'message' | 'hint'>
type RecordedLater =
  | 'commits'
  | 'left'
  | 'summary'
  | 'decisions'
  | 'questions'
  | 'findings'
  | 'criteria'
  | 'reopened'
  | 'dispositions'
  | 'notes'
  | 'reviewed'
  | 'plan'
  | 'verdicts'
  | 'discoveries'
  | 'done'
  | 'stuck'
  | 'log'

export interface StepOrder<S extends PromptStep> {
  step: S
  unit: string
  workspace: Workspace
  inputTree: Sha
  /** Takes the tree afterwards; shared by steps that run beside each other in one directory. */
  snapshot: () => Promise<Sha>
  /** Of steps that come in both kinds; else it follows from the step. */
  access?: 'edit' | 'read-only'
  /** Agents that this one may start. */
  workers?: AgentRequest['workers']
  /** The team's task list, where the agent is a member. */
  board?: TeamBoard
  /** How many units the call does: its time is so many times that of one. */
  times?: number
  /** What the answer and the directory lack. It is sent back for that once; what is missing then is the performer's to deal with. */
  skipped?: (artifact: ArtifactOf<S>) => Promise<Skipped[]>
  /** Told where the step ends without asking for it: those that share the look wait for it no longer. */
  leave?: () => void
  prompt: Omit<PromptContext, 'step' | 'run' | 'attempt' | 'nonce' | 'phase'> & { phaseText?: string }
}

/**
 * One step, one agent process, one context window: renders the prompt, runs the agent, takes the tree, reads the artifact.
 * The gates of the step come after, in its performer. An answer that cannot be read is asked for once more, with what was wrong:
 * that costs less than a phase that stops. Both calls are one step in the record, with the tries counted and the cost summed.
 */
export async function runAgentStep<S extends PromptStep>(
  ctx: PhaseContext,
  order: StepOrder<S>,
): Promise<StepRun<S>> {
  try {
    return await runStep(ctx, order)
  } catch (error) {
    order.leave?.()
    throw error
  }
}

async function runStep<S extends PromptStep>(ctx: PhaseContext, order: StepOrder<S>): Promise<StepRun<S>> {
  const { input, ports, around } = ctx
  const { step, unit } = order
  await goOnFromCut(ctx, order)
  let call = await callWithRoom(ctx, order)
  const calls = [call]
  if (call.refused.length > 0 && step !== 'resolve-docs' && (around.moneyLeft() ?? 1) > 0) {
    call = await callWithRoom(ctx, order, { refused: call.refused })
    calls.push(call)
  }
  const sentBack = call.artifact.ok ? ((await order.skipped?.(call.artifact.value)) ?? []) : []
  if (sentBack.length > 0 && (around.moneyLeft() ?? 1) > 0) {
    const again = await callWithRoom(ctx, order, { skipped: sentBack })
    calls.push(again)
    // What it said before still holds where it now says nothing that can be read.
    if (again.artifact.ok) call = again
  }
  const usage = sumUsage(calls.map((one) => one.usage))
  const durationMs = calls.reduce((sum, one) => sum + one.durationMs, 0)
  const { text } = call
  // One that was not started changed nothing: those beside it do not wait for its look.
  if (!call.ran) order.leave?.()
  const { outputTree, artifact } = call.ran
    ? await treeAfter(order, call.artifact)
    : { ...call, outputTree: order.inputTree }
  if (call.ran)
    ports.reporter.emit({
      type: 'step-finished',
      phase: input.phase.id,
      attempt: input.attempt,
      step,
      unit,
      at: ports.clock.now(),
      ok: artifact.ok,
      durationMs,
      usage,
      ...(artifact.ok ? {} : { note: artifact.error.message }),
    })
  return {
    end: {
      step,
      unit,
      try: call.try,
      agent: ports.agent.nameFor?.(step) ?? ports.agent.name,
      ...modelAsked(input.config, step),
      promptHash: call.promptHash,
      access: accessOf(order),
      inputTree: order.inputTree,
      outputTree,
      usage,
      durationMs,
      ...(text === undefined ? {} : { artifactHash: sha256(text) }),
    },
    artifact,
    sentBack,
    files: new Map(
      calls.flatMap((one): [string, string][] =>
        one.text === undefined ? [] : [[artifactPath(step, unit, one.try), one.text]],
      ),
    ),
  }
}

/** A step that left more than can be recorded has failed, and its files are as they were: they go when the phase begins anew. */
async function treeAfter<S extends PromptStep>(
  order: StepOrder<S>,
  artifact: Call<S>['artifact'],
): Promise<{ outputTree: Sha; artifact: Call<S>['artifact'] }> {
  try {
    return { outputTree: await order.snapshot(), artifact }
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error
    const hint =
      'Generated files belong into .gitignore. `orchestrate resume` begins the step anew without them.'
    const problem = { reason: 'too-large', message: `${order.step} left too much: ${error.message}.`, hint }
    return { outputTree: order.inputTree, artifact: artifact.ok ? err(problem) : artifact }
  }
}

/** What an earlier call of this step had changed when it was cut off is put back, where the step begins from the same files. */
async function goOnFromCut(ctx: PhaseContext, order: StepOrder<PromptStep>): Promise<void> {
  const cut = ctx.book.progress.cut.get(callKey(order.step, order.unit))
  if (cut === undefined || accessOf(order) === 'read-only' || cut.inputTree !== order.inputTree) return
  if (cut.tree !== cut.inputTree) await order.workspace.checkoutTree(cut.tree)
}

/** Waits of one step for a service that does not say for how long: a minute, then twice as long each time. Milliseconds. */
const FIRST_WAIT_MS = 60_000
const LONGEST_WAIT_MS = 15 * 60_000

/**
 * A call, and where the model's service has no room the same call again when it has: it is no fault of the step. What was spent
 * and changed is recorded before anybody waits. Throws `NoRoom` where that takes longer than this process stays.
 */
async function callWithRoom<S extends PromptStep>(
  ctx: PhaseContext,
  order: StepOrder<S>,
  again: Again = {},
): Promise<Call<S>> {
  const { ports, around, book, input } = ctx
  const { step, unit, inputTree } = order
  let since: number | undefined
  for (let nth = 0; ; nth++) {
    const call = await callAgent(ctx, order, again)
    if (call.noRoom === undefined) return call
    const { why, retryAfterMs } = call.noRoom
    const delay = retryAfterMs ?? Math.min(FIRST_WAIT_MS * 2 ** nth, LONGEST_WAIT_MS)
    since ??= ports.clock.now()
    const limit = { until: ports.clock.now() + delay, why }
    const tree = accessOf(order) === 'edit' ? await order.workspace.snapshot() : undefined
    const { try: made, usage, durationMs } = call
    await book.append(
      {
        ...{ type: 'step-cut', why: 'no-room', step, unit, try: made, usage, durationMs, inputTree },
        ...(tree === undefined ? {} : { tree }),
      },
      tree === undefined ? new Map() : new Map([['work', { tree }]]),
    )
    around.onCost(spentSoFar(ctx))
    ports.reporter.emit({
      ...{ type: 'step-waiting', phase: input.phase.id, step, unit, ...limit, at: ports.clock.now() },
    })
    const stayed = await around.waitForRoom({ ...limit, since })
    if (ports.signal.aborted) throw new Interrupted()
    if (!stayed) throw new NoRoom(limit)
  }
}

/** Where an artifact stands in the tree of the ledger. */
const artifactPath = (step: string, unit: string, call: number): string =>
  `artifacts/${step}${unit ? `.${encodeURIComponent(unit)}` : ''}.${call}.json`

/** Usage of several calls, for reports. */
export const sumUsage = (usages: Usage[]): Usage =>
  usages.reduce<Usage>((sum, usage) => addUsage(sum, usage), {})
