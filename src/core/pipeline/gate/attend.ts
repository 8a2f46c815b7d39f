import { formatSource } from '../../gate/approval.ts'
import { atLeast } from '../../gate/reasons.ts'
import { ROLE_OF } from '../../gate/authorize.ts'
import type { Account, Forge, PullFacts } from '../../forge.ts'
import { GATE_CHECK } from '../../model/forge-names.ts'
import { DEFAULT_POLICY } from '../../model/policy.ts'
import { ok, type Result } from '../../model/result.ts'
import { assess, rulesOf } from './assess.ts'
import type { GateContext } from './context.ts'
import { landIfDue } from './land.ts'
import { EMPTY, type Marker } from './marker.ts'
import { nudge } from './nudge.ts'
import { otherPlans } from './other-plans.ts'
import { markerOf, publish, type Wanted } from './publish.ts'
import { render } from './render.ts'
import type { Standing } from './standing.ts'
import { knownOf } from './view.ts'

export interface Why {
  /** Who set which label just now. */
  labelledBy?: { account: Account; label: string }
  /** Somebody asks for it anew, or the sweep comes by: what seems to be under way is looked at too. */
  again?: boolean
  /** It was closed and is open again: what others were told when it was closed holds no longer. */
  reopened?: boolean
}

export interface Attended {
  standing: Standing['kind']
  /** Requests that changed something on the forge. */
  writes: number
  /** The Action found an App at work and left it to it. */
  stoodBack?: true
  /** Steps are to be shown that were held back: worth another look after so long, milliseconds. */
  laterMs?: number
  /** Reviews that request changes in what a run made, and that nobody took up yet: no event told, or none could. */
  reviews?: number[]
  /** Pull requests that say of this one something else since now: that it is to change files of theirs, or is no longer. */
  neighbours?: number[]
}

/** What a person's word changes before the pull request is looked at. */
export interface Told {
  facts?: PullFacts
  /** How it stands, where the change leaves that as it is. */
  standing?: Standing
  change?: (before: Marker) => Marker
}

/**
 * Looks at a pull request and makes check, phase checks and comment say how it stands. Level-triggered: whatever woke us, the
 * outcome is the same, and where nothing changed nothing is written.
 */
export async function attendPull(
  forge: Forge,
  number: number,
  ctx: GateContext,
  why: Why = {},
  told: Told = {},
): Promise<Result<Attended>> {
  const [facts, role] = await Promise.all([
    told.facts === undefined ? forge.pull(number) : ok(told.facts),
    why.labelledBy?.account.kind === 'user' ? forge.role(why.labelledBy.account.login) : undefined,
  ])
  if (!facts.ok) return facts
  if (ctx.as === 'action' && isAppHere(facts.value))
    return ok({ standing: 'no-gate', writes: 0, stoodBack: true })
  let remembered = markerOf(facts.value)
  const { labelledBy } = why
  if (labelledBy !== undefined && isGateLabel(facts.value, labelledBy.label)) {
    // An App may set labels as well: whoever may install one may write.
    const may = labelledBy.account.kind !== 'user' || (role?.ok === true && atLeast(role.value, LABELLER))
    if (role?.ok === false) return role
    const { refused: _, ...rest } = remembered
    remembered = may ? rest : { ...rest, refused: labelledBy.account.login }
  }
  if (told.change) remembered = told.change(remembered)
  return await settle(forge, facts.value, remembered, ctx, why, told.standing)
}

const LABELLER = ROLE_OF.orchestrate === 'policy' ? 'write' : ROLE_OF.orchestrate

/** From what is known to what stands there; once more where landing changed it. */
async function settle(
  forge: Forge,
  facts: PullFacts,
  remembered: Marker,
  ctx: GateContext,
  why: Why,
  assessed?: Standing,
): Promise<Result<Attended>> {
  const stands = assessed === undefined ? await assess(forge, facts, remembered, ctx) : ok(assessed)
  if (!stands.ok) return stands
  const standing = stands.value
  const landed = await landIfDue(forge, facts, standing, ctx)
  if (landed.ok && landed.value === 'landed') {
    const again = await forge.pull(facts.pull.number)
    if (!again.ok) return again
    const after = await settle(forge, again.value, remembered, ctx, {})
    return after.ok ? ok({ ...after.value, writes: after.value.writes + 1 }) : after
  }
  const refusedLanding = landed.ok ? undefined : landed.error[0]
  const nudged = why.again === true ? await nudge(forge, facts, standing, remembered, ctx) : remembered
  const wanted = render({
    forge,
    facts,
    standing,
    remembered: nudged,
    ctx,
    ...(refusedLanding === undefined ? {} : { refusedLanding }),
  })
  const written = await publish(forge, facts, wanted, ctx)
  if (!written.ok) return written
  const run = knownOf(standing)?.state.run
  ctx.log?.('attended', {
    ...{ pull: facts.pull.number, standing: standing.kind, writes: written.value.writes },
    ...(run === undefined ? {} : { run }),
  })
  const told = await toTell(forge, facts, standing, wanted, why)
  const reviews = untaken(facts, standing, remembered)
  return ok({
    standing: standing.kind,
    ...written.value,
    ...(reviews.length === 0 ? {} : { reviews }),
    ...(told.length === 0 ? {} : { neighbours: told }),
  })
}

function untaken(facts: PullFacts, standing: Standing, { taken = [] }: Marker): number[] {
  if (standing.kind !== 'run' || standing.known.state.merges.length === 0) return []
  return (facts.changeRequests ?? []).filter((id) => !taken.includes(formatSource({ kind: 'review', id })))
}

/**
 * Pull requests whose plans share files that this one is to change since now, or is no longer: also since it was closed, or its
 * label or its plan was taken away.
 */
async function toTell(
  forge: Forge,
  facts: PullFacts,
  standing: Standing,
  { comment }: Wanted,
  { reopened = false }: Why,
): Promise<number[]> {
  const before = markerOf(facts).files ?? []
  const left = comment === undefined ? before : (comment.remember.files ?? [])
  const now = facts.pull.state === 'open' ? left : []
  const isNews = reopened || now.some((file) => !before.includes(file))
  const told = standing.kind === 'reviewed' && isNews ? standing.neighbours : []
  const freed = before.filter((file) => !now.includes(file))
  if (freed.length === 0) return told
  const rules = rulesOf(facts)
  const label = rules.ok ? rules.value.policy.label : DEFAULT_POLICY.label
  const others = await otherPlans(forge, facts.pull.number, label)
  return [...new Set([...told, ...others(freed).map(({ pull }) => pull)])]
}

const isGateLabel = (facts: PullFacts, label: string): boolean => {
  const rules = rulesOf(facts)
  return rules.ok && rules.value.policy.label.toLowerCase() === label.toLowerCase()
}

/** An App of ours has written here: it has the buttons, and its check is the one that may be required. */
export const isAppHere = (facts: PullFacts): boolean =>
  facts.comments.some(({ mine, author }) => !mine && author.kind === 'bot') ||
  facts.checks.some(({ name, mine, app }) => name === GATE_CHECK && !mine && app !== 'github-actions')

/** Without memory, for whoever only wants to know how it stands. */
export const standingOf = (forge: Forge, facts: PullFacts, ctx: GateContext): Promise<Result<Standing>> =>
  assess(forge, facts, markerOf(facts) ?? EMPTY, ctx)
