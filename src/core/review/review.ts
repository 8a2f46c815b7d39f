import type { Diagnostic, Place, Silenced } from '../model/diagnostic.ts'
import { READER_RULES, type RuleSeverities } from '../model/rules.ts'
import type { PhaseId } from '../model/ids.ts'
import type { Plan } from '../model/plan.ts'
import type { Confidence } from './confidence.ts'
import { confidenceOf } from './confidence.ts'
import { openPhases, phaseOf } from './facts.ts'
import { CATALOGUE, GUARDS, RULES } from './rules/catalogue.ts'
import { toDiagnostic } from './rules/rule.ts'
import { isMixed, isTooLarge } from './rules/sizing.ts'
import { silence } from './silence.ts'
import { independentPairs } from './side-by-side.ts'
import type { Split } from './split.ts'
import { splitByConcern, splitBySize } from './split.ts'

export type { Confidence } from './confidence.ts'
export type { Split } from './split.ts'
export { CATALOGUE, RULES } from './rules/catalogue.ts'

export interface Question {
  phase?: PhaseId
  text: string
  place: Place
}

/** What the review found. Nothing is changed: `splits` are proposals. */
export interface Review {
  /** Those of ingest and of the rules, by file and line, each once. */
  diagnostics: Diagnostic[]
  /** Those that the plan silences, each with its reason. */
  silenced: Silenced[]
  /** What no run can begin with, whatever is silenced or configured: see `blockingIn`. */
  blocking: Diagnostic[]
  /** Of every phase, finished ones too. */
  confidence: Map<PhaseId, Confidence>
  /** Phases that run in written order for want of a stated dependency, though nothing ties them together. */
  sideBySide: [PhaseId, PhaseId][]
  splits: Split[]
  /** What only the people who wrote the plan can answer. */
  questions: Question[]
}

/** Stage 2. Pure and free: no network, no agent. `severities` is what the configuration says of single rules, `further` what others found. */
export function reviewPlan(
  plan: Plan,
  severities: RuleSeverities = {},
  further: readonly Diagnostic[] = [],
): Review {
  const found = CATALOGUE.flatMap((rule) =>
    rule.check(plan).map((one) => toDiagnostic(rule, one, plan.words)),
  )
  const known = [...RULES.map(({ id }) => id), ...READER_RULES]
  const weighed = unique([...plan.diagnostics, ...found, ...further]).map((one) => weigh(one, severities))
  const heard = silence(plan, weighed, { known, guards: GUARDS })
  const isOn = ({ rule }: Diagnostic) => severities[rule] !== 'off'
  return {
    diagnostics: inOrder(heard.diagnostics.filter(isOn)),
    silenced: heard.silenced.filter(({ diagnostic }) => isOn(diagnostic)),
    blocking: [...blockingIn(plan), ...found.filter(({ rule }) => rule === 'cyclic-dependency')],
    confidence: new Map(plan.phases.map((phase) => [phase.id, confidenceOf(plan, phase)])),
    sideBySide: plan.dependenciesStated ? [] : independentPairs(plan).map(([a, b]) => [a.id, b.id]),
    splits: openPhases(plan)
      .filter((phase) => phase.specs.length === 0 && (isTooLarge(phase) || isMixed(phase)))
      .map((phase) => (isMixed(phase) ? splitByConcern(plan, phase) : splitBySize(plan, phase))),
    questions: questionsOf(plan),
  }
}

/**
 * Dependencies, or parts of a file of tasks, that were not read, so that the order would be another one; and files of phases, tasks and specs that are no UTF-8:
 * their statuses are written back, and with them would go every byte that was replaced.
 */
function blockingIn(plan: Plan): Diagnostic[] {
  const found = plan.diagnostics.filter(
    ({ rule, severity }) =>
      severity === 'error' && ['not-utf-8', 'not-json', 'too-many-dependencies'].includes(rule),
  )
  if (found.length === 0) return []
  const written = new Set<string | undefined>([
    plan.index,
    ...plan.phases.flatMap(({ place, tasks, specs }) => [
      place.file,
      ...tasks.map((task) => task.place.file),
      ...specs.map((spec) => spec.file),
    ]),
  ])
  return found.filter(({ file }) => written.has(file))
}

/** What ingest and a rule both say of one line is kept once. */
function unique(diagnostics: Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>()
  return diagnostics.filter(({ rule, file, line, message, phase }) => {
    const key = [rule, file, line, phase ?? '', message].join('\n')
    const fresh = !seen.has(key)
    seen.add(key)
    return fresh
  })
}

/** As the configuration wants it. */
function weigh(diagnostic: Diagnostic, severities: RuleSeverities): Diagnostic {
  const severity = severities[diagnostic.rule]
  return severity === undefined || severity === 'off' ? diagnostic : { ...diagnostic, severity }
}

/** By file, line, severity. */
function inOrder(diagnostics: Diagnostic[]): Diagnostic[] {
  const weight = { error: 0, warning: 1, info: 2 }
  return diagnostics
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
        text: `Which ${plan.words.phase} is “${text}”, which ${phaseOf(phase.id, plan)} depends on?`,
        place,
      })
    }
    const confidence = confidenceOf(plan, phase)
    if (confidence.level === 'low') {
      const why = confidence.reasons.slice(1).join(', ')
      asked.push({
        phase: phase.id,
        text: `What shall be true when ${phaseOf(phase.id, plan)} (${phase.title}) is done, and in which files? (${why})`,
        place: phase.place,
      })
    }
    return asked
  })
}
