/** What a job with a checkout does, by its mode. */
import type { OpenRepository } from '../../adapters/git/repository.ts'
import type { PhaseResult } from '../../core/model/phase-result.ts'
import type { Result } from '../../core/model/result.ts'
import type { Forge } from '../../core/forge.ts'
import { pullOfRun } from '../../core/model/forge-names.ts'
import { type Job, jobOf } from '../job.ts'
import { openForge } from '../open-forge.ts'
import { type JobEvent, theEvent } from '../event.ts'
import { type Outcome, refused } from '../outcome.ts'
import type { Surroundings } from '../surroundings.ts'
import { advanceMode } from './advance.ts'
import { dispatched } from './dispatched.ts'
import { gateContext } from './gate.ts'
import { phaseMode, type Seen, showPull } from './phase.ts'
import { Progress } from './progress.ts'

/** `fetching`: the run's refs, on their way from the remote. */
export async function work(
  around: Surroundings,
  repository: OpenRepository,
  fetching?: Promise<Result<void>>,
): Promise<Outcome> {
  const forge = await openForge(around)
  if (!forge.ok) return refused(forge.error)
  const { mode } = around.inputs
  const event = await theEvent(around.env)
  if (mode === 'plan') return await planned(event, jobOf(around, forge.value, repository))
  const seen: Seen = { phases: new Set(), results: [] }
  const progress = mode === 'phase' && !around.inputs.app ? progressOf(around, forge.value, seen) : undefined
  const watching: Surroundings = {
    ...around,
    onEvent(event) {
      if (event.type === 'phase-started') {
        seen.phases.add(event.phase)
        progress?.changed()
      }
      if (event.type === 'published') progress?.changed()
      // Made by core from the record of the phase.
      if (event.type === 'phase-result') seen.results.push(event.result as PhaseResult)
    },
  }
  const { defaultBranch } = event.kind === 'dispatch' ? event : {}
  const job = {
    ...jobOf(watching, forge.value, repository),
    ...(defaultBranch === undefined ? {} : { defaultBranch }),
  }
  try {
    return await (mode === 'phase'
      ? phaseMode(watching, job, { ...seen, settle: async () => await progress?.settle() }, fetching)
      : advanceMode(watching, job, fetching))
  } finally {
    await job.dismiss()
  }
}

/** Phases of this job as they run, at the pull request of the run. */
function progressOf({ inputs, log }: Surroundings, forge: Forge, { phases }: Seen): Progress {
  const pull = pullOfRun(inputs.run)
  return new Progress(async () => {
    if (pull !== undefined) await showPull(pull, forge, { ...gateContext(log), own: phases })
  })
}

async function planned(event: JobEvent, job: Job): Promise<Outcome> {
  // Nothing else comes here: other events are the gate's.
  if (event.kind !== 'dispatch') throw new Error(`The event is ${event.kind}, not a dispatch.`)
  const done = await dispatched(event.inputs, job.deps)
  if (!done.ok) return refused(done.error)
  const { run, ready, agent } = done.value
  return {
    annotations: [],
    summary: undefined,
    outputs: { run, phases: JSON.stringify(ready.map((phase) => ({ ...phase, agent }))), agent },
    failed: false,
  }
}
