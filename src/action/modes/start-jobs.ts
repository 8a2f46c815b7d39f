import { type DispatchInputs, WORKFLOW } from '../../core/model/forge-names.ts'
import type { PhaseId } from '../../core/model/ids.ts'
import { ok, type Result } from '../../core/model/result.ts'
import { livingHolders } from '../../core/pipeline/job/alive.ts'
import { readyPhases, type ReadyPhase } from '../../core/pipeline/job/ready.ts'
import { programsOf } from '../../core/model/routing.ts'
import { configOf } from '../../core/pipeline/runs.ts'
import { type RunState, settled } from '../../core/run/state.ts'
import { clock, type Job } from '../job.ts'

export interface Start {
  /** The run as this job found it. */
  before: RunState
  /** Phases that other jobs of this workflow run have started jobs for. */
  dispatched: readonly string[]
  /** Whether an App dispatched this workflow run. */
  app: boolean
}

/**
 * Starts the workflow for phases that are ready, but for those whose job waits for a runner in this very workflow run. A phase
 * that gets two jobs all the same has one claim: the second job finds it taken. The phases are the new run's matrix: nothing
 * has to be found out before their jobs begin.
 */
export async function startJobs(
  state: RunState,
  job: Job,
  { before, dispatched, app }: Start,
): Promise<Result<PhaseId[]>> {
  const { forge, deps, defaultBranch } = job
  if (state.pull === undefined) return ok([])
  const alive = await livingHolders(forge, state, deps.me, clock.now())
  const ready = readyPhases(state, alive).filter(({ id }) => !dispatched.includes(id))
  const wanted = await withoutComing(ready, { before, pull: state.pull }, job)
  if (wanted.length === 0) return ok([])
  const agent = programsOf(configOf(state, {}))
  const inputs: DispatchInputs = {
    pull: String(state.pull),
    run: state.run,
    head: '',
    'plan-dir': '',
    command: '',
    source: 'dispatch',
    phases: JSON.stringify(wanted.map(({ id }) => ({ id, agent }))),
    app: String(app),
  }
  const branch = defaultBranch === undefined ? await askBranch(job, state.pull) : ok(defaultBranch)
  if (!branch.ok) return branch
  const sent = await forge.dispatch(WORKFLOW, branch.value, { ...inputs })
  return sent.ok ? ok(wanted.map(({ id }) => id)) : sent
}

/** One that is under way already does not count: it may have been refused its claim a moment ago, and will not ask again. */
async function withoutComing(
  ready: readonly ReadyPhase[],
  { before, pull }: { before: RunState; pull: number },
  { forge, deps }: Job,
): Promise<ReadyPhase[]> {
  // The matrix of this run is older than this job: what waited for another phase then is not in it.
  const waited = ({ after }: ReadyPhase): boolean =>
    after.some((id) => {
      const phase = before.phases.get(id)
      return phase !== undefined && !settled(phase)
    })
  if (ready.every(waited)) return [...ready]
  const own = await forge.jobs(deps.me.run)
  const queued = (own.ok ? (own.value?.jobs ?? []) : [])
    .filter(({ status }) => status === 'queued')
    .map(({ name }) => name)
  return ready.filter((phase) => waited(phase) || !queued.includes(jobName(phase.id, String(pull))))
}

async function askBranch({ forge }: Job, pull: number): Promise<Result<string>> {
  const facts = await forge.pull(pull)
  return facts.ok ? ok(facts.value.defaultBranch) : facts
}

/** As the workflow names the job of a phase; a test compares the two. */
export const jobName = (id: string, pull: string): string => `phase ${id} (#${pull})`
