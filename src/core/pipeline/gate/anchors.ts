/**
 * The commit of the run's chain that a check was drawn from stands in the check's external id. Whoever may push can rewrite a
 * ledger; nobody but the App can rewrite its check. So a chain that does not hold what the check names was rewritten.
 */
import type { CheckRun, PullFacts } from '../../forge.ts'
import { type Failure, failure } from '../../model/failure.ts'
import { GATE_CHECK } from '../../model/forge-names.ts'
import type { Sha } from '../../model/ids.ts'
import type { LedgerEntry } from '../../ports.ts'
import { readCheckId } from './marker.ts'

/** That the first `entries` of a run's chain end in `head`. */
export interface Anchor {
  run: string
  entries: number
  head: Sha
  /** The App that says so. */
  app: string
  appId?: number
}

/** What a check says of its run's chain; undefined where it says nothing. */
export function anchorOf({ name, externalId, app, appId }: Omit<CheckRun, 'mine'>): Anchor | undefined {
  const memory = name === GATE_CHECK ? readCheckId(externalId) : undefined
  if (memory?.head === undefined || memory.run === '') return undefined
  const { run, at: entries, head } = memory
  return { run, entries, head, app, ...(appId === undefined ? {} : { appId }) }
}

/** Whether the chain goes another way than the check saw. A chain that is shorter may be an older reading: it says nothing. */
export const contradicts = ({ entries, head }: Anchor, chain: readonly LedgerEntry[]): boolean =>
  chain.length >= entries && chain[entries - 1]?.commit !== head

/** Why this chain of `run` cannot be believed, where our own check saw another one. */
export function anchorProblem(
  facts: PullFacts,
  run: string,
  chain: readonly LedgerEntry[],
): Failure | undefined {
  const anchor = facts.checks
    .filter(({ mine }) => mine)
    .map(anchorOf)
    .find((one) => one?.run === run && contradicts(one, chain))
  if (anchor === undefined) return undefined
  return failure(
    'ledger-unreadable',
    `The ledger of ${run} was rewritten: its entry ${anchor.entries} was ${anchor.head.slice(0, 10)} when this check was last written, and is ${chain[anchor.entries - 1]?.commit.slice(0, 10) ?? 'none'} now.`,
    `Nothing of it is used. Put refs/orchestrate/${run}/run back to a commit that descends from ${anchor.head.slice(0, 10)}.`,
  )
}
