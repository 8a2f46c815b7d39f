/** `review: agent`: a coding agent reads the plan too. Asked for by configuration, once, before the gate; it stops nothing. */
import type { Config } from '../model/config.ts'
import type { Plan } from '../model/plan.ts'
import type { Usage } from '../model/step.ts'
import { agentFindings } from '../review/agent/findings.ts'
import { planReviewPrompt } from '../review/agent/prompt.ts'
import { type Review, reviewPlan } from '../review/review.ts'
import { count } from '../text/display.ts'
import { cost } from '../text/format.ts'
import { fullStop } from '../text/sentence.ts'
import { askReader, readersRun, type ReaderPorts } from './ask-reader.ts'

export interface AgentReading {
  review: Review
  /** What became of it, a sentence: for the gate, or beside a review. */
  note: string
  usage: Usage
}

/**
 * The review with what an agent found besides. It reads in a worktree of the commit. A call that fails, or an answer that cannot be
 * read, is a note, and the rules' review stands.
 */
export async function withAgentReview(
  plan: Plan,
  review: Review,
  config: Config,
  ports: ReaderPorts,
): Promise<AgentReading> {
  const head = await ports.repository.resolve('HEAD')
  if (head === undefined) return without(review, 'the repository has no commit that it could read', {})
  const run = readersRun('plan-review', ports)
  const { artifact, by, usage } = await askReader(
    {
      ...{ step: 'plan-review', unit: '', run, commit: head, spent: 0 },
      prompt: (nonce) => planReviewPrompt(plan, review.diagnostics, { run, nonce }),
    },
    config,
    ports,
  )
  if (!artifact.ok) return without(review, artifact.error, usage)
  const found = agentFindings(plan, artifact.value.findings, review.diagnostics, by)
  return {
    review: reviewPlan(plan, config.rules, found.diagnostics),
    note: `${by} read the plan${usage.costUsd === undefined ? '' : ` for ${cost(usage)}`}: ${said(found)}.`,
    usage,
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
