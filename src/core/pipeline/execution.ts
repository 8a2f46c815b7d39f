import type { PhaseOptions } from '../execute/run-phase.ts'
import type { Config } from '../model/config.ts'
import type { Failure } from '../model/failure.ts'
import type { PhaseId } from '../model/ids.ts'
import type { PhaseResult } from '../model/phase-result.ts'
import type { Ports } from '../pipeline-types.ts'
import type { RunBook } from '../run/book.ts'
import type { Prepared } from './prepare.ts'

/** What a job knows of the jobs around it. */
export interface JobSide {
  /** Names this job in claims. */
  holder: string
  /** Its own phases. */
  phases: readonly PhaseId[]
  /** Until when it takes on another phase, and waits for a model: milliseconds since the epoch. */
  until: number
  /** Whether it may take on another phase now: there is time left. */
  goOn(): boolean
  /** Whether the job that holds a claim still works. */
  alive(holder: string): boolean
  /** Reads the approval again at its source: why it no longer holds, undefined where it does. */
  approvalHolds(): Promise<Failure | undefined>
}

/** An approved run with what stage 6 needs to drive it. */
export interface Execution {
  book: RunBook
  prepared: Prepared
  config: Config
  ports: Ports
  actor: string
  options?: PhaseOptions
  /** Where this process is one job of several that share the run. */
  job?: JobSide
  /** Told when a phase was paused, with what it came to so far. */
  onPaused?: (result: PhaseResult) => void
}
