/** Who works on a phase and what they are given, each with its reason: for the gate, wherever it is shown. */
import { oneLine } from '../text/clean.ts'
import { list } from '../text/display.ts'

/** A skill that agents get, or that a catalogue offers. `score` compares within a phase. */
export interface Reasoned {
  name: string
  why: string
  score: number
  /** Where it lies; left out for what the registry says itself. */
  from?: string
}

export interface PhaseAssignment {
  /** "general-purpose" where nothing fits. */
  agentType: string
  why: string
  score: number
  from?: string
  skills: readonly Reasoned[]
  /** What catalogues have for it; nobody consented to use it yet. */
  offers: readonly (Reasoned & { kind: 'skill' | 'agent' })[]
}

const NONE: PhaseAssignment = { agentType: 'general-purpose', why: '', score: 0, skills: [], offers: [] }

/** "typescript-engineer (8.9: its files are .ts); skills typescript (8.9), billing (1.8 in .claude/…: both speak of …)" */
export function assignmentLine({ agentType, why, score, from, skills }: PhaseAssignment = NONE): string {
  const agent = `${agentType} (${reason({ why, score, ...(from === undefined ? {} : { from }) })})`
  const given = skills.map(
    (skill) => `${skill.name} (${reason(skill.why === why ? { ...skill, why: '' } : skill)})`,
  )
  return oneLine(given.length === 0 ? agent : `${agent}; skills ${list(given, 9)}`)
}

/** "skill pdf-forms (0.9 in documents of ./catalogue: both speak of pdf and form)" */
export const offerLines = ({ offers }: PhaseAssignment = NONE): string[] =>
  offers.map((offer) => oneLine(`${offer.kind} ${offer.name} (${reason(offer)})`))

function reason({ why, score, from }: Omit<Reasoned, 'name'>): string {
  const where = from === undefined ? '' : ` in ${from}`
  return `${score === 0 ? '' : score.toFixed(1)}${where}${why === '' ? '' : `: ${why}`}`.replace(/^[: ]+/, '')
}
