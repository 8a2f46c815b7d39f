import { authorize, type GateRequest } from '../../gate/authorize.ts'
import type { Forge, PullFacts } from '../../forge.ts'
import type { Failure } from '../../model/failure.ts'
import type { GateCommand } from '../../model/gate-command.ts'
import { DEFAULT_POLICY, type Policy } from '../../model/policy.ts'
import { ok, type Result } from '../../model/result.ts'
import { assess, hasLabel, rulesOf } from './assess.ts'
import { isAppHere } from './attend.ts'
import { claim, conclude, type Decided, type Taken } from './conclude.ts'
import type { GateContext } from './context.ts'
import { concernOf } from './concern.ts'
import { effectOf, type Effect } from './effect.ts'
import { notePress } from './note-press.ts'
import { markerOf } from './publish.ts'
import { runFacts } from './run-facts.ts'
import { commandsIn, type From, readFrom, type Said } from './said.ts'
import { shownAt } from './shown-at.ts'
import { knownOf } from './view.ts'

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

const isOurs = (facts: PullFacts, policy: Policy): boolean =>
  hasLabel(facts, policy.label) || facts.runs.length > 0 || markerOf(facts).hash !== ''

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
    // GitHub not answering is no refusal: it is tried again.
    if (!role.ok && !authorized.silent) return role
    if (authorized.silent || said.unsaid) return ok({ effect: { kind: 'ignored' } })
    const { why, hint } = authorized
    return ok({ effect: { kind: 'refused', command, why, hint }, standing: standing.value })
  }
  const { from: origin } = said
  if (command.name === 'fix' && command.phase === undefined && 'statement' in origin && origin.statement) {
    const concern = concernOf(origin.statement, knownOf(standing.value)?.state)
    if (concern === 'plan' && said.unsaid) return ok({ effect: { kind: 'ignored' } })
    if (concern !== 'phases')
      return ok({ effect: { kind: 'refused', command, ...WHICH_PHASE }, standing: standing.value })
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

const WHICH_PHASE = {
  why: 'The review does not tell which phase is to be mended.',
  hint: 'Review lines that a phase wrote, or a commit of it; or write /fix PHASE what is wrong.',
}

const isAgain = (from: From): boolean => from.kind !== 'button' && from.again === true

const isQuestion = (name: GateCommand['name']): boolean => name === 'status' || name === 'why-not'

const refusedBy = (failures: readonly Failure[]): Effect => ({
  kind: 'refused',
  why: failures.map(({ message }) => message).join('\n'),
  hint: [...new Set(failures.map(({ hint }) => hint))].join('\n'),
})
