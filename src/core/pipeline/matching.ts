/** Stage 3 in its surroundings: which catalogues are asked, what a person consented to, what the run keeps of it. */
import { githubRepositories, searchGithub } from '../match/github.ts'
import { matchPhases, type MatchResult } from '../match/match.ts'
import type { Config } from '../model/config.ts'
import type { Plan } from '../model/plan.ts'
import { technologiesOf } from '../research/detect.ts'
import { readPinned } from '../research/pinned.ts'
import { inspectText } from '../review/inspect-text.ts'
import type { Prepared, ReadPorts } from './prepare.ts'

type MatchPorts = Pick<ReadPorts, 'files' | 'web' | 'githubApi'>

/** Stage 3 as the configuration wants it. */
export async function matchPlan(
  plan: Plan,
  config: Config,
  { files, web, githubApi = 'https://api.github.com' }: MatchPorts,
): Promise<MatchResult> {
  const { catalogues, installSkills: install, online } = config
  const options = { catalogues, install, inspect: inspectText }
  if (!online || web === undefined) return await matchPhases(plan, files, options)
  const remote = githubRepositories(web, githubApi)
  return await matchPhases(plan, files, {
    ...options,
    remote,
    async search(phases) {
      const pinned = await readPinned(files)
      const used = phases.flatMap((phase) => technologiesOf(phase, pinned).map(({ tech }) => tech))
      return await searchGithub([...new Set(used)], web, githubApi, remote)
    },
  })
}

/** The same plan, where a person at the gate said something else about catalogues than the configuration did. */
export async function matchedAgain(
  prepared: Prepared,
  before: Config,
  now: Config,
  ports: MatchPorts,
): Promise<Prepared> {
  if (before.installSkills === now.installSkills) return prepared
  return { ...prepared, match: await matchPlan(prepared.plan, now, ports) }
}
