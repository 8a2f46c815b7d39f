import type { Forge, PullFacts } from '../../forge.ts'
import { parseHolder } from '../../run/holder.ts'
import { type RunState, waits } from '../../run/state.ts'
import { schedule } from '../../run/schedule.ts'
import type { GateContext } from './context.ts'
import { goOn } from './dispatch.ts'
import type { Marker } from './marker.ts'
import type { Standing } from './standing.ts'

/** So long after the last sign of life the sweep looks whether anybody still works. */
const QUIET_MS = 10 * 60_000

/**
 * A job that died tells nobody, and an event may be lost. The sweep looks: where phases could start or their jobs are gone,
 * the workflow is started again, which takes over what is left.
 */
export async function nudge(
  forge: Forge,
  facts: PullFacts,
  standing: Standing,
  remembered: Marker,
  ctx: GateContext,
): Promise<Marker> {
  if (standing.kind !== 'run' || standing.notes.length > 0 || !facts.hasWorkflow) return remembered
  const { state } = standing.known
  const now = ctx.clock.now()
  if (state.state !== 'approved' || now - Math.max(state.updatedAt, remembered.nudged ?? 0) < QUIET_MS)
    return remembered
  const lost = await hasLostJob(forge, state, now)
  if (!lost && schedule(state).length === 0) return remembered
  const sent = await goOn(forge, facts, state.run, ctx)
  if (!sent.ok) return remembered
  ctx.log?.('nudged', { pull: facts.pull.number, run: state.run, lost })
  return { ...remembered, nudged: now }
}

/** Holders of claims name their workflow run; one that is completed works on nothing any more. */
async function hasLostJob(forge: Forge, state: RunState, now: number): Promise<boolean> {
  for (const phase of state.phases.values()) {
    if (phase.state !== 'running' || waits(phase, now)) continue
    const run = parseHolder(phase.holder)?.run
    if (run === undefined) continue
    const jobs = await forge.jobs(run)
    if (jobs.ok && (jobs.value === undefined || jobs.value.status === 'completed')) return true
  }
  return false
}
