/** A step of a phase as people see it: what was done, by whom, and what came of it. */
export interface PhaseStep {
  /** `implement`, `review-code`, …; `build` and `test` for our own checks, `sync` for taking over what others merged. */
  step: string
  /** Spec name or task id; "" for whole-phase steps. */
  unit: string
  state: 'running' | 'ok' | 'failed'
  /** The agent and, where one was asked for, its model: `claude opus`. */
  agent?: string
  /** What its gate found: "12 passed", "2 P1", "3 fixed"; one line. */
  note?: string
  /** Commits that it made. */
  commits?: string[]
  durationMs?: number
  /** US dollars. */
  costUsd?: number
  /** True where `costUsd` is by the price table. */
  estimated?: boolean
}
