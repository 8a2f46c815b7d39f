import type { Forge } from '../../forge.ts'
import type { Config } from '../../model/config.ts'
import type { Sha } from '../../model/ids.ts'
import type { Result } from '../../model/result.ts'
import type { JobName } from '../../run/holder.ts'
import type { Ports } from '../../pipeline-types.ts'
import type { PlanSource, ProjectFiles, SharedLedger } from '../../ports.ts'

/** What a job on a forge has besides the ports of a run. */
export interface JobDeps {
  forge: Forge
  ports: Omit<Ports, 'agent' | 'files' | 'ledger'> & { ledger: SharedLedger; shared: SharedLedger }
  me: JobName
  /** Whoever or whatever started the workflow: a login. */
  actor: string
  /** Where a job that makes a run looks documentation up, where the configuration lets it. Left out: nowhere. */
  documentation?(config: Config): Pick<Ports, 'web' | 'context7'>
  /** Id of the App whose buttons count; undefined: that of the App which started the workflow. */
  app?: number
  /**
   * The plan in `dir` as it stands at `head`; what the project says to agents (documents, skills, how it is built) as it stands
   * at `base`. Fetches commits that are not here.
   */
  planAt(at: {
    head: Sha
    base: Sha
    dir: string
  }): Promise<Result<{ source: PlanSource; files: ProjectFiles }>>
}
