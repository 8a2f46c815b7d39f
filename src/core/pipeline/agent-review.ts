/** `review: agent`: a coding agent reads the plan too. Asked for by configuration, once, before the gate; it stops nothing. */
import { checkArtifact } from '../execute/artifact.ts'
import { artifactSchema } from '../execute/schemas.ts'
import type { Config } from '../model/config.ts'
import { modelOf } from '../model/routing.ts'
import type { Usage } from '../model/step.ts'
import type { Ports } from '../pipeline-types.ts'
import { agentFindings } from '../review/agent/findings.ts'
import { planReviewPrompt } from '../review/agent/prompt.ts'
import { type Review, reviewPlan } from '../review/review.ts'
import { count } from '../text/display.ts'
import { money } from '../text/format.ts'
import { fullStop } from '../text/sentence.ts'
import type { Plan } from '../model/plan.ts'

export interface AgentReading {
  review: Review
  /** What became of it, a sentence: for the gate, or beside a review. */
  note: string
  usage: Usage
}

export type AgentReviewPorts = Pick<
  Ports,
  'agent' | 'repository' | 'reporter' | 'clock' | 'random' | 'signal'
>

/**
 * The review with what an agent found besides. It reads in a worktree of the commit, which is thrown away: what it changes there
 * makes its reading void. A call that fails, or an answer that cannot be read, is a note, and the rules' review stands.
 */
export async function withAgentReview(
  plan: Plan,
  review: Review,
  config: Config,
  ports: AgentReviewPorts,
): Promise<AgentReading> {
  const { repository, random, reporter, clock } = ports
  const head = await repository.resolve('HEAD')
  if (head === undefined) return without(review, 'the repository has no commit that it could read', {})
  const run = `plan-review-${random.hex(4)}`
  const nonce = random.hex(16)
  const workspace = await repository.workspaces.open(run, 'plan-review', head)
  const step = { phase: '', attempt: 1, step: 'plan-review', unit: '' } as const
  reporter.emit({ type: 'step-started', ...step, at: clock.now() })
  try {
    const before = await workspace.snapshot()
    const model = modelOf(config, 'plan-review')
    const outcome = await ports.agent.run(
      {
        ...step,
        run,
        cwd: workspace.path,
        prompt: planReviewPrompt(plan, review.diagnostics, { run, nonce }),
        ...(model === undefined ? {} : { model }),
        access: 'read-only',
        schema: artifactSchema('plan-review'),
        nonce,
        limits: {
          ...config.limits,
          ...(config.maxCostUsd === undefined ? {} : { maxCostUsd: config.maxCostUsd }),
        },
      },
      ports.signal,
      () => undefined,
    )
    const { usage } = outcome
    const changed = (await workspace.snapshot()) !== before
    if (changed) await workspace.checkoutTree(before)
    const checked = checkArtifact('plan-review', outcome.artifact, { nonce, attempt: 1 })
    const problem =
      outcome.kind === 'failed'
        ? outcome.message
        : changed
          ? 'it changed files, so its reading does not count'
          : checked.ok
            ? undefined
            : (checked.error[0]?.message ?? 'its answer cannot be read')
    reporter.emit({
      ...{ type: 'step-finished', ...step, at: clock.now(), ok: problem === undefined },
      ...{ durationMs: outcome.durationMs, usage, ...(problem === undefined ? {} : { note: problem }) },
    })
    if (problem !== undefined || !checked.ok) return without(review, problem ?? '', usage)
    const found = agentFindings(plan, checked.value.findings, review.diagnostics, ports.agent.name)
    return {
      review: reviewPlan(plan, config.rules, found.diagnostics),
      note: `${ports.agent.name} read the plan${usage.costUsd === undefined ? '' : ` for ${money(usage.costUsd)}`}: ${said(found)}.`,
      usage,
    }
  } finally {
    await repository.workspaces.remove(workspace)
  }
}

function said({ diagnostics, misplaced, repeated }: ReturnType<typeof agentFindings>): string {
  const parts = [
    diagnostics.length === 0 ? 'it found nothing more' : count(diagnostics.length, 'finding'),
    repeated === 0 ? '' : `${repeated} said before`,
    misplaced === 0 ? '' : `${misplaced} left out that point at nothing in it`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

const without = (review: Review, why: string, usage: Usage): AgentReading => ({
  review,
  note: `No agent read the plan (review: agent): ${fullStop(why)} The rules did.`,
  usage,
})
