/** What phases that run did so far, from the newest entries of their own chains. */
import { tellStep } from '../../execute/phase-steps.ts'
import type { AttemptChain, AttemptName, PullFacts } from '../../forge.ts'
import { phaseEvent } from '../../model/event.ts'
import { phaseCheck } from '../../model/forge-names.ts'
import { phaseId } from '../../model/ids.ts'
import type { PhaseStep } from '../../model/phase-step.ts'
import { readEvent } from '../../model/read-event.ts'
import { readCheckId } from './marker.ts'

export interface StepsSoFar {
  attempt: number
  /** Entries of the attempt's chain. */
  count: number
  /** When the newest of them was written, milliseconds since the epoch. */
  at: number
  steps: PhaseStep[]
}

/** Chains that are read along with a run's. */
const MAX_ATTEMPTS = 16
const PREFIX = phaseCheck('')

/**
 * The attempts that are under way as far as our checks tell. A phase that began since has no check yet, and no step that is
 * published: the next look reads its chain.
 */
export function runningAttempts(facts: PullFacts, run: string): AttemptName[] {
  const found = new Map<string, AttemptName>()
  for (const { name, mine, status, externalId } of facts.checks) {
    if (!mine || status === 'completed' || !name.startsWith(PREFIX)) continue
    const memory = readCheckId(externalId)
    if (memory?.run !== run || memory.steps === undefined) continue
    const { attempt } = memory.steps
    found.set(`${name} ${attempt}`, { phase: phaseId(name.slice(PREFIX.length)), attempt })
  }
  return [...found.values()].slice(0, MAX_ATTEMPTS)
}

/** By phase. A chain that is not as we write them is not drawn; what it means for the run, jobs and `verify` say. */
export function stepsSoFar(chains: readonly AttemptChain[]): Map<string, StepsSoFar> {
  const found = new Map<string, StepsSoFar>()
  for (const { phase, attempt, entries, count } of chains) {
    let steps: PhaseStep[] = []
    let at = 0
    for (const entry of entries) {
      const event = readEvent(phaseEvent, entry)
      if (!event.ok) break
      steps = tellStep(steps, event.value)
      at = event.value.at
    }
    if (at > 0 && (found.get(phase)?.attempt ?? 0) < attempt) found.set(phase, { attempt, count, at, steps })
  }
  return found
}
