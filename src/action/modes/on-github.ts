/** The modes that need the job's token. Loaded only where there is one: linting a plan starts without them. */
import { readFile } from 'node:fs/promises'
import type { PhaseResult } from '../../core/model/phase-result.ts'
import { type JobEvent, readEvent } from '../event.ts'
import { type Job, openForge, openJob, type Surroundings } from '../job.ts'
import { type Outcome, refused } from '../outcome.ts'
import { advanceMode } from './advance.ts'
import { dispatched } from './dispatched.ts'
import { gate } from './gate.ts'
import { phaseMode, type Seen } from './phase.ts'

export async function onGitHub(around: Surroundings): Promise<Outcome> {
  const { inputs } = around
  const forge = openForge(around)
  if (!forge.ok) return refused(forge.error)
  if (inputs.mode === 'plan') {
    const event = await theEvent(around)
    if (event.kind !== 'dispatch') {
      const done = await gate(event, forge.value, around.log)
      if (!done.ok) return refused(done.error)
      around.log(done.value)
      return {
        annotations: [],
        summary: undefined,
        outputs: { run: '', phases: '[]', agent: '' },
        failed: false,
      }
    }
    return await withJob(around, forge.value, async (job) => {
      const planned = await dispatched(event.inputs, job.deps)
      return planned.ok
        ? {
            annotations: [],
            summary: undefined,
            outputs: {
              run: planned.value.run,
              phases: JSON.stringify(planned.value.ready),
              agent: planned.value.agent,
            },
            failed: false,
          }
        : refused(planned.error)
    })
  }
  const seen: Seen = { phases: new Set(), results: [] }
  const watching: Surroundings = {
    ...around,
    onEvent(event) {
      if (event.type === 'phase-started') seen.phases.add(event.phase)
      // Made by core from the record of the phase.
      if (event.type === 'phase-result') seen.results.push(event.result as PhaseResult)
    },
  }
  return await withJob(watching, forge.value, (job) =>
    inputs.mode === 'phase' ? phaseMode(watching, job, seen) : advanceMode(watching, job),
  )
}

async function withJob(
  around: Surroundings,
  forge: Job['forge'],
  work: (job: Job) => Promise<Outcome>,
): Promise<Outcome> {
  const job = await openJob(around, forge)
  if (!job.ok) return refused(job.error)
  try {
    return await work(job.value)
  } finally {
    await job.value.close()
  }
}

async function theEvent({ env }: Surroundings): Promise<JobEvent> {
  const path = env['GITHUB_EVENT_PATH']
  const payload: unknown = path === undefined ? {} : JSON.parse(await readFile(path, 'utf8'))
  return readEvent(env['GITHUB_EVENT_NAME'] ?? '', payload)
}
