import type { Finding, FindingSeverity, ReportedFinding, ReviewArtifact } from '../model/finding.ts'
import { pathFromRoot } from '../model/plan-path.ts'
import type { Criterion } from '../model/plan.ts'
import type { ReviewStep } from '../model/step.ts'
import { some, type Problem } from './problem.ts'

export type FindingReason = 'no-such-file' | 'no-such-line' | 'unjudged-criterion' | 'unknown-id'
export type FindingProblem = Problem<FindingReason>

/** What the reviewed tree holds, looked up by the caller for the files that the findings name (`filesNamed`). */
export interface TreeFacts {
  /** Number of lines by path from the root; a path that is missing here is no file of the tree. */
  lines: ReadonlyMap<string, number>
  /** Paths that the phase changed, the deleted ones included: a finding may point at a file that the phase deleted. */
  changed?: readonly string[]
}

const PREFIX = { 'review-test': 'T', 'review-code': 'C', 'review-perf': 'F', verify: 'V' } as const

/** The step whose reviewer judges the criteria and requirements. The two others look at the same code for other things. */
export const CRITERIA_STEP: ReviewStep = 'review-code'

/** The step as the subject of a sentence. */
const reviewer = (step: ReviewStep | 'verify'): string =>
  ({
    'review-test': 'The review of the tests',
    'review-code': 'The review of the code',
    'review-perf': 'The review of the performance',
    verify: 'The check of the fixes',
  })[step]

/** Paths that a review points at, each once, as `checkFindings` will look them up. */
export const filesNamed = (artifact: Pick<ReviewArtifact, 'findings'>): string[] => [
  ...new Set(artifact.findings.map((finding) => normalized(finding.file))),
]

/**
 * Every finding has to point at a line that is there: a place that does not exist means that the reviewer did not look, so the
 * whole review is refused, not this one finding dropped. Ids count from `first` ("T1", "C1", "F1", "V1"), in the order given.
 */
export function checkFindings(
  step: ReviewStep | 'verify',
  reported: readonly ReportedFinding[],
  facts: TreeFacts,
  first = 1,
): { findings: Finding[]; problems: FindingProblem[] } {
  const findings = reported.map((one, i): Finding => ({
    ...one,
    file: normalized(one.file),
    id: `${PREFIX[step]}${first + i}`,
    from: step,
  }))
  const problems = findings.flatMap(
    (finding, i) => placeProblem(step, finding, `findings[${i}]`, facts) ?? [],
  )
  return { findings, problems }
}

function placeProblem(
  step: ReviewStep | 'verify',
  finding: Finding,
  at: string,
  facts: TreeFacts,
): FindingProblem | undefined {
  const { file, line, title } = finding
  const lines = facts.lines.get(file)
  if (lines === undefined) {
    if (facts.changed?.includes(file) === true) return undefined
    const meant = [...(facts.changed ?? []), ...facts.lines.keys()].find(
      (path) => path.endsWith(`/${file}`) || file.endsWith(`/${path}`),
    )
    return {
      reason: 'no-such-file',
      message: `${reviewer(step)} points at ${file}:${line} ("${title}"), but there is no such file.`,
      hint:
        meant === undefined
          ? 'Give the path from the root of the repository, of a file that is there.'
          : `Give the path from the root of the repository: ${meant}?`,
      at: `${at}.file`,
      paths: [file],
    }
  }
  if (line <= Math.max(1, lines)) return undefined
  return {
    reason: 'no-such-line',
    message: `${reviewer(step)} points at ${file}:${line} ("${title}"), but the file has ${lines} ${lines === 1 ? 'line' : 'lines'}.`,
    hint: 'Open the file and give the line that the finding is about.',
    at: `${at}.line`,
    paths: [file],
  }
}

/** Agents write "./src/a.ts" and "src\\a.ts" for "src/a.ts". */
const normalized = (path: string): string => path.replaceAll('\\', '/').replace(/^(?:\.\/+)+/, '')

/**
 * Every criterion has to be judged, met or not. An unmet one is a P1 finding "A1", "A2", … that points at the line of the plan
 * where it is written; `planDir` is "" where the plan lies in the root.
 */
export function checkCriteria(
  step: ReviewStep,
  artifact: Pick<ReviewArtifact, 'criteria'>,
  criteria: readonly Criterion[],
  planDir: string,
): { findings: Finding[]; problems: FindingProblem[] } {
  const judged = artifact.criteria ?? []
  const missing = criteria.filter(({ id }) => !judged.some((one) => one.id === id))
  const unknown = judged.filter((one) => !criteria.some(({ id }) => id === one.id))
  const problems: FindingProblem[] = []
  if (missing.length > 0) {
    problems.push({
      reason: 'unjudged-criterion',
      message: `${reviewer(step)} does not say whether ${some(missing.map(({ id }) => id))} ${missing.length === 1 ? 'is' : 'are'} met.`,
      hint: 'Judge every criterion and requirement of the task by its id, with the evidence.',
      at: 'criteria',
    })
  }
  if (unknown.length > 0) {
    problems.push({
      reason: 'unknown-id',
      message: `${reviewer(step)} judges ${some(unknown.map(({ id }) => id))}, which the task does not list.`,
      hint: 'Use the ids of the task as they are written there.',
      at: 'criteria',
    })
  }
  // Judged twice, once as met and once not, counts as not met.
  const unmet = criteria.filter(({ id }) => judged.some((one) => one.id === id && !one.met))
  const findings = unmet.map((criterion, i): Finding => {
    const evidence = judged.find((one) => one.id === criterion.id && !one.met)?.evidence ?? ''
    return {
      id: `A${i + 1}`,
      from: 'criteria',
      severity: 'P1',
      file: pathFromRoot(planDir, criterion.place.file),
      line: criterion.place.line,
      title: `${criterion.id} is not met`.slice(0, 2_000),
      detail: `${criterion.text}\n\n${evidence}`.slice(0, 20_000),
    }
  })
  return { findings, problems }
}

/** A finding of a person (`/fix N <text>`): a P1, since somebody took the trouble. It points at the phase's heading. */
export function personFinding(n: number, text: string, place: { file: string; line: number }): Finding {
  const title = text.trim().split('\n')[0]?.slice(0, 200) ?? ''
  return {
    id: `H${n}`,
    from: 'person',
    severity: 'P1',
    file: place.file,
    line: place.line,
    title: title === '' ? 'A person asks for a change' : title,
    detail: text.slice(0, 20_000),
  }
}

/** What verify says about findings of before: ids that are still open. Ids that nobody gave are problems. */
export function checkReopened(
  artifact: Pick<ReviewArtifact, 'reopened'>,
  known: readonly Finding[],
): { reopened: Finding[]; problems: FindingProblem[] } {
  const ids = [...new Set(artifact.reopened ?? [])]
  const unknown = ids.filter((id) => !known.some((finding) => finding.id === id))
  return {
    reopened: known.filter((finding) => ids.includes(finding.id)),
    problems:
      unknown.length === 0
        ? []
        : [
            {
              reason: 'unknown-id',
              message: `${reviewer('verify')} reopens ${some(unknown)}, which is no id of a finding that it was given.`,
              hint: 'List ids of the task in "reopened"; what is new belongs into "findings".',
              at: 'reopened',
            },
          ],
  }
}

export type Verdict = 'clean' | 'p2_p3_only' | 'p0_p1_found'

export function verdict(open: readonly { severity: FindingSeverity }[]): Verdict {
  if (open.some(({ severity }) => severity === 'P0' || severity === 'P1')) return 'p0_p1_found'
  return open.length === 0 ? 'clean' : 'p2_p3_only'
}
