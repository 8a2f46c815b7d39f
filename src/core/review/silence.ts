import type { Diagnostic, Place, Silenced } from '../model/diagnostic.ts'
import type { Plan } from '../model/plan.ts'
import { similar } from '../text/similar.ts'
import { isOpen } from './facts.ts'
import { unusedSilencer } from './rules/silencers.ts'
import { type Silencer, silencersOf } from './silencer.ts'

export interface Heard {
  diagnostics: Diagnostic[]
  silenced: Silenced[]
}

/**
 * Takes the findings out that the plan silences with a reason. What `guards` names stays as a note with that reason: a plan
 * may be written by somebody whom its approver does not trust. Silencers that met no finding are findings themselves.
 */
export function silence(
  plan: Plan,
  found: readonly Diagnostic[],
  rules: { known: readonly string[]; guards: ReadonlySet<string> },
): Heard {
  const silencers = silencersOf(plan).filter(({ reason }) => reason !== '')
  if (silencers.length === 0) return { diagnostics: [...found], silenced: [] }
  const used = new Set<string>()
  const heard: Heard = { diagnostics: [], silenced: [] }
  for (const diagnostic of found) {
    const by = silencers.find((silencer) => covers(silencer, diagnostic))
    if (by === undefined) {
      heard.diagnostics.push(diagnostic)
      continue
    }
    for (const silencer of silencers)
      if (covers(silencer, diagnostic)) used.add(keyOf(silencer, diagnostic.rule))
    if (rules.guards.has(diagnostic.rule)) heard.diagnostics.push(asNote(diagnostic, by))
    heard.silenced.push({ diagnostic, reason: by.reason, place: by.place })
  }
  const finished = finishedPlaces(plan)
  for (const silencer of silencers) {
    // What is finished is not reviewed, so that its silencers meet nothing any more.
    if (finished(silencer.place)) continue
    for (const rule of silencer.rules)
      if (!used.has(keyOf(silencer, rule))) heard.diagnostics.push(unused(silencer, rule, rules.known))
  }
  return heard
}

const covers = ({ rules, place, from, to }: Silencer, { rule, file, line }: Diagnostic): boolean =>
  rule !== 'silencer-without-reason' &&
  place.file === file &&
  line >= from &&
  line <= to &&
  rules.includes(rule)

const keyOf = ({ place }: Silencer, rule: string): string => `${place.file}:${place.line}:${rule}`

const asNote = (diagnostic: Diagnostic, { reason }: Silencer): Diagnostic => ({
  ...diagnostic,
  severity: 'info',
  message: `${diagnostic.message} (silenced by the plan: ${reason})`,
})

function unused({ place }: Silencer, rule: string, known: readonly string[]): Diagnostic {
  const meant = known.includes(rule) ? undefined : similar(rule, known)
  return {
    rule: unusedSilencer.id,
    severity: unusedSilencer.severity,
    ...place,
    message: known.includes(rule)
      ? `${rule} finds nothing here that could be silenced`
      : `${rule} is no rule of the review`,
    hint: meant === undefined ? unusedSilencer.fix : `Did you mean ${meant}?`,
    why: unusedSilencer.why,
  }
}

/** Whether a place lies in a phase or spec that is done. */
function finishedPlaces(plan: Plan): (place: Place) => boolean {
  const starts = plan.phases
    .filter(({ place }) => place.file === plan.index)
    .map((phase) => ({ line: phase.place.line, open: isOpen(phase) }))
    .sort((a, b) => a.line - b.line)
  const done = new Set(
    plan.phases.flatMap((phase) =>
      phase.specs
        .filter(({ status }) => !isOpen(phase) || status === 'completed' || status === 'skipped')
        .flatMap(({ file }) => file ?? []),
    ),
  )
  return ({ file, line }) =>
    done.has(file) || (file === plan.index && starts.findLast((start) => start.line <= line)?.open === false)
}
