import type { Config } from '../model/config.ts'
import type { Problem, StepPassed } from '../model/event.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { Sha } from '../model/ids.ts'
import { modelOf } from '../model/routing.ts'
import { addUsage, type AgentStep, READ_ONLY_STEPS, type Usage } from '../model/step.ts'
import type { AgentActivity, AgentOutcome, Workspace } from '../ports.ts'
import { fullStop } from '../text/sentence.ts'
import { checkArtifact } from './artifact.ts'
import type { PhaseContext } from './phase-context.ts'
import { callsOf } from './phase-progress.ts'
import type { PromptContext, PromptStep } from './prompts/context.ts'
import { renderPrompt } from './prompts/render.ts'
import { sha256 } from './sha256.ts'
import { type ArtifactOf, artifactSchema } from './schemas.ts'

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

export interface StepOrder<S extends PromptStep> {
  step: S
  unit: string
  workspace: Workspace
  inputTree: Sha
  /** Takes the tree afterwards; shared by steps that run beside each other in one directory. */
  snapshot: () => Promise<Sha>
  /** What the answer and the directory lack. It is sent back for that once; what is missing then is the performer's to deal with. */
  skipped?: (artifact: ArtifactOf<S>) => Promise<Skipped[]>
  prompt: Omit<PromptContext, 'step' | 'run' | 'attempt' | 'nonce' | 'phase'> & { phaseText?: string }
}

/** The process is to end. Nothing is recorded for the step: it runs again when the run is resumed. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}

/** Answers that an agent can put right by writing them again: it did the work and said it in the wrong form. */
const MENDABLE: ReadonlySet<string> = new Set([
  'artifact-not-json',
  'artifact-schema',
  'artifact-stale-nonce',
])

/**
 * One step, one agent process, one context window: renders the prompt, runs the agent, takes the tree, reads the artifact.
 * The gates of the step come after, in its performer. An answer that cannot be read is asked for once more, with what was wrong:
 * that costs less than a phase that stops. Both calls are one step in the record, with the tries counted and the cost summed.
 */
