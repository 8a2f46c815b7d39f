import type { Disposition, Finding, FixArtifact } from '../model/finding.ts'
import { some, type Problem } from './problem.ts'

export type DispositionReason =
  'no-disposition' | 'two-dispositions' | 'unknown-finding' | 'untouched-file' | 'no-reason-given'
export type DispositionProblem = Problem<DispositionReason>

/** A finding and what the fixer made of it. */
export interface Settled {
  finding: Finding
  disposition: Disposition
  note: string
}

export interface Settlement {
  /** Fixed, already resolved or refuted. Verify looks at them again. */
  closed: Settled[]
  /** P2 and P3 that were put off: they go into the summary. */
  deferred: Settled[]
  /** P0 and P1 that were put off, which nobody but a person may do. */
  open: Settled[]
}

/**
 * The gate of a fix pass: every finding it was given has exactly one disposition, "fixed" touched the finding's file in this
 * pass (`changedFiles`), and whoever does not fix says why.
 */
export function checkDispositions(
  given: readonly Finding[],
  artifact: Pick<FixArtifact, 'dispositions'>,
  changedFiles: readonly string[],
): { settlement: Settlement; problems: DispositionProblem[] } {
  const problems: DispositionProblem[] = []
  const settled: Settled[] = []
  const unknown = artifact.dispositions.filter((one) => !given.some(({ id }) => id === one.finding))
  for (const finding of given) {
    const mine = artifact.dispositions.filter((one) => one.finding === finding.id)
    const [first] = mine
    if (first === undefined) {
      problems.push({
        reason: 'no-disposition',
        message: `The fixer says nothing about ${finding.id} (${finding.severity}, ${finding.file}:${finding.line}, "${finding.title}").`,
        hint: 'Every finding of the task gets one disposition: fixed, already-resolved, refuted or deferred.',
      })
      continue
    }
    if (mine.length > 1) {
      problems.push({
        reason: 'two-dispositions',
        message: `The fixer gives ${finding.id} ${mine.length} dispositions: ${some(mine.map(({ disposition }) => disposition))}.`,
        hint: 'Every finding of the task gets exactly one disposition.',
      })
      continue
    }
    settled.push({ finding, disposition: first.disposition, note: first.note })
    const wrong = claimProblem(finding, first, changedFiles)
    if (wrong !== undefined) problems.push(wrong)
  }
  if (unknown.length > 0) {
    problems.push({
      reason: 'unknown-finding',
      message: `The fixer speaks of ${some([...new Set(unknown.map((one) => one.finding))])}, which is no finding of this pass.`,
      hint: 'Use the ids of the task as they are written there.',
    })
  }
  return { settlement: settle(settled), problems }
}

function claimProblem(
  finding: Finding,
  claim: { disposition: Disposition; note: string },
  changedFiles: readonly string[],
): DispositionProblem | undefined {
  if (claim.disposition !== 'fixed') {
    if (claim.note.trim() !== '') return undefined
    return {
      reason: 'no-reason-given',
      message: `The fixer calls ${finding.id} ${claim.disposition} without a word why.`,
      hint: 'Say in "note" what shows it: the line that settles it, the test that covers it, or what fixing would break.',
    }
  }
  if (touched(finding, changedFiles)) return undefined
  return {
    reason: 'untouched-file',
    message: `The fixer calls ${finding.id} fixed, but this pass did not change ${where(finding)}.`,
    hint: 'Fix it there, or call it already-resolved or refuted and say in "note" what shows it.',
    paths: [finding.file],
  }
}

/**
 * A finding of the test review points at the code that lacks a test: a change of that file or of any test counts. Unmet criteria
 * and a person's words point into the plan, which nobody but us may change: any change counts.
 */
function touched(finding: Finding, changedFiles: readonly string[]): boolean {
  if (finding.from === 'criteria' || finding.from === 'person') return changedFiles.length > 0
  return changedFiles.includes(finding.file) || (finding.from === 'review-test' && changedFiles.some(isTest))
}

function where(finding: Finding): string {
  if (finding.from === 'criteria' || finding.from === 'person') return 'any file'
  return finding.from === 'review-test' ? `${finding.file} or any test` : finding.file
}

/** By the habits of most languages: a tests folder, or "test" or "spec" as a word of the file's name. */
const isTest = (path: string): boolean =>
  /(?:^|[/._-])(?:__tests__|e2e|tests?|specs?)\//i.test(path) ||
  /[a-z]Tests?\//.test(path) ||
  /(?:^|[._-])(?:tests?|specs?)[._-]|Tests?\.\w+$|Spec\.\w+$/.test(path.slice(path.lastIndexOf('/') + 1))

function settle(settled: readonly Settled[]): Settlement {
  const urgent = ({ finding }: Settled): boolean => finding.severity === 'P0' || finding.severity === 'P1'
  const putOff = settled.filter(({ disposition }) => disposition === 'deferred')
  return {
    closed: settled.filter(({ disposition }) => disposition !== 'deferred'),
    deferred: putOff.filter((one) => !urgent(one)),
    open: putOff.filter(urgent),
  }
}
