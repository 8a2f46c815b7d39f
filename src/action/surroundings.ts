import type { ProgressEvent } from '../core/model/progress-event.ts'
import type { Clock } from '../core/ports.ts'
import type { Inputs } from './inputs.ts'

export type Env = Readonly<Record<string, string | undefined>>

export interface Surroundings {
  inputs: Inputs
  env: Env
  /** Where the checkout is. */
  workspace: string
  /** The bundle that runs: programs of ours lie beside it. */
  program: string
  signal: AbortSignal
  log(text: string): void
  /** Told of everything that happens in phases. */
  onEvent?(event: ProgressEvent): void
}

export const clock: Clock = { now: () => Date.now() }
