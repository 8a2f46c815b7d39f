import { ENGINE, type RunEvent, SCHEMA, type Unstamped } from '../../src/core/model/event.ts'
import { phaseId, sha } from '../../src/core/model/ids.ts'
import { decide } from '../../src/core/run/decide.ts'
import { schedule } from '../../src/core/run/schedule.ts'
import { evolve, type RunState } from '../../src/core/run/state.ts'
import type { Graph } from './graphs.ts'

const commit = sha('0'.repeat(40))

/** Runs a graph by our own state machine and scheduler in virtual time; the time when the last phase has merged. */
export function simulate(graph: Graph): number {
  let state = approvedRun(graph)
  const apply = (event: Unstamped<RunEvent>): void => {
    state = evolve(state, { schema: SCHEMA, engine: ENGINE, at: 0, ...event } as RunEvent)
  }
  const takes = new Map(graph.nodes.map((node) => [node.id, node.takes]))
  const running: { id: string; ends: number }[] = []
  let now = 0
  for (;;) {
    for (const phase of schedule(state)) {
      const claim = decide(state, { type: 'claim', phase, holder: 'bench' })
      if (!claim.ok) throw new Error(claim.error.message)
      claim.value.forEach(apply)
      running.push({ id: phase, ends: now + (takes.get(phase) ?? 0) })
    }
    running.sort((a, b) => a.ends - b.ends)
    const next = running.shift()
    if (next === undefined) return now
    now = next.ends
    const merge = decide(state, {
      type: 'merge',
      phase: phaseId(next.id),
      attempt: 1,
      holder: 'bench',
      from: state.planTip,
      merge: commit,
      head: commit,
      result: {},
      usage: {},
    })
    if (!merge.ok) throw new Error(merge.error.message)
    merge.value.forEach(apply)
  }
}

function approvedRun({ nodes, slots }: Graph): RunState {
  const stamp = { schema: SCHEMA, engine: ENGINE, at: 0 } as const
  const created = evolve(undefined, {
    ...stamp,
    type: 'run-created',
    run: 'bench',
    planDir: 'plan',
    index: 'task_plan.md',
    title: '',
    branch: 'main',
    base: commit,
    digest: '',
    config: {},
    policy: {
      maxParallelPhases: slots,
      maxPhaseRetries: 0,
      betweenPhases: 'auto',
      onFailure: 'ask',
      land: 'none',
    },
    phases: nodes.map(({ id, after, weight }) => ({
      id: phaseId(id),
      title: '',
      branch: `phase-${id}`,
      after: after.map(phaseId),
      files: [],
      state: 'pending' as const,
      weight,
    })),
  })
  const scope = nodes.map(({ id }) => phaseId(id))
  return evolve(created, {
    ...stamp,
    type: 'run-approved',
    by: 'bench',
    head: commit,
    digest: '',
    scope,
    source: 'flag',
  })
}
