import type { Budgets, Config } from '../model/config.ts'
import type { Problem } from '../model/event.ts'
import { modelOf } from '../model/routing.ts'
import { err, type Result } from '../model/result.ts'
import { type AgentStep, READ_ONLY_STEPS, type Usage } from '../model/step.ts'
import type { AgentOutcome } from '../ports.ts'
import type { Skipped, StepOrder } from './agent-step.ts'
import { describe, judge } from './judge-answer.ts'
import type { PhaseContext } from './phase-context.ts'
import { callsOf } from './phase-progress.ts'
import type { PromptStep } from './prompts/context.ts'
import { renderPrompt } from './prompts/render.ts'
import { type ArtifactOf, artifactSchema } from './schemas.ts'
import { sha256 } from './sha256.ts'
import { spending } from './spending.ts'

/** The process is to end. Nothing is recorded for the step: it runs again when the run is resumed. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}

/** The model's service has no room for so long that nobody stays for it: the phase goes on after `until`. */
export class NoRoom extends Error {
  override name = 'NoRoom'
  readonly until: number
  readonly why: string
  constructor({ until, why }: { until: number; why: string }) {
    super(`${why} until ${new Date(until).toISOString()}`)
    this.until = until
    this.why = why
  }
}

/** Answers that an agent can put right by writing them again: it did the work and said it in the wrong form. */
const MENDABLE: ReadonlySet<string> = new Set([
  'artifact-not-json',
  'artifact-schema',
  'artifact-stale-nonce',
])

/** Why a step is asked once more, with what. */
export interface Again {
  refused?: readonly Problem[]
  skipped?: readonly Skipped[]
}

export const modelAsked = (config: Config, step: AgentStep): { model?: string } => {
  const model = modelOf(config, step)
  return model === undefined ? {} : { model }
}

export const accessOf = ({
  step,
  access,
}: Pick<StepOrder<PromptStep>, 'step' | 'access'>): 'read-only' | 'edit' =>
  access ?? (READ_ONLY_STEPS.includes(step) ? 'read-only' : 'edit')

export interface Call<S extends PromptStep> {
  try: number
  promptHash: string
  /** False where no prompt could be made, so that nothing was started. */
  ran: boolean
  artifact: Result<ArtifactOf<S>, Problem>
  /** What was wrong with an answer that may be asked for once more. */
  refused: Problem[]
  /** Set where the model's service had no room; `retryAfterMs` where it said for how long. */
  noRoom?: { why: string; retryAfterMs: number | undefined }
  text: string | undefined
  usage: Usage
  durationMs: number
}

/** One agent process: renders the prompt, runs the agent, reads what it handed in. */
export async function callAgent<S extends PromptStep>(
  ctx: PhaseContext,
  order: StepOrder<S>,
  { refused = [], skipped = [] }: Again,
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
  // Checked again for each of those that start beside each other: what the others may cost is set aside.
  const isSpent = (around.moneyLeft() ?? 1) <= 0
  if (!prompt.ok || isSpent) {
    // A step that ends has begun: verify would take the end alone for a gap.
    await book.append({ type: 'step-started', step, unit, try: call })
    const [first] = prompt.ok ? [] : prompt.error
    const problem = isSpent
      ? overBudget(step)
      : {
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
  const place = { run: input.run, ...at, try: call }
  const transcript = ports.transcripts?.open(place)
  const spent = spending(ctx, place)
  let retries = 0
  let said = ''
  const tell = (text: string): void =>
    ports.reporter.emit({
      ...{ type: 'step-activity', phase: at.phase, step, unit, text, at: ports.clock.now() },
      ...(spent.usd === 0 ? {} : { costUsd: spent.usd, ...(spent.estimated ? { estimated: true } : {}) }),
      ...(retries === 0 ? {} : { retries }),
    })
  if (refused.length > 0) tell('its answer cannot be read: it is asked once more')
  else if (skipped.length > 0) tell(`it is sent back for what it skipped: ${skipped[0]?.message ?? ''}`)
  else ports.reporter.emit({ type: 'step-started', ...at, at: ports.clock.now() })
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
      access: accessOf(order),
      ...(order.workers === undefined ? {} : { workers: order.workers }),
      ...(order.board === undefined ? {} : { board: order.board }),
      schema: artifactSchema(step),
      nonce,
      limits: {
        ...input.config.limits,
        budgets: stepBudgets(input.config, around.budgetsLeft(), order.times),
        wallMs: input.config.limits.wallMs * (order.times ?? 1),
      },
    },
    ports.signal,
    (activity) => {
      transcript?.tell(activity)
      if (activity.kind === 'usage') spent.tell(activity.usage)
      if (activity.kind === 'retry') retries++
      if (activity.kind === 'discovery') order.board?.discovered(unit, activity.text)
      const text = describe(activity, order.workspace.path)
      if (text !== undefined) said = text
      if (text !== undefined || activity.kind === 'usage') tell(said)
    },
  )
  spent.settle(outcome.usage)
  const { usage: used, durationMs: took } = outcome
  for (const tool of outcome.denied ?? []) transcript?.tell({ kind: 'denied', tool })
  const message = outcome.kind === 'failed' ? `${outcome.reason}: ${outcome.message}` : ''
  const ended = { ok: outcome.kind === 'completed', message, durationMs: took, usage: used }
  transcript?.tell({ kind: 'result', ...ended })
  await transcript?.close()
  await told
  if (ports.signal.aborted) {
    const { usage, durationMs } = outcome
    const cut = { why: 'interrupted', step, unit, try: call, usage, durationMs } as const
    // What was spent is spent, also by a call that nobody lets end.
    if (Object.keys(usage).length > 0)
      await book.append({ type: 'step-cut', ...cut, inputTree: order.inputTree })
    throw new Interrupted()
  }
  const noRoom = noRoomOf(outcome)
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
    ...(noRoom === undefined ? {} : { noRoom }),
  }
}

export const overBudget = (what: string): Problem => ({
  reason: 'over-budget',
  message: `The budget of the run is spent before ${what}.`,
  hint: '`orchestrate resume --max-cost USD` goes on with a larger one; `budgets` are raised in the configuration.',
})

const stepBudgets = ({ budgets }: Config, left: Budgets, times = 1): Budgets =>
  budgets?.step === undefined ? left : { ...left, step: budgets.step * times }

/** Whether a call failed for want of room alone. An answer that came all the same counts. */
const noRoomOf = (outcome: AgentOutcome): Call<PromptStep>['noRoom'] =>
  outcome.kind === 'failed' && outcome.reason === 'rate-limited'
    ? { why: outcome.limit ?? "rate limit of the model's service", retryAfterMs: outcome.retryAfterMs }
    : undefined
