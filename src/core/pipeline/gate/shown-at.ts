import type { Shown } from '../../gate/shown.ts'
import type { PullFacts } from '../../forge.ts'
import { GATE_CHECK } from '../../model/forge-names.ts'
import type { Standing } from './standing.ts'

/** What whoever decides could see: a plan whose review does not stand at the head yet is still being reviewed. */
export function shownAt(facts: PullFacts, standing: Standing): Shown {
  const stands = facts.checks.some(({ name, mine }) => mine && name === GATE_CHECK)
  return standing.shown.state === 'reviewed' && !stands ? { state: 'reviewing' } : standing.shown
}
