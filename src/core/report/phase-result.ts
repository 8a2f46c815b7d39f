import type { PhaseResult } from '../model/phase-result.ts'
import { duration, cost, severities } from '../text/format.ts'

/**
 * PHASE_RESULT as text: `key: value` lines below a `PHASE_RESULT:` line, the fields of the reference pipeline in its
 * order. Lists come one entry a line below their key; an empty list is "none".
 */
export function phaseResultText(result: PhaseResult): string {
  const { build, tests, reviews } = result
  const lines: [string, string | string[]][] = [
    ['status', result.status],
    ['phase', result.phase],
    ['title', result.title],
    ['attempt', String(result.attempt)],
    ['commits', result.commits.map(({ sha, subject }) => `${sha.slice(0, 10)} ${subject}`)],
    ['merge', result.merge?.slice(0, 10) ?? 'none'],
    ['build', check(build)],
    ['tests', check(tests)],
    ...(tests.counts === undefined
      ? []
      : ([
          [
            'test_counts',
            `${tests.counts.passed} passed, ${tests.counts.failed} failed, ${tests.counts.skipped} skipped`,
          ],
        ] satisfies [string, string][])),
    ['review_tests', reviewed(reviews.test)],
    ['review_code', reviewed(reviews.code)],
    ['review_performance', reviewed(reviews.perf)],
    ['verdict', result.verdict],
    ['criteria_met', result.criteria.met],
    ['criteria_unmet', result.criteria.unmet],
    ['criteria_not_judged', result.criteria.notJudged],
    [
      'fixes_applied',
      result.fixesApplied.map((fix) => `${fix.id} ${fix.severity} ${fix.title}: ${fix.note}`),
    ],
    [
      'deferred',
      result.deferred.map(
        (item) => `${item.id} ${item.severity} ${item.file}:${item.line} ${item.title}: ${item.note}`,
      ),
    ],
    ['docs', result.docs],
    [
      'error',
      result.error === undefined
        ? 'none'
        : `${result.error.reason}: ${result.error.message} (${result.error.hint})`,
    ],
    ['conflict_files', result.conflictFiles],
    ['duration', duration(result.durationMs)],
    ['handoff_updated', String(result.handoffUpdated)],
    ['log_updated', String(result.logUpdated)],
    ['decisions', result.decisions],
    ['questions', result.questions],
    ['notes', result.notes],
    ['cost', cost(result.usage)],
  ]
  return ['PHASE_RESULT:', ...lines.flatMap(([key, value]) => field(key, value)), ''].join('\n')
}

function field(key: string, value: string | string[]): string[] {
  if (typeof value === 'string') return [`  ${key}: ${flat(value)}`]
  if (value.length === 0) return [`  ${key}: none`]
  return [`  ${key}:`, ...value.map((entry) => `    - ${flat(entry)}`)]
}

const flat = (text: string): string => text.replace(/\s+/g, ' ').trim()

const check = ({ status, command }: PhaseResult['build']): string =>
  command === undefined ? status : `${status} (${command})`

const reviewed = (counts: Parameters<typeof severities>[0] | undefined): string =>
  counts === undefined ? 'not reviewed' : severities(counts)
