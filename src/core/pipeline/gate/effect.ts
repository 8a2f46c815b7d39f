import type { Source } from '../../gate/approval.ts'
import { type GateRequest, whyNot } from '../../gate/authorize.ts'
import { formatCommand } from '../../gate/format-command.ts'
import type { Forge, PullFacts } from '../../forge.ts'
import type { GateCommand } from '../../model/gate-command.ts'
import { ok, type Result, unreachable } from '../../model/result.ts'
import { count } from '../../text/display.ts'
import { canClaim } from '../../run/schedule.ts'
import { suggestChanges } from './adjust.ts'
import { hasLabel, NO_WORKFLOW } from './assess.ts'
import type { GateContext } from './context.ts'
import { send } from './dispatch.ts'
import { isOwnHead, type KnownRun } from './known-run.ts'
import { land } from './land.ts'
import { markerOf } from './publish.ts'
import type { Standing } from './standing.ts'

/** What a command came to. */
export type Effect =
  | { kind: 'ignored' }
  | { kind: 'done-before' }
  | { kind: 'refused'; command?: GateCommand; why: string; hint: string }
  | { kind: 'dispatched'; command: GateCommand }
  /** `text` may be empty where the comment itself is the answer. `dir`: the plan that was chosen. */
  | { kind: 'answered'; command: GateCommand; text: string; dir?: string }

export interface Allowed {
  facts: PullFacts
  standing: Standing
  request: GateRequest
  source: Source
  /** The sweep goes on with what somebody began. */
  again: boolean
}

/** Has the effect of a command that was authorized. */
export async function effectOf(
  forge: Forge,
  allowed: Allowed,
  comment: number | undefined,
  ctx: GateContext,
): Promise<Result<Effect>> {
  const { facts, standing, request } = allowed
  const { command } = request
  const known = knownRun(standing)
  switch (command.name) {
    case 'status':
      return ok({ kind: 'answered', command, text: statusOf(standing) })
    case 'why-not':
      return ok({ kind: 'answered', command, text: reasons(allowed, known) })
    case 'orchestrate': {
      const { dir } = command
      const { label } = request.policy
      if (!hasLabel(facts, label)) {
        // The label is what says that this is a gate; asking for the review sets it.
        const set = await forge.addLabel?.(facts.pull.number, label)
        if (set?.ok === false) return set
      }
      return ok({
        kind: 'answered',
        command,
        text: flagsFor(command),
        ...(dir === undefined ? {} : { dir: dir === '.' ? '' : dir }),
      })
    }
    case 'adjust':
      return await adjusted(forge, allowed)
    case 'land':
      if (ctx.as === 'app') return await landed(forge, allowed, known, ctx)
      break
    case 'approve':
    case 'retry':
    case 'resume':
    case 'skip':
    case 'fix':
    case 'continue':
    case 'abort':
      break
    default:
      return unreachable(command)
  }
  if (!facts.hasWorkflow)
    return ok({ kind: 'refused', command, why: 'Nothing can be run here yet.', hint: NO_WORKFLOW })
  return await dispatched(forge, allowed, known, comment, ctx)
}

async function adjusted(
  forge: Forge,
  { facts, standing, request: { command } }: Allowed,
): Promise<Result<Effect>> {
  const done =
    standing.kind === 'reviewed'
      ? await suggestChanges(forge, facts, standing.prepared)
      : ok({ kind: 'nothing' as const })
  if (!done.ok) return done
  const text =
    done.value.kind === 'suggested'
      ? `${count(done.value.count, 'change')} of the plan suggested in a review of this pull request. Commit what you agree with; the plan is then reviewed again.`
      : 'There is nothing to suggest: what the review found has to be mended by hand.'
  return ok({ kind: 'answered', command, text })
}

/** A run's flags are those of its approval, which is read again at its source: whoever reviews cannot set them for somebody else. */
function flagsFor({ flags }: GateCommand & { name: 'orchestrate' }): string {
  const approve = formatCommand({ name: 'approve', flags })
  return Object.keys(flags).length === 0
    ? ''
    : `The plan is reviewed anew. Flags count where they are approved: whoever approves writes ${approve}.`
}

