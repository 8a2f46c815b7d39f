import type { Phase, Plan } from '../model/plan.ts'
import { oneLine } from '../text/clean.ts'

/** A phase as a job matrix takes it. */
export interface MatrixPhase {
  id: string
  /** Text of the plan's author, on one line: for names of jobs, never for a shell. */
  title: string
  /** Ids of phases that are not finished yet and come before this one. */
  after: string[]
}

const isOpen = (phase: Phase): boolean => phase.status !== 'completed' && phase.status !== 'skipped'

/** The phases that are still to be done, in written order. One without `after` can start. */
export function phaseMatrix(plan: Plan): MatrixPhase[] {
  const open = plan.phases.filter(isOpen)
  const ids = new Set<string>(open.map(({ id }) => id))
  return open.map(({ id, title, after }) => ({
    id,
    title: oneLine(title),
    after: after.filter((before) => ids.has(before)),
  }))
}
