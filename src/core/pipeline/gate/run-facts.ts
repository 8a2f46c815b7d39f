import type { RunFacts } from '../../gate/authorize.ts'
import { digest, type Sha } from '../../model/ids.ts'
import type { KnownRun } from './known-run.ts'
import { isLanded, isSettled } from './known-run.ts'
import type { Standing } from './standing.ts'

/** What a decision about a run depends on. `head`: the pull request's now. */
export function runFacts(standing: Standing, head: Sha): RunFacts | undefined {
  if (standing.kind === 'run') return factsOf(standing.known, head)
  return standing.kind === 'reviewed' && standing.run ? factsOf(standing.run.known, head) : undefined
}

/** A run that the App landed has no `run-landed` in its ledger, which the App does not write: where the branch stands says it. */
export function factsOf(known: Pick<KnownRun, 'state'>, head: Sha): RunFacts {
  const { state } = known
  return {
    run: state.run,
    state: stateOf(known, head),
    digest: digest(state.digest),
    phases: [...state.phases.keys()],
  }
}

function stateOf(known: Pick<KnownRun, 'state'>, head: Sha): RunFacts['state'] {
  if (known.state.state === 'aborted') return 'aborted'
  if (isLanded(known, head)) return 'landed'
  return isSettled(known) ? 'merged' : 'approved'
}
