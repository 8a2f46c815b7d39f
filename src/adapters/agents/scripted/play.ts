import type { Asked } from './prompt.ts'
import type { Condition, Entry, Script } from './script.ts'

/** What a call does, once it is chosen. */
export type Act = Omit<Entry, 'step'>

export interface Call {
  phase: string
  step: string
  unit: string
  attempt: number
  nonce: string
}

/** The first entry that matches the call and the working directory. `read` gives a file's text, undefined where there is none. */
export function chooseEntry(
  script: Script,
  call: Call,
  read: (path: string) => string | undefined,
): Entry | undefined {
  return script.steps.find(
    (entry) =>
      entry.step === call.step &&
      (entry.phase ?? call.phase) === call.phase &&
      (entry.unit ?? call.unit) === call.unit &&
      (entry.attempt ?? call.attempt) === call.attempt &&
      (entry.when === undefined || holds(entry.when, read(entry.when.file))),
  )
}

function holds(condition: Condition, text: string | undefined): boolean {
  if ('exists' in condition) return condition.exists === (text !== undefined)
  if ('contains' in condition) return text?.includes(condition.contains) ?? false
  return text !== undefined && !text.includes(condition.lacks)
}

/**
 * What a step does that the script does not name. A review is clean, plans of a team are approved, documents are left as they are; work has to
 * be named (undefined), since an agent that does nothing would only fail later and less clearly.
 */
export function entryByDefault(step: string): Act | undefined {
  if (isReview(step)) return { summary: 'Nothing found.' }
  if (step === 'lead') return { summary: 'As the script says.' }
  return step === 'resolve-docs' ? { summary: 'Nothing to do.' } : undefined
}

const isReview = (step: string): boolean =>
  step.startsWith('review-') || step === 'verify' || step === 'plan-review'

/** The artifact of a call: what its entry says, and an answer to everything that the prompt asks and the entry leaves out. */
export function makeArtifact(entry: Act, call: Call, asked: Asked): object {
  const { step } = call
  const summary = entry.summary ?? 'Done as the script says.'
  const common = { nonce: call.nonce, summary, ...(entry.usage === undefined ? {} : { usage: entry.usage }) }
  const id = (name: string): string => asked.findings.find((one) => one.title === name)?.id ?? name

  if (isReview(step)) {
    const judged = entry.criteria ?? []
    const others = asked.criteria
      .filter((one) => !judged.some((criterion) => criterion.id === one))
      .map((one) => ({ id: one, met: true, evidence: 'as the script says' }))
    return {
      ...common,
      findings: entry.findings ?? [],
      criteria: [...judged, ...others],
      ...(entry.reopened === undefined ? {} : { reopened: entry.reopened.map(id) }),
    }
  }
  if (step === 'fix-p0p1' || step === 'fix-p2' || step === 'fix-p3') {
    const stated = (entry.dispositions ?? []).map((one) => ({ ...one, finding: id(one.finding) }))
    const known = stated.filter((one) => asked.findings.some((finding) => finding.id === one.finding))
    const others = asked.findings
      .filter((one) => !stated.some((disposition) => disposition.finding === one.id))
      .map((one) => ({ finding: one.id, disposition: 'fixed', note: 'as the script says' }))
    return { ...common, dispositions: [...known, ...others] }
  }
  if (step === 'research') return { ...common, ...entry.sheet }
  return {
    ...common,
    ...(entry.decisions === undefined ? {} : { decisions: entry.decisions }),
    ...(entry.questions === undefined ? {} : { questions: entry.questions }),
    ...(entry.changes === undefined ? {} : { changes: entry.changes }),
  }
}
