import type { IngestResult } from '../core/ingest/ingest.ts'
import type { Diagnostic } from '../core/model/diagnostic.ts'
import type { Failure } from '../core/model/failure.ts'
import type { RuleSeverities } from '../core/model/rules.ts'
import { type Annotation, annotationsOf } from '../core/report/annotations.ts'
import { phaseMatrix } from '../core/report/matrix.ts'
import { planSummary } from '../core/report/plan-summary.ts'
import { reviewPlan } from '../core/review/review.ts'
import { count } from '../core/text/display.ts'
import type { FailOn } from './inputs.ts'
import type { Outcome } from './outcome.ts'

/**
 * Mode `plan`: what the review says of the plan that was read. What keeps a plan from being run counts as an error of it.
 * A directory without a plan fails whatever `failOn` says: the input is wrong, not the plan.
 */
export function planOutcome(
  read: IngestResult,
  dir: string,
  failOn: FailOn,
  severities: RuleSeverities = {},
): Outcome {
  const { plan } = read
  const review = plan === undefined ? undefined : reviewPlan(plan, severities)
  const diagnostics = [...read.failures.map(asDiagnostic), ...(review?.diagnostics ?? read.diagnostics)]
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning').length
  const reason = plan === undefined ? 'There is no plan to review.' : tooBad(errors, warnings, failOn)
  return {
    annotations: annotationsOf(diagnostics, dir, reason === undefined ? [] : [closing(reason)]),
    summary: planSummary({
      plan,
      dir,
      diagnostics,
      confidence: review?.confidence ?? new Map(),
      questions: review?.questions ?? [],
    }),
    outputs: {
      phases: JSON.stringify(plan === undefined ? [] : phaseMatrix(plan)),
      errors: String(errors),
      warnings: String(warnings),
      digest: plan?.digest ?? '',
    },
    failed: reason !== undefined,
  }
}

/** Why the findings fail the job; undefined where they do not. */
function tooBad(errors: number, warnings: number, failOn: FailOn): string | undefined {
  const counted = [
    ...(errors > 0 && failOn !== 'never' ? [count(errors, 'error')] : []),
    ...(warnings > 0 && failOn === 'warning' ? [count(warnings, 'warning')] : []),
  ]
  return counted.length === 0
    ? undefined
    : `The review found ${counted.join(' and ')}; fail-on is "${failOn}".`
}

const closing = (message: string): Annotation => ({ level: 'error', title: 'Orchestrate', message })

const asDiagnostic = ({ reason, message, hint, file, line }: Failure): Diagnostic => ({
  rule: reason,
  severity: 'error',
  file: file ?? '',
  line: line ?? 1,
  message,
  hint,
})
