/** The step names of the `command` agent's contract (`ORCHESTRATE_STEP`). */
export const AGENT_STEPS = [
  'implement',
  'fix-build',
  'fix-test',
  'review-test',
  'review-code',
  'review-perf',
  'fix-p0p1',
  'fix-p2',
  'fix-p3',
  'verify',
  'resolve-docs',
  'plan-review',
  'research',
  'lead',
  'phase',
] as const
export type AgentStep = (typeof AGENT_STEPS)[number]

export const REVIEW_STEPS = ['review-test', 'review-code', 'review-perf'] as const
export type ReviewStep = (typeof REVIEW_STEPS)[number]
export const FIX_PASSES = ['fix-p0p1', 'fix-p2', 'fix-p3'] as const
export type FixPass = (typeof FIX_PASSES)[number]
/** Steps whose agents must leave the tree as it is. */
export const READ_ONLY_STEPS: readonly AgentStep[] = [...REVIEW_STEPS, 'verify', 'plan-review', 'research']

/** Kinds of steps that models and agents are chosen by. */
export const STEP_ROLES = ['implement', 'review', 'fix', 'research'] as const
export type StepRole = (typeof STEP_ROLES)[number]

/** Documentation counts as implementing: it is written anew. */
export const ROLE_OF: Readonly<Record<AgentStep, StepRole>> = {
  implement: 'implement',
  lead: 'implement',
  phase: 'implement',
  'resolve-docs': 'implement',
  'fix-build': 'fix',
  'fix-test': 'fix',
  'fix-p0p1': 'fix',
  'fix-p2': 'fix',
  'fix-p3': 'fix',
  'review-test': 'review',
  'review-code': 'review',
  'review-perf': 'review',
  verify: 'review',
  'plan-review': 'review',
  research: 'research',
}

/** Tokens and money of one agent call. Undefined is "not reported", never zero. */
export interface Usage {
  inputTokens?: number | undefined
  outputTokens?: number | undefined
  cacheReadTokens?: number | undefined
  cacheWriteTokens?: number | undefined
  /** US dollars. */
  costUsd?: number | undefined
  /** The cost, or some of it, is by our table of prices: its agent tells none. */
  estimated?: boolean | undefined
}

/** Adds what is known; unknown plus known is known. */
export function addUsage(a: Usage, b: Usage): Usage {
  const sum: Usage = {}
  for (const key of [
    'inputTokens',
    'outputTokens',
    'cacheReadTokens',
    'cacheWriteTokens',
    'costUsd',
  ] as const) {
    const total = (a[key] ?? 0) + (b[key] ?? 0)
    if (a[key] !== undefined || b[key] !== undefined) sum[key] = total
  }
  if (a.estimated === true || b.estimated === true) sum.estimated = true
  return sum
}
