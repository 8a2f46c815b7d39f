import type { CheckFinished, Problem, RecordedUnit, StepPassed } from '../model/event.ts'
import type { Disposition, Finding } from '../model/finding.ts'
import type { PhaseId, Sha } from '../model/ids.ts'
import type { PhaseStep } from '../model/phase-step.ts'
import type { TeamProgress } from './team/team-progress.ts'
import type { AgentStep, FixPass, ReviewStep, Usage } from '../model/step.ts'

export interface TrackedFinding {
  finding: Finding
  state: 'open' | Disposition
  note: string
  /** The fix passes that had it, by round. */
  passes: { round: number; pass: FixPass }[]
}

export type Check = Pick<CheckFinished, 'outcome' | 'command' | 'counts' | 'tail' | 'exitCode' | 'left'>

/** One phase as its attempts recorded it. What to do next follows from this alone: see `next.ts`. */
export interface PhaseProgress {
  run: string
  phase: PhaseId
  attempt: number
  branch: string
  /** What the phase forked from, or was last synchronised with: the plan branch's tip then. */
  base: Sha
  /** Where the phase branch began. */
  origin: Sha
  /** Tip of the phase branch. */
  head: Sha
  /** Tree of the phase's directory after the last event; other than the tip's where a build left files. Undefined: the tip's. */
  left: Sha | undefined
  units: RecordedUnit[]
  unitsDone: Set<string>
  /** Units whose work collided with a sibling's: they run alone. */
  alone: Set<string>
  criteria: string[]
  judged: Map<string, { met: boolean; evidence: string }>
  maxParallel: number
  /** The newest result per check and tree. */
  checks: Map<string, Check>
  /** Fixer calls since the check was last green. */
  fixTries: { build: number; test: number }
  reviews: Map<ReviewStep, { counts: number; summary: string }>
  findings: Map<string, TrackedFinding>
  /** 1 until the first verify, 2 after it. */
  round: number
  verified: number
  /** The commit before the first fix pass of the round: what verify looks at begins here. */
  fixedFrom: Sha | undefined
  calls: Map<string, number>
  /** Calls whose end is not recorded, by `callKey`: under way, or lost with the process that made them. */
  open: Map<string, { step: AgentStep; unit: string; tries: number[] }>
  /** What calls had changed that ended before their step did, by `callKey`: where the step is made again, it goes on from there. */
  cut: Map<string, { inputTree: Sha; tree: Sha }>
  commits: { sha: Sha; subject: string }[]
  usage: Usage
  decisions: string[]
  questions: string[]
  notes: string[]
  /** Of all steps that failed: those that ran beside each other may fail together. */
  failed: Problem | undefined
  /** How the refresh of the codebase map ended in this attempt; undefined: it was not done. */
  docs: 'refreshed' | 'failed' | undefined
  /** The branch's tip before the refresh that is its tip now; undefined where the tip is anything else. */
  beforeDocs: Sha | undefined
  /** What stopped the attempt before this one. */
  before: Problem | undefined
  /** Units that a person may have finished by hand: nothing was changed, or a hook refused the commit. */
  unfinished: Set<string>
  ended:
    { kind: 'stopped'; problem: Problem; conflicts: string[] } | { kind: 'merged'; merge: Sha } | undefined
  startedAt: number
  updatedAt: number
  /** Steps that passed, for reports: `review-code`, `implement data-model`. */
  passed: StepPassed[]
  /** Where a team does the phase: what it decided so far. */
  team: TeamProgress | undefined
  /** Every step and check since the last start from scratch, for people. */
  steps: PhaseStep[]
}

export const callKey = (step: AgentStep, unit: string): string => `${step}\n${unit}`
export const callsOf = (progress: PhaseProgress, step: AgentStep, unit = ''): number =>
  progress.calls.get(callKey(step, unit)) ?? 0
export const checkKey = (check: 'build' | 'test', tree: string): string => `${check} ${tree}`

/**
 * The commit whose tree has to be built and tested. A refresh of the codebase map changes that one document and nothing else (its
 * gate sees to that, and `verify` looks again), so results of the commit before it hold for it too, and nothing runs a second
 * time. A project whose tests read its map sees what they say of it in the next phase.
 */
export const checkedCommit = (progress: PhaseProgress): Sha => progress.beforeDocs ?? progress.head

export const severe = (finding: Pick<Finding, 'severity'>): boolean =>
  finding.severity === 'P0' || finding.severity === 'P1'

export const openFindings = (progress: PhaseProgress): TrackedFinding[] =>
  [...progress.findings.values()].filter((f) => f.state === 'open')
