import type { Config } from '../../model/config.ts'
import type { Clock } from '../../ports.ts'
import type { PlanAt, PlanFiles } from './read-plan.ts'

/** What the gate on a code host needs besides the forge. The App builds one, and the Action where no App is installed. */
export interface GateContext {
  clock: Clock
  /**
   * Who writes check and comment: `app` has buttons and a check that only it can write; `action` is the workflow's own
   * GITHUB_TOKEN, which stands back where an App has written before.
   */
  as: 'app' | 'action'
  /** Phases of the job that asks: checks of others that run are begun by their own jobs. Undefined: all are begun here. */
  own?: ReadonlySet<string>
  /** Finds the plan in what was read from the forge, and makes of it what the gate shows: here, or in a thread of its own. */
  prepare(files: PlanFiles, candidates: readonly string[], config: Config): Promise<PlanAt>
  /** Plans as they stood at commits that were looked at before. Whoever looks once needs none. */
  plans?: PlanMemory
  /** For the log: what was done, never what somebody wrote. */
  log?(message: string, fields?: Record<string, unknown>): void
}

/** May forget anything at any time: what it holds follows from its key. */
export interface PlanMemory {
  get(key: string): PlanAt | undefined
  set(key: string, plan: PlanAt): unknown
}
