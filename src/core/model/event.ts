import * as z from 'zod'
import { DISPOSITIONS, finding } from './finding.ts'
import type { PhaseId, Sha } from './ids.ts'
import { AGENT_STEPS, REVIEW_STEPS } from './step.ts'

/**
 * What the ledger records. A reader that meets another `schema`, or another major version of the engine, may read and
 * must not write. Times are milliseconds since the epoch.
 */
export const SCHEMA = 1
export const ENGINE = '0.1.0'

const isSha = z
  .string()
  .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
  .transform((text) => text as Sha)
const isPhase = z
  .string()
  .min(1)
  .max(100)
  .transform((text) => text as PhaseId)
const text = z.string().max(50_000)
const base = { schema: z.literal(SCHEMA), engine: z.string(), at: z.number().int() }

const usage = z.object({
  inputTokens: z.number().optional(),
  outputTokens: z.number().optional(),
  cacheReadTokens: z.number().optional(),
  cacheWriteTokens: z.number().optional(),
  costUsd: z.number().optional(),
  estimated: z.boolean().optional(),
})
const problem = z.object({ reason: z.string(), message: text, hint: text })
export type Problem = z.infer<typeof problem>

const unit = z.object({
  id: z.string(),
  title: z.string(),
  kind: z.enum(['spec', 'task', 'phase']),
  files: z.array(z.string()),
  after: z.array(z.string()),
  part: z
    .object({ spec: z.string(), n: z.number().int(), of: z.number().int(), items: z.array(z.string()) })
    .optional(),
})

// ── refs/orchestrate/<run>/run ───────────────────────────────────────────────────────────────────────────────────

/** The execution plan as approved: the run works from this, not from files that may change meanwhile. */
export const plannedPhase = z.object({
  id: isPhase,
  title: z.string(),
  branch: z.string(),
  after: z.array(isPhase),
  files: z.array(z.string()),
  /** How the run begins for it: `merged` for a phase that the plan says is completed. */
  state: z.enum(['pending', 'merged', 'skipped', 'excluded']),
  /** Units of work left, for the length of paths. */
  weight: z.number().nonnegative(),
})
export type PlannedPhase = z.infer<typeof plannedPhase>

/** A skill or agent that was taken from a catalogue for this run, with consent; its text lies beside the event. */
const recordedSkill = z.object({
  kind: z.enum(['skill', 'agent']),
  name: z.string(),
  description: z.string(),
  /** The catalogue and what it calls the plugin. */
  from: z.string(),
  /** In the tree of the ledger. */
  file: z.string(),
  sha256: z.string(),
  phases: z.array(isPhase),
})
export type RecordedSkill = z.infer<typeof recordedSkill>

/** A cheat sheet as it stood at the gate; its text lies beside the event. Agents of its phases get this one, whenever they begin. */
const recordedSheet = z.object({
  tech: z.string(),
  version: z.string().optional(),
  source: z.enum(['cached', 'package', 'online', 'agent']),
  /** How it came about, for people: "looked up at https://hono.dev/llms.txt for 4.1.0". */
  from: z.string().max(1_000).optional(),
  /** When the run was made. */
  ageDays: z.number().int().nonnegative(),
  /** In the tree of the ledger. */
  file: z.string(),
  sha256: z.string(),
  phases: z.array(isPhase),
})
export type RecordedSheet = z.infer<typeof recordedSheet>

export const runPolicy = z.object({
  maxParallelPhases: z.number().int().positive(),
  maxPhaseRetries: z.number().int().nonnegative(),
  betweenPhases: z.enum(['auto', 'manual', 'review']),
  onFailure: z.enum(['retry', 'stop', 'ask']),
  land: z.enum(['end', 'each', 'none']),
  maxCostUsd: z.number().positive().optional(),
})
export type RunPolicy = z.infer<typeof runPolicy>

