import type { RunFacts } from '../../gate/authorize.ts'
import type { Shown } from '../../gate/shown.ts'
import type { PullFacts } from '../../forge.ts'
import { GATE_CHECK } from '../../model/forge-names.ts'
import { digest } from '../../model/ids.ts'
import { isSettled, type KnownRun } from './known-run.ts'
import type { Standing } from './standing.ts'

/** What whoever decides could see: a plan whose review does not stand at the head yet is still being reviewed. */
export function shownAt(facts: PullFacts, standing: Standing): Shown {
  const stands = facts.checks.some(({ name, mine }) => mine && name === GATE_CHECK)
  return standing.shown.state === 'reviewed' && !stands ? { state: 'reviewing' } : standing.shown
}

export function runFacts(standing: Standing): RunFacts | undefined {
  if (standing.kind === 'run') return factsOf(standing.known)
  return standing.kind === 'reviewed' && standing.run ? factsOf(standing.run.known) : undefined
}

function factsOf(known: KnownRun): RunFacts {
  const { state } = known
  const ended = state.state === 'landed' || state.state === 'aborted' ? state.state : undefined
  return {
    run: state.run,
    state: ended ?? (isSettled(known) ? 'merged' : 'approved'),
    digest: digest(state.digest),
    phases: [...state.phases.keys()],
  }
}
