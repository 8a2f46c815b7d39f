import { type DispatchInputs, WORKFLOW } from '../../core/model/forge-names.ts'
import type { PhaseId } from '../../core/model/ids.ts'
import { ok, type Result } from '../../core/model/result.ts'
import type { RunState } from '../../core/run/state.ts'
import type { Job } from '../job.ts'

/**
 * Starts the workflow for phases that are ready, but for those whose job waits for a runner in this very workflow run. A phase
 * that gets two jobs all the same has one claim: the second job finds it taken.
 */
export async function startJobs(
  ready: readonly PhaseId[],
  state: RunState,
  { forge, deps }: Job,
  app: boolean,
): Promise<Result<PhaseId[]>> {
  if (ready.length === 0 || state.pull === undefined) return ok([])
  const own = await forge.jobs(deps.me.run)
  const coming = own.ok ? (own.value?.jobs ?? []) : []
  const wanted = ready.filter(
    (id) =>
      !coming.some(
        ({ name, status }) => name === jobName(id) && status !== 'completed' && name !== deps.me.job,
      ),
  )
  if (wanted.length === 0) return ok([])
  const facts = await forge.pull(state.pull)
  if (!facts.ok) return facts
  const inputs: DispatchInputs = {
    pull: String(state.pull),
    run: state.run,
    head: '',
    'plan-dir': '',
    command: '',
    source: 'dispatch',
    phases: JSON.stringify(wanted),
    app: String(app),
  }
  const sent = await forge.dispatch(WORKFLOW, facts.value.defaultBranch, { ...inputs })
  return sent.ok ? ok(wanted) : sent
}

/** As the workflow names the job of a phase; a test compares the two. */
export const jobName = (id: string): string => `phase ${id}`
