import type { PlannedPhase, RunEvent, RunPolicy } from '../../../src/core/model/event.ts'
import { ENGINE, SCHEMA, type Unstamped } from '../../../src/core/model/event.ts'
import { phaseId, sha } from '../../../src/core/model/ids.ts'
import { evolve, type RunState } from '../../../src/core/run/state.ts'

export const someSha = (n: number) => sha(n.toString(16).padStart(40, '0'))

export const POLICY: RunPolicy = {
  maxParallelPhases: 3,
  maxPhaseRetries: 2,
  betweenPhases: 'auto',
  onFailure: 'ask',
  land: 'end',
}

export const planned = (
  id: string,
  after: string[] = [],
  files: string[] = [],
  weight = 1,
): PlannedPhase => ({
  id: phaseId(id),
  title: `Phase ${id}`,
  branch: `orchestrate/run/phase-${id}`,
  after: after.map(phaseId),
  files,
  state: 'pending',
  weight,
})

export const stamped = (event: Unstamped<RunEvent>, at = 0): RunEvent =>
  ({ schema: SCHEMA, engine: ENGINE, at, ...event }) as RunEvent

export function created(phases: PlannedPhase[], policy: Partial<RunPolicy> = {}): RunState {
  return evolve(
    undefined,
    stamped({
      type: 'run-created',
      run: 'run',
      planDir: 'plan',
      index: 'task_plan.md',
      title: 'A plan',
      branch: 'main',
      base: someSha(1),
      digest: 'd'.repeat(64),
      phases,
      policy: { ...POLICY, ...policy },
      config: {},
    }),
  )
}

export function approved(phases: PlannedPhase[], policy: Partial<RunPolicy> = {}): RunState {
  const scope = phases.map((phase) => phase.id)
  return evolve(
    created(phases, policy),
    stamped({
      type: 'run-approved',
      by: 'tester',
      head: someSha(1),
      digest: 'd'.repeat(64),
      scope,
      source: 'flag',
    }),
  )
}
