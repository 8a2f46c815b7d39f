import { formatSource, type Source } from '../../gate/approval.ts'
import { authorize, type GateFacts, type RunFacts } from '../../gate/authorize.ts'
import type { Account, PullFacts } from '../../forge.ts'
import { type Failure, failure } from '../../model/failure.ts'
import { GATE_CHECK } from '../../model/forge-names.ts'
import type { GateCommand } from '../../model/gate-command.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { Shown } from '../../gate/shown.ts'
import type { Policy } from '../../model/policy.ts'
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
  const said = await whoSaid(order, seen.facts, deps)
  if (!said.ok) return said
  const { actor, from } = said.value
  // The App asked the person who pressed; what a job can see is that it was this App.
  const pressed = from.kind === 'button'
  const role = pressed ? ok('admin' as const) : await deps.forge.role(actor.login)
  const { facts } = seen
  const decision = authorize({
    actor: pressed ? { ...actor, kind: 'user' } : actor,
    command: order.command,
    policy: seen.policy,
    facts: {
      pull: facts.pull,
      committers: facts.committers,
      otherWriters: facts.otherWriters,
      role,
      from,
      shown: seen.shown,
      ...(seen.run === undefined ? {} : { run: seen.run }),
    },
  })
  if (decision.ok) return ok({ by: actor.login, source: formatSource(order.source) })
  return err([failure('not-authorized', decision.why, decision.hint)])
}

async function whoSaid(
  { source, pull }: Order,
  { pull: { head } }: PullFacts,
  { forge, actor }: JobDeps,
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
      const bot = value && `${value.app}[bot]`
      if (
        value === undefined ||
        !value.name.startsWith(GATE_CHECK) ||
        value.app === 'github-actions' ||
        bot !== actor
      )
        return err([notPressed(actor)])
      return ok({
        actor: { login: actor, kind: 'bot' },
        from: { kind: 'button', sha: value.sha === head.sha ? head.sha : value.sha },
      })
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
    `${actor} started the workflow for a button of a check that is not its own.`,
    'Press the button at the pull request, or write the command in a comment.',
  )
