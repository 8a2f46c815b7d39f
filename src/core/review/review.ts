import type { Diagnostic, Place } from '../model/diagnostic.ts'
import type { PhaseId } from '../model/ids.ts'
import type { Plan } from '../model/plan.ts'
import type { Confidence } from './confidence.ts'
import { confidenceOf } from './confidence.ts'
import { openPhases } from './facts.ts'
import { CATALOGUE } from './rules/catalogue.ts'
import { toDiagnostic } from './rules/rule.ts'
import { isMixed, isTooLarge } from './rules/sizing.ts'
import { independentPairs } from './side-by-side.ts'
import type { Split } from './split.ts'
import { splitByConcern, splitBySize } from './split.ts'

export type { Confidence } from './confidence.ts'
export type { Split } from './split.ts'
export { CATALOGUE } from './rules/catalogue.ts'

export interface Question {
  phase?: PhaseId
  text: string
  place: Place
}

/** What the review found. Nothing is changed: `splits` are proposals. */
export interface Review {
  /** Those of ingest and of the rules, by file and line, each once. */
  diagnostics: Diagnostic[]
  /** Of every phase, finished ones too. */
  confidence: Map<PhaseId, Confidence>
  /** Phases that run in written order for want of a stated dependency, though nothing ties them together. */
  sideBySide: [PhaseId, PhaseId][]
  splits: Split[]
  /** What only the people who wrote the plan can answer. */
  questions: Question[]
}

/** Stage 2. Pure and free: no network, no agent. */
export function reviewPlan(plan: Plan): Review {
  const found = CATALOGUE.flatMap((rule) => rule.check(plan).map((one) => toDiagnostic(rule, one)))
  return {
    diagnostics: inOrder([...plan.diagnostics, ...found]),
    confidence: new Map(plan.phases.map((phase) => [phase.id, confidenceOf(plan, phase)])),
    sideBySide: plan.dependenciesStated ? [] : independentPairs(plan).map(([a, b]) => [a.id, b.id]),
    splits: openPhases(plan)
      .filter((phase) => phase.specs.length === 0 && (isTooLarge(phase) || isMixed(phase)))
      .map((phase) => (isMixed(phase) ? splitByConcern(plan, phase) : splitBySize(plan, phase))),
    questions: questionsOf(plan),
  }
}

/** By file, line, severity; what ingest and a rule both say of one line is kept once. */
function inOrder(diagnostics: Diagnostic[]): Diagnostic[] {
  const weight = { error: 0, warning: 1, info: 2 }
  const seen = new Set<string>()
  return diagnostics
    .filter(({ rule, file, line, message, phase }) => {
      const key = [rule, file, line, phase ?? '', message].join('\n')
      const fresh = !seen.has(key)
      seen.add(key)
      return fresh
    })
    .map((diagnostic, at) => ({ diagnostic, at }))
    .sort(
      (a, b) =>
        compare(a.diagnostic.file, b.diagnostic.file) ||
        a.diagnostic.line - b.diagnostic.line ||
        weight[a.diagnostic.severity] - weight[b.diagnostic.severity] ||
        a.at - b.at,
    )
    .map(({ diagnostic }) => diagnostic)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function questionsOf(plan: Plan): Question[] {
  return openPhases(plan).flatMap((phase) => {
    const asked: Question[] = phase.specs.flatMap((spec) =>
      spec.openQuestions.map(({ text, place }) => ({
        phase: phase.id,
        text: `${spec.name}: ${text}`,
        place,
      })),
    )
    for (const { text, place } of phase.unknownDependencies) {
      asked.push({
        phase: phase.id,
        text: `Which phase is “${text}”, which phase ${phase.id} depends on?`,
        place,
      })
    }
    const confidence = confidenceOf(plan, phase)
    if (confidence.level === 'low') {
      const why = confidence.reasons.slice(1).join(', ')
      asked.push({
        phase: phase.id,
        text: `What shall be true when phase ${phase.id} (${phase.title}) is done, and in which files? (${why})`,
        place: phase.place,
      })
    }
    return asked
  })
}
