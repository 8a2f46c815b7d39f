import { formatSource, type Source } from '../../gate/approval.ts'
import { authorize, type GateFacts, type RunFacts } from '../../gate/authorize.ts'
import { formatCommand } from '../../gate/format-command.ts'
import type { Account, PullFacts, Statement } from '../../forge.ts'
import { type Failure, failure } from '../../model/failure.ts'
import type { GateCommand } from '../../model/gate-command.ts'
import type { Sha } from '../../model/ids.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { Shown } from '../../gate/shown.ts'
import type { Policy } from '../../model/policy.ts'
import { pressOn } from '../pressed.ts'
import type { JobDeps } from './deps.ts'

/** A command as the workflow was started with it. */
export interface Order {
  pull: number
  command: GateCommand
  source: Source
}

/** An order that was looked up where it was given and that this person may give. */
export interface Allowed {
  by: string
  source: string
  /** The comment or review that says it. */
  statement?: Statement
}

/**
 * Inputs of a dispatch prove nothing: whoever may start workflows can write any. So the order is read again where it is said to
 * come from, and its author asked for their role now.
 */
export async function allow(
  order: Order,
  seen: { facts: PullFacts; policy: Policy; shown: Shown; run?: RunFacts },
  deps: JobDeps,
): Promise<Result<Allowed>> {
  const said = await whoSaid(order, seen, deps)
  if (!said.ok) return said
  const { actor, from } = said.value
  const role = await deps.forge.role(actor.login)
  const { facts } = seen
  const decision = authorize({
    actor,
    command: order.command,
    policy: seen.policy,
    facts: {
      pull: facts.pull,
      committers: facts.committers,
      otherWriters: facts.otherWriters,
      ...(facts.changesRequestedBy === undefined ? {} : { changesRequestedBy: facts.changesRequestedBy }),
      role,
      from,
      shown: seen.shown,
      ...(seen.run === undefined ? {} : { run: seen.run }),
    },
  })
  const statement = 'statement' in from ? from.statement : undefined
  if (decision.ok)
    return ok({ by: actor.login, source: formatSource(order.source), ...(statement && { statement }) })
  return err([failure('not-authorized', decision.why, decision.hint)])
}

async function whoSaid(
  { source, pull, command, head }: Order & { head?: Sha },
  { shown }: { shown: Shown },
  { forge, actor, app }: JobDeps,
): Promise<Result<{ actor: Pick<Account, 'login' | 'kind'>; from: GateFacts['from'] }>> {
  switch (source.kind) {
    case 'comment':
    case 'review': {
      const statement = await forge.statement(source.kind, source.id, pull)
      if (!statement.ok) return statement
      const { author } = statement.value ?? { author: { login: actor, kind: 'user' as const } }
      return ok({ actor: author, from: { kind: source.kind, statement: statement.value } })
    }
    case 'check': {
      const check = await forge.check(source.id)
      if (!check.ok) return check
      const { value } = check
      const press = value && pressOn(value, app)
      if (value === undefined || press === undefined || `${value.app}[bot]` !== actor)
        return err([notPressed(actor)])
      const asked = formatCommand(command)
      const plan = shown.state === 'reviewed' ? shown.digest : ''
      const same =
        press.pull === pull &&
        formatCommand(press.command) === asked &&
        press.digest === plan &&
        press.at === source.at &&
        (head === undefined || head === press.sha)
      if (!same) return err([otherwise(press.by, asked)])
      return ok({ actor: { login: press.by, kind: 'user' }, from: { kind: 'button', sha: press.sha } })
    }
    case 'dispatch':
    case 'cli':
      return ok({
        actor: { login: actor, kind: actor.endsWith('[bot]') ? 'bot' : 'user' },
        from: { kind: 'dispatch' },
      })
  }
}

const notPressed = (actor: string): Failure =>
  failure(
    'not-authorized',
    `${actor} started the workflow for a button, and no check of an App by that name says that it was pressed.`,
    'Press the button at the pull request, or write the command in a comment.',
  )

const otherwise = (by: string, asked: string): Failure =>
  failure(
    'not-authorized',
    `The check says that ${by} pressed something else than ${asked}, or for another commit or plan.`,
    'Look at what the check shows now and press again.',
  )
