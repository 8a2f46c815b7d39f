import type { FileSnapshot } from '../../forge.ts'
import type { Clock, PlanSource, ProjectFiles } from '../../ports.ts'

/** What the gate on a code host needs besides the forge. The App builds one, and the Action where no App is installed. */
export interface GateContext {
  clock: Clock
  /**
   * Who writes check and comment: `app` has buttons and a check that only it can write; `action` is the workflow's own
   * GITHUB_TOKEN, which stands back where an App has written before.
   */
  as: 'app' | 'action'
  /** Opens the files of a commit, as they were read from the forge, for the stages. */
  open(snapshot: FileSnapshot, planDir: string): { source: PlanSource; files: ProjectFiles }
  /** For the log: what was done, never what somebody wrote. */
  log?(message: string, fields?: Record<string, unknown>): void
}
