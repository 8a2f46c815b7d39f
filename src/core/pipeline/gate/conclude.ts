import { formatSource } from '../../gate/approval.ts'
import { formatCommand } from '../../gate/format-command.ts'
import type { Forge, PullFacts } from '../../forge.ts'
import { ok, type Result } from '../../model/result.ts'
import { attendPull } from './attend.ts'
import type { GateContext } from './context.ts'
import type { Effect } from './effect.ts'
import type { Marker } from './marker.ts'
import { markerOf } from './publish.ts'
import type { From, Said } from './said.ts'
import type { Standing } from './standing.ts'

export interface Taken {
  outcome:
    /** Nothing for us, or not ours to answer. */
    | 'ignored'
    /** Somebody takes or took it. */
    | 'duplicate'
    | 'refused'
    | 'dispatched'
    | 'answered'
  /** Reviews that request changes, found on the way, which nobody took up yet. */
  reviews?: number[]
}

/** Whether it is ours to take. On a comment the first to react has it; a sweep goes on with what was begun. */
export async function claim(
  forge: Forge,
  facts: PullFacts,
  said: Said,
  from: From,
): Promise<Result<boolean>> {
  if (said.comment === undefined) {
    return ok(markerOf(facts).taken?.includes(takenKey(said)) !== true)
  }
  const reacted = await forge.react(said.comment, 'eyes')
  if (!reacted.ok) return reacted
  return ok(reacted.value.created || (from.kind !== 'button' && from.again === true))
}

/**
 * A button may be pressed again once things moved on, which its source tells: a delivery that comes again is of the same press.
 * A review says a thing once.
 */
const takenKey = ({ source, text }: Said): string =>
  source.kind === 'check' ? `${formatSource(source)}/${text}`.slice(0, 60) : formatSource(source)

/** `standing`: how it stands, where the effect left that as it was. */
export interface Decided {
  effect: Effect
  standing?: Standing
  /** With what was noted at the check. */
  facts?: PullFacts
}

/** Reaction and answer. The answer stands in the one comment; everything below it is brought up to date with it. */
export async function conclude(
  forge: Forge,
  facts: PullFacts,
  said: Said,
  { effect, standing, facts: noted = facts }: Decided,
  ctx: GateContext,
): Promise<Result<Taken>> {
  if (effect.kind === 'ignored') return ok({ outcome: 'ignored' })
  if (effect.kind === 'done-before') return ok({ outcome: 'duplicate' })
  if (said.comment !== undefined) {
    const content = effect.kind === 'refused' ? 'confused' : effect.kind === 'dispatched' ? 'rocket' : '+1'
    const reacted = await forge.react(said.comment, content)
    if (!reacted.ok) return reacted
  }
  ctx.log?.('command', {
    pull: facts.pull.number,
    command: effect.command?.name,
    by: said.by.login,
    outcome: effect.kind,
  })
  const change = (before: Marker): Marker => remember(before, facts, said, effect, ctx)
  const known = standing === undefined ? {} : { facts: noted, standing }
  const attended = await attendPull(forge, facts.pull.number, ctx, {}, { ...known, change })
  if (!attended.ok) return attended
  const { reviews } = attended.value
  return ok({ outcome: effect.kind, ...(reviews === undefined ? {} : { reviews }) })
}

function remember(
  before: Marker,
  facts: PullFacts,
  said: Said,
  effect: Exclude<Effect, { kind: 'ignored' | 'done-before' }>,
  ctx: GateContext,
): Marker {
  const { answer: _, ...rest } = before
  const command = (effect.command === undefined ? said.text : formatCommand(effect.command)).slice(0, 200)
  const source = formatSource(said.source)
  // What was refused may be tried again, by somebody else or when things stand otherwise.
  const taken =
    said.comment === undefined && effect.kind !== 'refused'
      ? { taken: [...(before.taken ?? []), takenKey(said)].slice(-30) }
      : {}
  const to = said.by.login
  switch (effect.kind) {
    case 'refused':
      return {
        ...rest,
        answer: { to, command, text: `${effect.why}\n\n${effect.hint}`.slice(0, 4_000) },
      }
    case 'answered': {
      const { dir } = effect
      const { refused: __, ...cleared } = rest
      return {
        ...(effect.command.name === 'orchestrate' ? cleared : rest),
        ...taken,
        ...(dir === undefined ? {} : { dir }),
        ...(effect.text === '' ? {} : { answer: { to, command, text: effect.text.slice(0, 4_000) } }),
      }
    }
    case 'dispatched':
      return {
        ...rest,
        ...taken,
        sent: { source, command, by: to, head: facts.pull.head.sha, at: ctx.clock.now() },
      }
  }
}
