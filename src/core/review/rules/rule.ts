import type { Diagnostic, Place, Severity } from '../../model/diagnostic.ts'
import type { PhaseId } from '../../model/ids.ts'
import { OUR_WORDS, type Plan, type PlanWords } from '../../model/plan.ts'
import { inWords } from '../../text/plan-words.ts'

/** One place where a rule does not hold. */
export interface Found {
  /** What was found, one sentence without a full stop. */
  message: string
  place: Place
  phase?: PhaseId
  /** More exact than the rule's own `fix`. */
  hint?: string
  /** Where one find weighs other than the rule does. */
  severity?: Severity
  column?: number
  endColumn?: number
  related?: (Place & { message: string })[]
}

/** What people see of a rule. */
export interface RuleInfo {
  /** kebab-case, unique, never reused: people silence and link rules by it, and docs/rules/ has a page of that name. */
  id: string
  /**
   * `error` stops the gate: the plan cannot run as written. `warning` is worth a change before money is spent.
   * `info` is worth knowing. `.github/orchestrate.yml` may say otherwise.
   */
  severity: Severity
  /** Why it matters, one sentence. */
  why: string
  /** What to do, one sentence. */
  fix: string
}

/** A check of the catalogue. Pure: the plan is all it sees. */
export interface Rule extends RuleInfo {
  check(plan: Plan): Found[]
}

/** A check that needs nothing of a plan but its text: it looks at other text that agents read, too. */
export interface TextRule extends RuleInfo {
  check(plan: Pick<Plan, 'files'>): Found[]
}

/** `words`: those of the plan, in which the rule's own texts speak then. */
export function toDiagnostic(rule: RuleInfo, found: Found, words: PlanWords = OUR_WORDS): Diagnostic {
  return {
    rule: rule.id,
    severity: found.severity ?? rule.severity,
    file: found.place.file,
    line: found.place.line,
    message: found.message,
    hint: found.hint ?? inWords(rule.fix, words),
    ...(found.place.endLine !== undefined && { endLine: found.place.endLine }),
    ...(found.column !== undefined && { column: found.column }),
    ...(found.endColumn !== undefined && { endColumn: found.endColumn }),
    why: inWords(rule.why, words),
    ...(found.phase !== undefined && { phase: found.phase }),
    ...(found.related !== undefined && found.related.length > 0 && { related: found.related }),
  }
}