export const runEvent = z.discriminatedUnion('type', [
  z.object({
    ...base,
    type: z.literal('run-created'),
    run: z.string(),
    /** The plan's path from the root: its directory, or its one file. */
    planDir: z.string(),
    index: z.string(),
    title: z.string(),
    /** What the plan's format calls its parts; ours where it is left out. */
    words: z.object({ phase: z.string().max(40), task: z.string().max(40) }).optional(),
    /** The user's branch and the commit it was at: what the run starts from. Empty branch: HEAD was detached. */
    branch: z.string(),
    base: isSha,
    digest: z.string(),
    /** The pull request that the run is for, where it is on a forge. */
    pull: z.number().int().positive().optional(),
    phases: z.array(plannedPhase).min(1).max(2_000),
    policy: runPolicy,
    skills: z.array(recordedSkill).max(500).optional(),
    /** Left out by engines that made sheets anew each time. */
    sheets: z.array(recordedSheet).max(500).optional(),
    /** What agents cost that worked before the gate (`review: agent`, research); it counts into the run's budget. */
    spent: usage.optional(),
    /** The rest of the configuration, to go on with the same. */
    config: z.record(z.string(), z.unknown()),
  }),
  z.object({
    ...base,
    type: z.literal('run-approved'),
    by: z.string(),
    head: isSha,
    digest: z.string(),
    scope: z.array(isPhase),
    /** Where it was said: `terminal`, `flag`, or a place on the forge (`comment:12`), to be read again there. */
    source: z.string(),
    /** The branch that the pull request is to go to, and where it stood. */
    base: z.object({ ref: z.string(), sha: isSha }).optional(),
    /** What the approval limits: the command as it was given. */
    limits: z.string().max(4_000).optional(),
  }),
  z.object({
    ...base,
    type: z.literal('phase-claimed'),
    phase: isPhase,
    attempt: z.number().int().positive(),
    holder: z.string(),
    /** The plan branch's tip that the phase starts from. */
    base: isSha,
    /** `continue` goes on from the attempt before; `fresh` begins again. */
    mode: z.enum(['fresh', 'continue']),
  }),
  z.object({
    ...base,
    type: z.literal('phase-taken-over'),
    phase: isPhase,
    attempt: z.number().int().positive(),
    holder: z.string(),
  }),
  /**
   * The model's service has no room: nobody is asked for this phase before `until`. Its holder stays, or has ended and leaves it
   * to whoever looks then.
   */
  z.object({
    ...base,
    type: z.literal('phase-waits'),
    phase: isPhase,
    attempt: z.number().int().positive(),
    until: z.number().int(),
    /** What it waits for: "rate limit of Anthropic". */
    why: z.string().max(200),
  }),
  z.object({
    ...base,
    type: z.literal('phase-goes-on'),
    phase: isPhase,
    attempt: z.number().int().positive(),
  }),
  /** Its jobs died one after the other: a person has to look before another one is paid for. */
  z.object({
    ...base,
    type: z.literal('phase-lost'),
    phase: isPhase,
    attempt: z.number().int().positive(),
    problem,
  }),
  z.object({
    ...base,
    type: z.literal('phase-stopped'),
    phase: isPhase,
    attempt: z.number().int().positive(),
    problem,
    result: z.unknown(),
    usage,
  }),
  z.object({
    ...base,
    type: z.literal('phase-merged'),
    phase: isPhase,
    attempt: z.number().int().positive(),
    /** The plan branch's tip before, and the merge commit that is its tip now. */
    from: isSha,
    merge: isSha,
    head: isSha,
    result: z.unknown(),
    usage,
  }),
  z.object({
    ...base,
    type: z.literal('decided'),
    decision: z.enum(['retry', 'resume', 'fix', 'skip', 'continue', 'abort']),
    phase: isPhase.optional(),
    by: z.string(),
    /** A person's finding, for `fix`. */
    text: text.optional(),
    /** Where it was said, on a forge: the same place decides once. */
    source: z.string().max(200).optional(),
    /** What the run goes on with from here, in place of what was approved. */
    config: z
      .object({ maxCostUsd: z.number().positive().optional(), model: z.string().optional() })
      .optional(),
  }),
  /** The last look at the plan branch, once nothing is open: built and tested as a whole. */
  z.object({
    ...base,
    type: z.literal('run-checked'),
    sha: isSha,
    build: z.enum(['green', 'red', 'no-command']),
    test: z.enum(['green', 'red', 'no-command', 'not-run']),
    /** End of the output of what is red. */
    tail: text.optional(),
  }),
  z.object({ ...base, type: z.literal('run-landed'), branch: z.string(), sha: isSha }),
])
export type RunEvent = z.infer<typeof runEvent>

// ── refs/orchestrate/<run>/phase/<id>/<attempt> ──────────────────────────────────────────────────────────────────

const stepEnd = {
  step: z.enum(AGENT_STEPS),
  unit: z.string(),
  /** Counts the calls of this step for this unit in this attempt, from 1. */
  try: z.number().int().positive(),
  agent: z.string(),
  /** The model that was asked for; left out where the agent chooses. */
  model: z.string().optional(),
  promptHash: z.string(),
  access: z.enum(['edit', 'read-only']),
  inputTree: isSha,
  outputTree: isSha,
  artifactHash: z.string().optional(),
  usage,
  durationMs: z.number(),
}

const checkEnd = {
  check: z.enum(['build', 'test']),
  /** Tree of the commit that was checked. */
  tree: isSha,
  /** Tree of the directory afterwards: other than `tree` where the command left files that git does not ignore. */
  left: isSha,
  command: z.string().optional(),
  outcome: z.enum(['green', 'red', 'no-command']),
  exitCode: z.number().int().optional(),
  counts: z.object({ passed: z.number(), failed: z.number(), skipped: z.number() }).optional(),
  /** End of the output where it is red. */
  tail: text.optional(),
  durationMs: z.number(),
}