async function dispatched(
  forge: Forge,
  { facts, standing, request, source, again }: Allowed,
  known: KnownRun | undefined,
  comment: number | undefined,
  ctx: GateContext,
): Promise<Result<Effect>> {
  const { command } = request
  if (again && comment !== undefined) {
    // Whoever began with it may have come as far as the dispatch: then its mark is there.
    const marked = await forge.react(comment, 'rocket')
    if (!marked.ok) return marked
    if (!marked.value.created) return ok({ kind: 'done-before' })
  }
  const dir =
    standing.kind === 'reviewed' ? standing.dir : (known?.state.planDir ?? markerOf(facts).dir ?? '')
  const sent = await send(forge, facts, { command, source, run: known?.state.run ?? '', dir }, ctx)
  return sent.ok ? ok({ kind: 'dispatched', command }) : sent
}

async function landed(
  forge: Forge,
  { facts, request: { command } }: Allowed,
  known: KnownRun | undefined,
  ctx: GateContext,
): Promise<Result<Effect>> {
  const refused = (why: string, hint: string): Result<Effect> => ok({ kind: 'refused', command, why, hint })
  if (known === undefined) return refused('No run has been started here.', 'Write /approve to start one.')
  const { state } = known
  const { head } = facts.pull
  if (head.sha === state.planTip)
    return refused('Everything that is merged has landed already.', 'Nothing is needed.')
  if (!isOwnHead(state, head.sha)) {
    return refused(
      `Somebody pushed to ${head.ref} after the approval, so it cannot be fast-forwarded.`,
      `Merge orchestrate/${state.run}/plan into ${head.ref} by hand.`,
    )
  }
  const done = await land(forge, facts, state.planTip, ctx)
  if (done.ok)
    return ok({ kind: 'answered', command, text: `${head.ref} is at ${state.planTip.slice(0, 10)} now.` })
  const [first] = done.error
  return first?.reason === 'forge-refused' ? refused(first.message, first.hint) : done
}

const knownRun = (standing: Standing): KnownRun | undefined =>
  standing.kind === 'run' ? standing.known : standing.kind === 'reviewed' ? standing.run?.known : undefined

function statusOf(standing: Standing): string {
  const known = knownRun(standing)
  if (known === undefined)
    return standing.kind === 'reviewed'
      ? 'The plan is reviewed, waiting for an approval.'
      : 'No run has been started here.'
  const count = new Map<string, string[]>()
  for (const { state, planned } of known.state.phases.values())
    count.set(state, [...(count.get(state) ?? []), planned.id])
  const parts = [...count].map(([state, ids]) => `${state}: ${ids.join(', ')}`)
  return `Run ${known.state.run} is ${known.state.state}. Phases ${parts.join(' · ')}.`
}

/** Why a phase does not run, or why this person could not approve. */
function reasons({ request }: Allowed, known: KnownRun | undefined): string {
  const { command } = request
  const id = command.name === 'why-not' ? command.phase : undefined
  if (id !== undefined && known !== undefined) {
    const phase = known.state.phases.get(id)
    if (phase === undefined) return `Run ${known.state.run} has no phase ${id}.`
    if (phase.state === 'needs-input')
      return `Phase ${id} needs input: ${phase.problem.message}\n\n${phase.problem.hint}`
    return `Phase ${id}: ${canClaim(known.state, phase) ?? 'nothing stands in its way, it starts with the next job'}.`
  }
  const { from: _, ...facts } = request.facts
  const refusals = whyNot({
    ...request,
    command: { name: 'approve', flags: {} },
    facts: { ...facts, from: { kind: 'cli' } },
  })
  if (refusals.length === 0) return `Nothing stands in the way: ${request.actor.login} may write /approve.`
  return refusals.map(({ why, hint }) => `- ${why} ${hint}`).join('\n')
}
