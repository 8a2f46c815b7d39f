import { ingest } from '../ingest/ingest.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { failure } from '../model/failure.ts'
import type { Plan } from '../model/plan.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { PlanSource } from '../ports.ts'
import { mendsFor } from '../review/mends/index.ts'
import type { Mend, RepositoryFacts } from '../review/mends/mend.ts'
import { isFaithful, isReadInPart, type Revision } from '../review/restructure.ts'
import { reviewPlan } from '../review/review.ts'

/** How often one way of mending may go on: phases move one at a time. */
const ROUNDS = 12

/**
 * What the review would change in the plan's own files: each way of mending in turn, on what the one before left. Everything is read
 * and reviewed again before anybody sees it. What does not read back as the same tasks, does not put right what it is for, or
 * brings a finding of its own is not offered; a plan in which nothing else could be done is refused. `changes` is empty where there is nothing to do.
 */
export async function proposeRevision(
  source: PlanSource,
  plan: Plan,
  repository: () => Promise<RepositoryFacts> = () => Promise.resolve({ files: [] }),
): Promise<Result<Revision>> {
  let now: Reading = { plan, findings: reviewPlan(plan).diagnostics }
  const files = new Map<string, string>()
  const changes: Revision['changes'] = []
  let refused = false
  if (isReadInPart(plan)) return ok({ files, changes })
  for (const mend of mendsFor(plan)) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const asked = now.findings.filter(({ rule }) => mend.rules.includes(rule))
      if (asked.length === 0) break
      const revision = mend.propose(
        now.plan,
        asked,
        mend.looksAround === true ? await repository() : { files: [] },
      )
      if (revision.changes.length === 0) break
      const read = await readAgain(overlaid(source, new Map([...files, ...revision.files])))
      const faithful = read !== undefined && isFaithful(now.plan, read.plan, revision)
      refused ||= !faithful
      if (!faithful || !isBetter(mend, now.findings, read.findings)) break
      for (const [path, text] of revision.files) files.set(path, text)
      changes.push(...revision.changes)
      now = read
    }
  }
  if (changes.length > 0 || !refused) return ok({ files, changes })
  return err([
    failure(
      'refused',
      'The plan is written in a way that cannot be changed line by line without changing what it says.',
      'Nothing was changed. `orchestrate review` says what to change by hand.',
    ),
  ])
}

interface Reading {
  plan: Plan
  findings: readonly Diagnostic[]
}

async function readAgain(source: PlanSource): Promise<Reading | undefined> {
  const { plan, failures } = await ingest(source)
  return plan === undefined || failures.length > 0
    ? undefined
    : { plan, findings: reviewPlan(plan).diagnostics }
}

/** They speak of each phase by itself: where one becomes two, both may lack it. */
const OF_EACH_PHASE = ['no-acceptance-criteria', 'no-file-targets', 'mixed-concerns', 'too-many-modules']

/** Fewer findings of what it is for, and none more of any other rule that warns or stops. */
function isBetter({ rules }: Mend, before: readonly Diagnostic[], after: readonly Diagnostic[]): boolean {
  const countOf = (findings: readonly Diagnostic[], rule: string): number =>
    findings.filter((finding) => finding.rule === rule).length
  const own = (findings: readonly Diagnostic[]): number =>
    findings.filter(({ rule }) => rules.includes(rule)).length
  const others = new Set(
    after.flatMap(({ rule, severity }) =>
      severity === 'info' || [...rules, ...OF_EACH_PHASE].includes(rule) ? [] : [rule],
    ),
  )
  return (
    own(after) < own(before) && [...others].every((rule) => countOf(after, rule) <= countOf(before, rule))
  )
}

/** The source with some of its files in other words. */
const overlaid = (source: PlanSource, files: ReadonlyMap<string, string>): PlanSource => ({
  shown: source.shown,
  dir: source.dir,
  ...(source.file === undefined ? {} : { file: source.file }),
  list: (depth) => source.list(depth),
  documents: () => source.documents(),
  read: async (path) => {
    const text = files.get(path)
    return text === undefined ? await source.read(path) : { text, invalidUtf8: false }
  },
})
