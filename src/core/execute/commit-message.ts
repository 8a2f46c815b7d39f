import type { Phase, Spec, Unit } from '../model/plan.ts'
import type { AgentStep } from '../model/step.ts'
import { clean } from '../text/clean.ts'
import { specOf } from './units.ts'

export interface CommitFacts {
  run: string
  phase: string
  step: AgentStep | 'merge' | 'by-hand' | 'sync'
  attempt: number
}

/** Longer subjects are cut at a word: what git's own tools still show whole. */
const SUBJECT_LENGTH = 100

const STEP_SUBJECTS: Partial<Record<AgentStep, string>> = {
  'fix-p0p1': 'fix P0+P1 findings',
  'fix-p2': 'fix P2 findings',
  'fix-p3': 'fix P3 findings',
  'fix-build': 'fix the build',
  'fix-test': 'fix failing tests',
  'resolve-docs': 'refresh the codebase map',
  lead: 'what its team did besides',
}

/**
 * `orchestrate(phase-1): Create the config`, or with sprint and spec for spec-driven plans: see the commit contract. `subject` is
 * that of one of several changes of the unit.
 */
export function unitMessage(phase: Phase, unit: Unit, facts: CommitFacts, subject?: string): string {
  const spec = specOf(phase, unit)
  const scope = spec?.sprint === undefined ? `phase-${phase.id}` : `phase-${phase.id}/sprint-${spec.sprint}`
  const said = clean(subject ?? (unit.title || phase.title))
  return message(`orchestrate(${scope}): ${said}`, facts, spec ? specTrailers(spec, unit) : [])
}

export function stepMessage(phase: Phase, facts: CommitFacts & { step: AgentStep }, body = ''): string {
  return message(
    `orchestrate(phase-${phase.id}): ${STEP_SUBJECTS[facts.step] ?? facts.step}`,
    facts,
    [],
    body,
  )
}

export const byHandMessage = (phase: Phase, facts: CommitFacts): string =>
  message(`orchestrate(phase-${phase.id}): changes by hand`, facts, [])

export const syncMessage = (phase: Phase, facts: CommitFacts): string =>
  message(`Merge the plan branch into phase ${phase.id}`, facts, [])

export const mergeMessage = (phase: Phase, facts: CommitFacts, body: string): string =>
  message(`Merge orchestrate phase ${phase.id}: ${phase.title}`, facts, [], body)

function message(subject: string, facts: CommitFacts, more: string[], body = ''): string {
  const trailers = [
    `Orchestrate-Run: ${facts.run}`,
    `Orchestrate-Phase: ${facts.phase}`,
    `Orchestrate-Step: ${facts.step}`,
    `Orchestrate-Attempt: ${facts.attempt}`,
    ...more,
  ]
  return (
    [cut(oneLine(subject)), ...(body === '' ? [] : [body]), trailers.map(oneLine).join('\n')].join('\n\n') +
    '\n'
  )
}

function specTrailers(spec: Spec, { part }: Unit): string[] {
  const all = spec.requirements.map((r) => r.id)
  const own = all.filter((id) => part?.items.includes(id))
  const requirements = own.length > 0 ? own : all
  return [
    `Spec: ${spec.name}`,
    ...(requirements.length > 0 ? [`Requirements: ${requirements.join(', ')}`] : []),
  ]
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

function cut(subject: string): string {
  if (subject.length <= SUBJECT_LENGTH) return subject
  const short = subject.slice(0, SUBJECT_LENGTH - 1)
  const space = short.lastIndexOf(' ')
  return `${(space > SUBJECT_LENGTH / 2 ? short.slice(0, space) : short).trimEnd()}…`
}
