/** Mode plan without a pull request: what the review says of a plan that is checked out. Writes nothing, calls nobody. */
import { readSeverities } from '../../adapters/files/severities.ts'
import { ingest } from '../../core/ingest/ingest.ts'
import { failure } from '../../core/model/failure.ts'
import type { Inputs } from '../inputs.ts'
import { openPlan } from '../open-plan.ts'
import { type Outcome, refused } from '../outcome.ts'
import { planOutcome } from '../plan.ts'

export async function lint({ planDir, failOn }: Inputs, workspace: string): Promise<Outcome> {
  if (planDir === '') {
    const hint = 'Give the plan from the root of the repository: its directory, or its one file.'
    return refused([failure('missing-argument', 'The input plan-dir is empty.', hint)])
  }
  const source = await openPlan(planDir, workspace)
  if (!source.ok) return refused(source.error)
  const severities = await readSeverities(workspace)
  if (!severities.ok) return refused(severities.error)
  return planOutcome(await ingest(source.value), source.value.dir, failOn, severities.value.rules)
}
