import type { FindingSeverity } from './finding.ts'
import type { PhaseStep } from './phase-step.ts'
import type { Usage } from './step.ts'

export type CheckStatus = 'pass' | 'fail' | 'no-command' | 'not-run'

/** PHASE_RESULT: what one phase came to, printed as text and as JSON. */
export interface PhaseResult {
  /** `in_progress`: paused by `phase --step`. */
  status: 'completed' | 'failed' | 'needs_user_input' | 'in_progress'
  phase: string
  title: string
  attempt: number
  /** Commits of the phase branch in order, without the merge. */
  commits: { sha: string; subject: string }[]
  merge?: string
  build: { status: CheckStatus; command?: string }
  tests: {
    status: CheckStatus
    command?: string
    counts?: { passed: number; failed: number; skipped: number }
  }
  reviews: Record<'test' | 'code' | 'perf', Record<FindingSeverity, number> | undefined>
  verdict: 'clean' | 'p2_p3_only' | 'p0_p1_found' | 'not-reviewed'
  criteria: { met: string[]; unmet: string[]; notJudged: string[] }
  fixesApplied: { id: string; severity: string; title: string; note: string }[]
  deferred: { id: string; severity: string; file: string; line: number; title: string; note: string }[]
  docs: 'refreshed' | 'no-map' | 'failed'
  error?: { reason: string; message: string; hint: string }
  conflictFiles: string[]
  /** Milliseconds. */
  durationMs: number
  handoffUpdated: boolean
  logUpdated: boolean
  decisions: string[]
  questions: string[]
  notes: string[]
  usage: Usage
  /** What was done, oldest first: the newest 60 steps. Missing in what an older engine wrote. */
  steps?: PhaseStep[]
}
