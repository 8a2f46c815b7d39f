import type { Diagnostic } from './diagnostic.ts'
import type { FindingSeverity } from './finding.ts'
import type { Usage } from './step.ts'

/**
 * What core tells while it works; reporters render it, `--json` prints each as one line. Times are milliseconds since the
 * epoch, durations milliseconds, money US dollars.
 */
export type ProgressEvent =
  | {
      type: 'stage'
      stage: 'ingest' | 'review' | 'match' | 'research' | 'gate' | 'execute'
      at: number
      note?: string
    }
  /** The whole execution plan as text, where nobody is asked. */
  | { type: 'execution-plan'; text: string }
  | { type: 'diagnostics'; diagnostics: Diagnostic[] }
  | {
      type: 'run-started'
      run: string
      at: number
      phases: { id: string; title: string; after: string[]; state: string }[]
      agent: string
      resumed: boolean
    }
  | {
      type: 'phase-started'
      phase: string
      title: string
      attempt: number
      at: number
      branch: string
      path: string
    }
  | { type: 'step-started'; phase: string; attempt: number; step: string; unit: string; at: number }
  /** What its agent does now; `costUsd` and `retries` are those of the step so far, where there are any. */
  | {
      type: 'step-activity'
      phase: string
      step: string
      unit: string
      text: string
      costUsd?: number
      /** True where `costUsd` is by the price table. */
      estimated?: boolean
      retries?: number
      at: number
    }
  /** The model's service has no room: the step goes on after `until`. `why`: "rate limit of Anthropic". */
  | {
      type: 'step-waiting'
      phase: string
      step: string
      unit: string
      until: number
      why: string
      at: number
    }
  | {
      type: 'step-finished'
      phase: string
      attempt: number
      step: string
      unit: string
      at: number
      ok: boolean
      durationMs: number
      usage: Usage
      note?: string
    }
  | { type: 'check-started'; phase: string; check: 'build' | 'test'; command: string; at: number }
  | {
      type: 'check-finished'
      phase: string
      check: 'build' | 'test'
      outcome: 'green' | 'red' | 'no-command'
      command?: string
      at: number
      durationMs: number
      counts?: { passed: number; failed: number; skipped: number }
    }
  | { type: 'findings'; phase: string; step: string; counts: Record<FindingSeverity, number> }
  | { type: 'commit'; phase: string; sha: string; subject: string }
  | {
      type: 'phase-stopped'
      phase: string
      attempt: number
      reason: string
      message: string
      hint: string
      at: number
    }
  | { type: 'phase-merged'; phase: string; attempt: number; sha: string; at: number; usage: Usage }
  | { type: 'phase-skipped'; phase: string; at: number }
  | { type: 'phase-result'; result: object }
  | { type: 'published'; refs: number; at: number }
  | { type: 'warning'; message: string; hint?: string }
  | { type: 'note'; message: string }
  | { type: 'landed'; branch: string; sha: string; at: number }
  | { type: 'run-ended'; run: string; state: string; at: number; durationMs: number; usage: Usage }
