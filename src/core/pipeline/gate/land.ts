import type { Forge, PullFacts } from '../../forge.ts'
import { ok, type Result } from '../../model/result.ts'
import type { GateContext } from './context.ts'
import { isOwnHead, isSettled, type KnownRun } from './known-run.ts'
import type { Standing } from './standing.ts'

/** What the pull request's branch is to be moved to; undefined where nothing is to be landed now. */
export function landingOf(facts: PullFacts, known: KnownRun): KnownRun['state']['planTip'] | undefined {
  const { state } = known
  const { pull } = facts
  if (state.state !== 'approved' || pull.state !== 'open' || pull.head.fork) return undefined
  if (pull.head.sha === state.planTip || !isOwnHead(state, pull.head.sha)) return undefined
  if (state.policy.land === 'each') return state.planTip
  if (state.policy.land === 'none' || !isSettled(known)) return undefined
  // The whole is built and tested once more at the end; until that stands in the ledger, there is nothing to land.
  const { checked } = state
  const isGood = checked?.sha === state.planTip && checked.build !== 'red' && checked.test !== 'red'
  return isGood ? state.planTip : undefined
}

/**
 * Moves the pull request's branch to what was merged, once: a fast-forward from where it stands. Whoever holds a token whose
 * pushes start workflows does it, so only the App; without one the workflow's job does what its token can.
 */
export async function landIfDue(
  forge: Forge,
  facts: PullFacts,
  standing: Standing,
  ctx: GateContext,
): Promise<Result<'landed' | 'nothing'>> {
  if (standing.kind !== 'run' || standing.notes.length > 0 || ctx.as !== 'app') return ok('nothing')
  const to = landingOf(facts, standing.known)
  if (to === undefined) return ok('nothing')
  return await land(forge, facts, to, ctx)
}

/** The same for `/land`, which a person asks for: what is merged so far. */
export async function land(
  forge: Forge,
  { pull }: PullFacts,
  to: KnownRun['state']['planTip'],
  ctx: GateContext,
): Promise<Result<'landed'>> {
  const moved = await forge.advanceBranch(pull.head.ref, pull.head.sha, to)
  if (!moved.ok) return moved
  ctx.log?.('landed', { pull: pull.number, sha: to })
  return ok('landed')
}
