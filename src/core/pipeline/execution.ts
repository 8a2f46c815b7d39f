import type { PhaseOptions } from '../execute/run-phase.ts'
import type { Config } from '../model/config.ts'
import type { PhaseResult } from '../model/phase-result.ts'
import type { Ports } from '../pipeline-types.ts'
import type { RunBook } from '../run/book.ts'
import type { Prepared } from './prepare.ts'

/** An approved run with what stage 6 needs to drive it. */
export interface Execution {
  book: RunBook
  prepared: Prepared
  config: Config
  ports: Ports
  actor: string
  options?: PhaseOptions
  /** Told when a phase was paused, with what it came to so far. */
  onPaused?: (result: PhaseResult) => void
}
