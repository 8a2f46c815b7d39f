import { commandsOf, formatSource, type Source } from '../../gate/approval.ts'
import { authorize, type GateFacts, type GateRequest } from '../../gate/authorize.ts'
import { parseCommands } from '../../gate/command.ts'
import { formatCommand } from '../../gate/format-command.ts'
import { parseButton } from '../../report/forge-buttons.ts'
import type { Account, Forge, PullFacts, Statement } from '../../forge.ts'
import type { Failure } from '../../model/failure.ts'
import type { GateCommand } from '../../model/gate-command.ts'
import type { Sha } from '../../model/ids.ts'
import { DEFAULT_POLICY, type Policy } from '../../model/policy.ts'
import { ok, type Result } from '../../model/result.ts'
import { assess, hasLabel, rulesOf } from './assess.ts'
import { attendPull, isAppHere } from './attend.ts'
import type { GateContext } from './context.ts'
import { effectOf, type Effect } from './effect.ts'
import { type Marker } from './marker.ts'
import { notePress } from './note-press.ts'
import { markerOf } from './publish.ts'
import type { Standing } from './standing.ts'
import { runFacts } from './run-facts.ts'
import { shownAt } from './shown-at.ts'

export type From =
  /** `again`: found by the sweep; somebody may have begun with it and died. */
  | { kind: 'comment' | 'review'; id: number; again?: boolean }
  | { kind: 'button'; check: number; identifier: string; by: Account }

export interface Taken {
  outcome:
    /** Nothing for us, or not ours to answer. */
    | 'ignored'
    /** Somebody takes or took it. */
    | 'duplicate'
    | 'refused'
    | 'dispatched'
    | 'answered'
}

/** What somebody said, as it stands now. */
interface Said {
  by: Account
  source: Source
  text: string
  from: GateFacts['from']
  /** Where reactions go: reviews and buttons take none. */
  comment?: number
  /** Of the check that the button stands on. */
  externalId?: string
}

type Read =
  | { kind: 'nothing' }
  | { kind: 'unreadable'; said: Said; failures: Failure[] }
  | { kind: 'commands'; said: Said; commands: GateCommand[] }

/**
 * Takes a command: reads it again at its source, authorizes it, has its effect and answers. The reactions on the comment are
 * the memory that makes a delivery that comes five times one command; the comment's marker is that for buttons and reviews.
 */
export async function takeCommand(
  forge: Forge,
  given: { pull: number; from: From },
  ctx: GateContext,
): Promise<Result<Taken>> {
  const [read, pull] = await Promise.all([readFrom(forge, given), forge.pull(given.pull)])
  if (!pull.ok) return pull
  if (!read.ok) return read
  const facts = pull.value
  if (ctx.as === 'action' && isAppHere(facts)) return ok({ outcome: 'ignored' })
  const rules = rulesOf(facts)
  const policy = rules.ok ? rules.value.policy : DEFAULT_POLICY
  const parsed = commandsIn(read.value, policy)
  if (parsed.kind === 'nothing') return ok({ outcome: 'ignored' })
  const { said } = parsed
  // Other tools take /approve and /retry too: we answer where we are asked for, or where somebody asks for us.
  const asksForUs = parsed.kind === 'commands' && parsed.commands.some(({ name }) => name === 'orchestrate')
  if (said.by.kind !== 'user' || (!asksForUs && !isOurs(facts, policy))) return ok({ outcome: 'ignored' })

  const claimed = await claim(forge, facts, said, given.from)
  if (!claimed.ok) return claimed
  if (!claimed.value) return ok({ outcome: 'duplicate' })

  const effect =
    parsed.kind === 'unreadable'
      ? ok({ effect: refusedBy(parsed.failures) })
      : await decide(forge, facts, parsed.commands, said, policy, ctx, given.from)
  if (!effect.ok) return effect
  return await conclude(forge, facts, said, effect.value, ctx)
}

async function readFrom(
  forge: Forge,
  { pull, from }: { pull: number; from: From },
): Promise<Result<Statement | Pressed | undefined>> {
  if (from.kind !== 'button') return await forge.statement(from.kind, from.id, pull)
  const check = await forge.check(from.check)
  if (!check.ok) return check
  if (check.value === undefined || !check.value.mine) return ok(undefined)
  const { sha, name, externalId } = check.value
  return ok({ by: from.by, sha, identifier: from.identifier, check: from.check, name, externalId })
}

/** A button of a check of ours. */
interface Pressed {
  by: Account
  sha: Sha
  identifier: string
  check: number
  name: string
  externalId: string
}

type Origin = Awaited<ReturnType<typeof readFrom>> extends Result<infer T> ? T : never

