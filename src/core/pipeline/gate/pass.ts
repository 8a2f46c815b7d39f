import type { Forge } from '../../forge.ts'
import { GATE_CHECK, LABEL } from '../../model/forge-names.ts'
import type { Sha } from '../../model/ids.ts'
import type { Result } from '../../model/result.ts'

const SAYS = {
  'not-labelled': {
    title: 'No plan to gate',
    summary: `This pull request is not labelled ${LABEL}. If it holds a plan, the label makes this check its gate.`,
  },
  'merge-group': {
    title: 'Passed in the pull requests',
    summary: 'Every pull request of this group passed its own gate before it could be queued.',
  },
} as const

/** A check that may be required has to pass where nothing is asked for: in one request, without a look at anything. */
export async function passWithoutPlan(
  forge: Forge,
  head: Sha,
  why: keyof typeof SAYS,
): Promise<Result<{ id: number }>> {
  return await forge.writeCheck({
    name: GATE_CHECK,
    sha: head,
    status: 'completed',
    conclusion: 'success',
    externalId: '',
    ...SAYS[why],
  })
}
