import type { Diagnostic, Place, Silenced } from '../model/diagnostic.ts'
import type { Plan } from '../model/plan.ts'
import { similar } from '../text/similar.ts'
import { covering } from './covering.ts'
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
  const { by: silencerOf, meets } = covering(silencers, found)
  const heard: Heard = { diagnostics: [], silenced: [] }
  for (const [at, diagnostic] of found.entries()) {
    const by = diagnostic.rule === unusedSilencer.id ? undefined : silencerOf.get(at)
    if (by === undefined) {
      heard.diagnostics.push(diagnostic)
      continue
    }
    if (rules.guards.has(diagnostic.rule)) heard.diagnostics.push(asNote(diagnostic, by))
    heard.silenced.push({ diagnostic, reason: by.reason, place: by.place })
  }
  const finished = finishedPlaces(plan)
  for (const silencer of silencers) {
    // What is finished is not reviewed, so that its silencers meet nothing any more.
    if (finished(silencer.place)) continue
    for (const rule of silencer.rules)
      if (rule === unusedSilencer.id || !meets(silencer, rule))
        heard.diagnostics.push(unused(silencer, rule, rules.known))
  }
  return heard
}

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
  // silencers come by their lines, so that one walk over the phases is enough
  let [at, last] = [0, 0]
  return ({ file, line }) => {
    if (done.has(file)) return true
    if (file !== plan.index) return false
    if (line < last) at = 0
    last = line
    while ((starts[at]?.line ?? Infinity) <= line) at += 1
    return starts[at - 1]?.open === false
  }
}
