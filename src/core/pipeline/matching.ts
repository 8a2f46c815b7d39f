/** Stage 3 in its surroundings: which catalogues are asked, what a person consented to, what the run keeps of it. */
import { sha256 } from '../execute/sha256.ts'
import { githubRepositories, searchGithub } from '../match/github.ts'
import { matchPhases, type MatchResult, type Taken } from '../match/match.ts'
import type { Config } from '../model/config.ts'
import type { RecordedSkill } from '../model/event.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { Plan } from '../model/plan.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { LedgerStore } from '../ports.ts'
import { technologiesOf } from '../research/detect.ts'
import { readPinned } from '../research/pinned.ts'
import { inspectText } from '../review/inspect-text.ts'
import type { RunBook } from '../run/book.ts'
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

/** What a run keeps of what it took from catalogues: what it is in the event, its text beside it. */
export function skillsToRecord(taken: readonly Taken[]): {
  skills: RecordedSkill[]
  files: Map<string, string>
} {
  const files = new Map<string, string>()
  const skills = taken.map(({ text, ...one }) => {
    const file = `skills/${one.kind}-${encodeURIComponent(one.name)}.md`
    files.set(file, text)
    return { ...one, file, sha256: sha256(text) }
  })
  return { skills, files }
}

/**
 * The plan with what the run took from catalogues when it was approved, whatever those offer now. A text that is not the recorded
 * one is a defect of the ledger.
 */
export async function asRecorded(
  prepared: Prepared,
  book: RunBook,
  ports: Pick<ReadPorts, 'files'> & { ledger: LedgerStore },
): Promise<Result<Prepared, Failure[]>> {
  const { skills, run } = book.state
  if (skills.length === 0 && prepared.match.taken.length === 0) return ok(prepared)
  const recorded: Taken[] = []
  for (const { file, sha256: digest, ...one } of skills) {
    const text = book.head === undefined ? undefined : await ports.ledger.file(book.head, file)
    if (text === undefined || sha256(text) !== digest)
      return err([
        failure(
          'ledger-unreadable',
          `The text of the ${one.kind} ${one.name} in the ledger of run ${run} is not the one that was approved.`,
          '`orchestrate verify` looks at the whole chain; start a new run.',
        ),
      ])
    recorded.push({ ...one, text })
  }
  const match = await matchPhases(prepared.plan, ports.files, { recorded, inspect: inspectText })
  return ok({ ...prepared, match })
}