function commandsIn(read: Origin, policy: Policy): Read {
  if (read === undefined) return { kind: 'nothing' }
  if ('identifier' in read) {
    const { by, sha, identifier, check, name, externalId } = read
    const command = parseButton(identifier, name)
    if (command === undefined) return { kind: 'nothing' }
    const source = { kind: 'check', id: check } as const
    const said: Said = { by, text: identifier, source, from: { kind: 'button', sha }, externalId }
    return { kind: 'commands', said, commands: [command] }
  }
  const said: Said = {
    by: read.author,
    text: read.body,
    source: { kind: read.kind, id: read.id },
    from: { kind: read.kind, statement: read },
    ...(read.kind === 'comment' ? { comment: read.id } : {}),
  }
  const parsed = parseCommands(read.body)
  if (parsed.kind === 'refused') return { kind: 'unreadable', said, failures: parsed.failures }
  const commands = commandsOf(read, policy)
  return commands.length === 0 ? { kind: 'nothing' } : { kind: 'commands', said, commands }
}

const isOurs = (facts: PullFacts, policy: Policy): boolean =>
  hasLabel(facts, policy.label) || facts.runs.length > 0 || markerOf(facts).hash !== ''

/** Whether it is ours to take. On a comment the first to react has it; a sweep goes on with what was begun. */
async function claim(forge: Forge, facts: PullFacts, said: Said, from: From): Promise<Result<boolean>> {
  if (said.comment === undefined) {
    return ok(markerOf(facts).taken?.includes(takenKey(facts, said)) !== true)
  }
  const reacted = await forge.react(said.comment, 'eyes')
  if (!reacted.ok) return reacted
  return ok(reacted.value.created || (from.kind !== 'button' && from.again === true))
}

/** A button may be pressed again once things moved on; a review says a thing once. */
const takenKey = (facts: PullFacts, said: Said): string =>
  said.source.kind === 'check'
    ? `${formatSource(said.source)}/${said.text}@${markerOf(facts).at ?? 0}`.slice(0, 60)
    : formatSource(said.source)

async function decide(
  forge: Forge,
  facts: PullFacts,
  commands: readonly GateCommand[],
  said: Said,
  policy: Policy,
  ctx: GateContext,
  from: From,
): Promise<Result<Decided>> {
  const acting = commands.filter(({ name }) => !isQuestion(name))
  const command = acting[0] ?? commands[0]
  if (command === undefined) return ok({ effect: { kind: 'ignored' } })
  if (acting.length > 1) {
    const why = `The comment has ${acting.length} commands that change something, and none of them was taken.`
    const hint = 'Write each in a comment of its own, so that each can be read again at its source.'
    return ok({ effect: { kind: 'refused', command, why, hint } })
  }
  const [role, standing] = await Promise.all([
    forge.role(said.by.login),
    assess(forge, facts, markerOf(facts), ctx),
  ])
  if (!standing.ok) return standing
  const run = runFacts(standing.value, facts.pull.head.sha)
  const request: GateRequest = {
    actor: said.by,
    command,
    policy,
    facts: {
      pull: facts.pull,
      committers: facts.committers,
      otherWriters: facts.otherWriters,
      ...(facts.changesRequestedBy === undefined ? {} : { changesRequestedBy: facts.changesRequestedBy }),
      role,
      from: said.from,
      shown: shownAt(facts, standing.value),
      ...(run === undefined ? {} : { run }),
    },
  }
  const authorized = authorize(request)
  if (!authorized.ok) {
    if (authorized.silent) return ok({ effect: { kind: 'ignored' } })
    // GitHub not answering is no refusal: it is tried again.
    if (!role.ok) return role
    const { why, hint } = authorized
    return ok({ effect: { kind: 'refused', command, why, hint }, standing: standing.value })
  }
  const { text: button, by, externalId } = said
  const at = { source: said.source, externalId, button, by: by.login }
  const noted = await notePress(forge, facts, at, command, standing.value, ctx)
  if (!noted.ok) return noted
  const effect = await effectOf(
    forge,
    { facts, standing: standing.value, request, source: said.source, again: isAgain(from) },
    said.comment,
    ctx,
  )
  if (!effect.ok) return effect
  // What was chosen or landed has to be looked at anew.
  const moves = command.name === 'orchestrate' || command.name === 'land'
  return ok({ effect: effect.value, ...(moves ? {} : { standing: standing.value, facts: noted.value }) })
}

/** `standing`: how it stands, where the effect left that as it was. */
interface Decided {
  effect: Effect
  standing?: Standing
  /** With what was noted at the check. */
  facts?: PullFacts
}

const isAgain = (from: From): boolean => from.kind !== 'button' && from.again === true

const isQuestion = (name: GateCommand['name']): boolean => name === 'status' || name === 'why-not'

const refusedBy = (failures: readonly Failure[]): Effect => ({
  kind: 'refused',
  why: failures.map(({ message }) => message).join('\n'),
  hint: [...new Set(failures.map(({ hint }) => hint))].join('\n'),
})

/** Reaction and answer. The answer stands in the one comment; everything below it is brought up to date with it. */
async function conclude(
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
  return ok({ outcome: effect.kind })
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
      ? { taken: [...(before.taken ?? []), takenKey(facts, said)].slice(-30) }
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