export const phaseEvent = z.discriminatedUnion('type', [
  z.object({
    ...base,
    type: z.literal('attempt-started'),
    run: z.string(),
    phase: isPhase,
    attempt: z.number().int().positive(),
    mode: z.enum(['fresh', 'continue']),
    branch: z.string(),
    /** What the phase branch forked from, and where work starts now (other than base in a continued attempt). */
    base: isSha,
    head: isSha,
    units: z.array(unit).min(1),
    /** Ids of criteria and requirements that the reviewer must judge. */
    criteria: z.array(z.string()),
    maxParallel: z.number().int().positive(),
    /** Findings of a person (`fix N text`). */
    findings: z.array(finding),
    /** Commits that a person made in the phase's worktree before this attempt. */
    byHand: z.array(isSha),
    /** A team does it: led by one agent process, or by our own loop; with plans that are approved first, or without. */
    team: z.object({ by: z.enum(['lead', 'loop']), plans: z.boolean() }).optional(),
  }),
  z.object({
    ...base,
    type: z.literal('step-started'),
    step: z.enum(AGENT_STEPS),
    unit: z.string(),
    try: z.number().int(),
  }),
  z.object({
    ...base,
    ...stepEnd,
    type: z.literal('step-passed'),
    /** Tree of the phase's directory afterwards: what a build left uncommitted is in it. */
    left: isSha,
    /** New commits on the phase branch, oldest first; the last is its tip. */
    commits: z.array(z.object({ sha: isSha, subject: z.string() })),
    summary: text,
    decisions: z.array(text),
    questions: z.array(text),
    findings: z.array(finding),
    criteria: z.array(z.object({ id: z.string(), met: z.boolean(), evidence: text })),
    reopened: z.array(z.string()),
    dispositions: z.array(z.object({ finding: z.string(), disposition: z.enum(DISPOSITIONS), note: text })),
    notes: z.array(text),
    /** Reviews that an agent for the whole phase did itself (`--no-subprocess`). */
    reviewed: z.array(z.enum(REVIEW_STEPS)).optional(),
    /** How a worker of a team would do its unit (`lead` with a unit). */
    plan: text.optional(),
    /** What a team's lead thinks of plans. */
    verdicts: z.array(z.object({ unit: z.string(), approved: z.boolean(), note: text })).optional(),
    /** Facts for the other members of a team. */
    discoveries: z.array(text).optional(),
    /** Units that a lead's own workers did, and those that none of them could do. */
    done: z.array(z.string()).optional(),
    stuck: z.array(z.object({ unit: z.string(), note: text })).optional(),
    /** What such a lead says that it decided. */
    log: z.array(text).optional(),
  }),
  z.object({
    ...base,
    ...stepEnd,
    type: z.literal('step-failed'),
    problem,
    discoveries: z.array(text).optional(),
  }),
  /** A call ended before the step did: it is made again. What it cost is paid, and what it had changed is kept. */
  z.object({
    ...base,
    type: z.literal('step-cut'),
    step: z.enum(AGENT_STEPS),
    unit: z.string(),
    try: z.number().int().positive(),
    why: z.enum(['no-room', 'interrupted']),
    usage,
    durationMs: z.number(),
    inputTree: isSha,
    /** What the directory held then; left out where nobody looked. */
    tree: isSha.optional(),
  }),
  z.object({ ...base, ...checkEnd, type: z.literal('check-finished') }),
  z.object({
    ...base,
    type: z.literal('synced'),
    /** The plan branch moved: its tip was merged into the phase branch, to be built and tested as merged. */
    planTip: isSha,
    commit: isSha,
    /** Our own refresh of the codebase map collided and was left out: it is done again on what was merged. */
    withoutDocs: z.boolean().optional(),
  }),
  z.object({ ...base, type: z.literal('attempt-stopped'), problem, conflicts: z.array(z.string()) }),
  z.object({
    ...base,
    type: z.literal('attempt-merged'),
    planTip: isSha,
    merge: isSha,
    /** What was noticed while merging. */
    notes: z.array(text).optional(),
  }),
])
export type PhaseEvent = z.infer<typeof phaseEvent>
export type RecordedUnit = z.infer<typeof unit>
export type StepPassed = Extract<PhaseEvent, { type: 'step-passed' }>
export type StepFailed = Extract<PhaseEvent, { type: 'step-failed' }>
export type CheckFinished = Extract<PhaseEvent, { type: 'check-finished' }>

/** An event without the fields that the ledger fills in. */
export type Unstamped<E> = E extends unknown ? Omit<E, 'schema' | 'engine' | 'at'> : never