export async function runAgentStep<S extends PromptStep>(
  ctx: PhaseContext,
  order: StepOrder<S>,
): Promise<StepRun<S>> {
  const { input, ports, around, book } = ctx
  const { step, unit } = order
  let call = await callAgent(ctx, order)
  const calls = [call]
  around.onCost(addUsage(book.progress.usage, call.usage).costUsd ?? 0)
  if (call.refused.length > 0 && step !== 'resolve-docs' && (around.moneyLeft() ?? 1) > 0) {
    call = await callAgent(ctx, order, { refused: call.refused })
    calls.push(call)
  }
  const sentBack = call.artifact.ok ? ((await order.skipped?.(call.artifact.value)) ?? []) : []
  if (sentBack.length > 0 && (around.moneyLeft() ?? 1) > 0) {
    const again = await callAgent(ctx, order, { skipped: sentBack })
    calls.push(again)
    // What it said before still holds where it now says nothing that can be read.
    if (again.artifact.ok) call = again
  }
  const usage = sumUsage(calls.map((one) => one.usage))
  const durationMs = calls.reduce((sum, one) => sum + one.durationMs, 0)
  const outputTree = call.ran ? await order.snapshot() : order.inputTree
  const { artifact, text } = call
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
  around.onCost(addUsage(book.progress.usage, usage).costUsd ?? 0)
  return {
    end: {
      step,
      unit,
      try: call.try,
      agent: ports.agent.nameFor?.(step) ?? ports.agent.name,
      ...modelAsked(input.config, step),
      promptHash: call.promptHash,
      access: accessOf(step),
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

const modelAsked = (config: Config, step: AgentStep): { model?: string } => {
  const model = modelOf(config, step)
  return model === undefined ? {} : { model }
}

const accessOf = (step: PromptStep): 'read-only' | 'edit' =>
  READ_ONLY_STEPS.includes(step) ? 'read-only' : 'edit'

interface Call<S extends PromptStep> {
  try: number
  promptHash: string
  /** False where no prompt could be made, so that nothing was started. */
  ran: boolean
  artifact: Result<ArtifactOf<S>, Problem>
  /** What was wrong with an answer that may be asked for once more. */
  refused: Problem[]
  text: string | undefined
  usage: Usage
  durationMs: number
}

async function callAgent<S extends PromptStep>(
  ctx: PhaseContext,
  order: StepOrder<S>,
  { refused = [], skipped = [] }: { refused?: readonly Problem[]; skipped?: readonly Skipped[] } = {},
): Promise<Call<S>> {
  const { input, ports, around, book } = ctx
  const { step, unit } = order
  if (ports.signal.aborted) throw new Interrupted()
  const at = { phase: input.phase.id, attempt: input.attempt, step, unit }
  const call = callsOf(book.progress, step, unit) + 1
  const nonce = ports.random.hex(16)
  const { phaseText, ...parts } = order.prompt
  const prompt = await renderPrompt({
    ...parts,
    step,
    run: input.run,
    attempt: input.attempt,
    nonce,
    phase: { id: input.phase.id, title: input.phase.title, text: phaseText ?? '' },
    refused,
    skipped,
  })
  const promptHash = sha256(prompt.ok ? `${prompt.value.system}\n${prompt.value.user}` : '')
  if (!prompt.ok) {
    // A step that ends has begun: verify would take the end alone for a gap.
    await book.append({ type: 'step-started', step, unit, try: call })
    const [first] = prompt.error
    const problem = {
      reason: 'template',
      message: first?.message ?? 'The prompt cannot be made.',
      hint: first?.hint ?? '',
    }
    const nothing = { text: undefined, usage: {}, durationMs: 0, refused: [] }
    return { try: call, promptHash, ran: false, artifact: err(problem), ...nothing }
  }

  // Told while the agent starts: its end is appended after this in any case, and a claim that was lost is noticed there.
  const told = book.append({ type: 'step-started', step, unit, try: call })
  told.catch(() => undefined)
  const tell = (text: string): void =>
    ports.reporter.emit({ type: 'step-activity', phase: at.phase, step, unit, text, at: ports.clock.now() })
  if (refused.length > 0) tell('its answer cannot be read: it is asked once more')
  else if (skipped.length > 0) tell(`it is sent back for what it skipped: ${skipped[0]?.message ?? ''}`)
  else ports.reporter.emit({ type: 'step-started', ...at, at: ports.clock.now() })
  const moneyLeft = around.moneyLeft()
  const outcome = await ports.agent.run(
    {
      run: input.run,
      phase: input.phase.id,
      attempt: input.attempt,
      step,
      unit,
      cwd: order.workspace.path,
      prompt: prompt.value,
      ...modelAsked(input.config, step),
      access: accessOf(step),
      schema: artifactSchema(step),
      nonce,
      limits: {
        ...input.config.limits,
        ...(moneyLeft === undefined ? {} : { maxCostUsd: Math.max(moneyLeft, 0.01) }),
      },
    },
    ports.signal,
    (activity) => {
      const text = describe(activity)
      if (text !== undefined) tell(text)
    },
  )
  if (ports.signal.aborted) throw new Interrupted()
  await told
  const { artifact, problems } = judge(step, outcome, { nonce, attempt: input.attempt })
  return {
    try: call,
    promptHash,
    ran: true,
    artifact,
    refused: !artifact.ok && MENDABLE.has(artifact.error.reason) ? problems : [],
    text: outcome.artifact,
    usage: outcome.usage,
    durationMs: outcome.durationMs,
  }
}

/** Where an artifact stands in the tree of the ledger. */
const artifactPath = (step: string, unit: string, call: number): string =>
  `artifacts/${step}${unit ? `.${encodeURIComponent(unit)}` : ''}.${call}.json`

function judge<S extends PromptStep>(
  step: S,
  outcome: AgentOutcome,
  expected: { nonce: string; attempt: number },
): { artifact: Result<ArtifactOf<S>, Problem>; problems: Problem[] } {
  if (outcome.kind === 'failed') {
    const end = outcome.tail.trim().split('\n').slice(-5).join('\n')
    const problem = {
      reason: `agent-${outcome.reason}`,
      message: `The agent of ${step} failed: ${fullStop(outcome.message)}${end ? `\n${end}` : ''}`,
      hint: HINTS[outcome.reason] ?? 'Its output stands above; try again when the cause is gone.',
    }
    return { artifact: err(problem), problems: [problem] }
  }
  const checked = checkArtifact(step, outcome.artifact, expected)
  if (checked.ok) return { artifact: ok(checked.value), problems: [] }
  const [first] = checked.error
  const problem = {
    reason: `artifact-${first?.reason ?? 'missing'}`,
    message: checked.error.map((p) => p.message).join('\n'),
    hint: first?.hint ?? '',
  }
  return { artifact: err(problem), problems: checked.error }
}

const HINTS: Record<string, string> = {
  timeout:
    'The step took longer than its limit: make the unit smaller, or raise the limit in the configuration.',
  idle: 'It printed and changed nothing for too long: look at what it waited for.',
  unavailable: "The model's service failed: see its message, try again later.",
  'rate-limited': "The model's service has no room now: try again later.",
  auth: 'The key was refused: check it.',
  refused: "The model's service refused the request: see its message.",
  'over-budget': 'The money for it is spent: `orchestrate resume --max-cost USD` goes on with more.',
}

function describe(activity: AgentActivity): string | undefined {
  if (activity.kind === 'text') return activity.text
  if (activity.kind === 'tool')
    return activity.target === undefined ? activity.tool : `${activity.tool} ${activity.target}`
  if (activity.kind === 'retry')
    return `waits ${Math.round(activity.delayMs / 1000)} s (try ${activity.attempt})`
  return undefined
}

/** Usage of several calls, for reports. */
export const sumUsage = (usages: Usage[]): Usage =>
  usages.reduce<Usage>((sum, usage) => addUsage(sum, usage), {})
