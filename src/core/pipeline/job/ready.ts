import type { PhaseId } from '../../model/ids.ts'
import { lostPhases } from '../../run/reconcile.ts'
import { schedule } from '../../run/schedule.ts'
import type { RunState } from '../../run/state.ts'

export interface ReadyPhase {
  id: PhaseId
  title: string
  after: PhaseId[]
}

/** What jobs should be started for now: phases that can begin, and those whose job is gone. None while nobody may start any. */
export function readyPhases(state: RunState, alive: (holder: string) => boolean): ReadyPhase[] {
  if (state.state !== 'approved') return []
  const lost = lostPhases(state, { here: new Set(), alive }).map(({ planned }) => planned.id)
  return [...lost, ...schedule(state)].flatMap((id) => {
    const planned = state.phases.get(id)?.planned
    return planned ? [{ id, title: planned.title, after: planned.after }] : []
  })
}
