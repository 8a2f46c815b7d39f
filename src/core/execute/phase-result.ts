import type { Problem } from '../model/event.ts'
import type { FindingSeverity, ReviewKind } from '../model/finding.ts'
import type { CheckStatus, PhaseResult } from '../model/phase-result.ts'
import { type Verdict, verdict } from './findings.ts'
import type { PhaseContext } from './phase-context.ts'
import { openFindings, type PhaseProgress } from './phase-progress.ts'

/** A result travels in one commit message of the run's chain; the phase's own chain has every step. */
const MAX_STEPS = 60

/** PHASE_RESULT from what is recorded, at the end of an attempt. */
export function phaseResult(
  ctx: PhaseContext,
  end: { status: PhaseResult['status']; at: number; problem?: Problem; conflicts?: string[] },
): PhaseResult {
  const { input, book } = ctx
  const { progress } = book
  const tracked = [...progress.findings.values()]
  const { met, unmet } = criteria(progress)
  const completed = end.status === 'completed'
  return {
    status: end.status,
    phase: input.phase.id,
    title: input.phase.title,
    attempt: input.attempt,
    commits: progress.commits,
    build: checkResult(progress, 'build'),
    tests: checkResult(progress, 'test'),
    reviews: {
      test: counts(progress, 'test'),
      code: counts(progress, 'code'),
      perf: counts(progress, 'perf'),
    },
    verdict: overall(progress),
    criteria: {
      met,
      unmet,
      notJudged: progress.criteria.filter((id) => !progress.judged.has(id)),
    },
    fixesApplied: tracked
      .filter((f) => f.state === 'fixed' || f.state === 'already-resolved')
      .map((f) => ({ id: f.finding.id, severity: f.finding.severity, title: f.finding.title, note: f.note })),
    deferred: tracked
      .filter((f) => f.state === 'deferred')
      .map(({ finding, note }) => {
        const { id, severity, file, line, title } = finding
        return { id, severity, file, line, title, note }
      }),
    docs: progress.docs ?? 'no-map',
    ...(end.problem ? { error: end.problem } : {}),
    conflictFiles: end.conflicts ?? [],
    durationMs: end.at - progress.startedAt,
    handoffUpdated: completed,
    logUpdated: completed && input.contract.execution.progressEnforcement !== 'none',
    decisions: [...new Set(progress.decisions)],
    questions: progress.questions,
    notes: progress.notes,
    usage: progress.usage,
    steps: progress.steps.filter(({ state }) => state !== 'running').slice(-MAX_STEPS),
  }
}

function criteria(progress: PhaseProgress): { met: string[]; unmet: string[] } {
  const met: string[] = []
  const unmet: string[] = []
  for (const id of progress.criteria) {
    const judged = progress.judged.get(id)
    if (!judged) continue
    // Judged unmet and fixed since: the finding that stood for it tells, verify has looked at it.
    const finding = [...progress.findings.values()].find(
      (f) => f.finding.from === 'criteria' && f.finding.title.startsWith(`${id} `),
    )
    const mended = finding !== undefined && finding.state !== 'open' && finding.state !== 'deferred'
    ;(judged.met || mended ? met : unmet).push(id)
  }
  return { met, unmet }
}

/** The newest result of a check: maps keep the order in which results came. */
function checkResult(progress: PhaseProgress, check: 'build' | 'test') {
  const results = [...progress.checks].filter(([key]) => key.startsWith(`${check} `))
  const last = results.at(-1)?.[1]
  const status: CheckStatus =
    last === undefined
      ? 'not-run'
      : last.outcome === 'green'
        ? 'pass'
        : last.outcome === 'red'
          ? 'fail'
          : 'no-command'
  return {
    status,
    ...(last?.command === undefined ? {} : { command: last.command }),
    ...(last?.counts === undefined ? {} : { counts: last.counts }),
  }
}

function counts(progress: PhaseProgress, kind: ReviewKind): Record<FindingSeverity, number> | undefined {
  const step = `review-${kind}` as const
  if (!progress.reviews.has(step)) return undefined
  const all = { P0: 0, P1: 0, P2: 0, P3: 0 }
  for (const { finding } of progress.findings.values()) if (finding.from === step) all[finding.severity]++
  return all
}

function overall(progress: PhaseProgress): Verdict | 'not-reviewed' {
  if (progress.reviews.size < 3) return 'not-reviewed'
  const left = [...progress.findings.values()].filter((f) => f.state === 'open' || f.state === 'deferred')
  return openFindings(progress).length > 0 || left.length > 0 ? verdict(left.map((f) => f.finding)) : 'clean'
}
