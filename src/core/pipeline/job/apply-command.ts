import { formatSource } from '../../gate/approval.ts'
import type { Statement } from '../../forge.ts'
import { type Failure, failure } from '../../model/failure.ts'
import type { GateCommand, ResumeFlags } from '../../model/gate-command.ts'
import { digest, type PhaseId } from '../../model/ids.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { RunBook } from '../../run/book.ts'
import type { Decision } from '../../run/decide.ts'
import { open, type RunState } from '../../run/state.ts'
import { rulesOf } from '../gate/assess.ts'
import { factsOf } from '../gate/run-facts.ts'
import type { JobDeps } from './deps.ts'
import { landJob } from './land.ts'
import { allow, type Order } from './order.ts'
import { findingsOf } from './review-findings.ts'

/** Writes into the run what a person decided at the pull request, once for each place where it was said. */
export async function applyCommand(order: Order, book: RunBook, deps: JobDeps): Promise<Result<void>> {
  const pulled = await deps.forge.pull(order.pull)
  if (!pulled.ok) return pulled
  const facts = pulled.value
  const rules = rulesOf(facts)
  if (!rules.ok) return rules
  const { state } = book
  if (state.pull !== order.pull)
    return err([
      failure(
        'refused',
        `Run ${state.run} is not of pull request #${order.pull}.`,
        'Name a run of this one.',
      ),
    ])
  const shown = {
    state: 'reviewed',
    head: facts.pull.head.sha,
    base: facts.pull.base,
    digest: digest(state.digest),
    phases: [...state.phases.keys()],
    open: open(state).map(({ planned }) => planned.id),
  } as const
  const run = factsOf({ state }, facts.pull.head.sha)
  const allowed = await allow(order, { facts, policy: rules.value.policy, shown, run }, deps)
  if (!allowed.ok) return allowed
  const { by } = allowed.value
  const source = order.source.kind === 'dispatch' ? undefined : allowed.value.source
  if (order.command.name === 'land') return await landJob(book, facts, deps, 'asked')
  const decisions = await decisionsOf(order.command, allowed.value.statement, book, deps)
  if (!decisions.ok) return decisions
  const refused: Failure[] = []
  for (const decision of decisions.value) {
    const told = await book.tell({
      type: 'decide',
      by,
      ...decision,
      ...(source === undefined
        ? {}
        : { source: decision.phase === undefined ? source : `${source}/${decision.phase}` }),
    })
    if (!told.ok) refused.push(told.error)
  }
  if (refused.length > 0 && refused.length === decisions.value.length) return err(refused)
  // A review may ask for changes in several phases: what cannot be taken now holds up none of the others.
  for (const { message, hint } of refused) deps.ports.reporter.emit({ type: 'warning', message, hint })
  return ok(undefined)
}

interface Told {
  decision: Decision
  phase?: PhaseId
  text?: string
  config?: { maxCostUsd?: number; model?: string }
}

async function decisionsOf(
  command: GateCommand,
  statement: Statement | undefined,
  { state }: RunBook,
  { ports }: JobDeps,
): Promise<Result<Told[]>> {
  if (command.name !== 'fix' || command.phase !== undefined || statement === undefined)
    return ok(toldBy(command, state))
  // Said once, whatever its lines have become since.
  const source = formatSource({ kind: 'review', id: statement.id })
  if ([...state.sources].some((one) => one.startsWith(`${source}/`))) return ok([])
  const requested = await findingsOf(statement, state, ports.repository)
  if (!requested.ok) return requested
  return ok(requested.value.map((one) => ({ decision: 'fix' as const, ...one, ...over(command.flags) })))
}

function toldBy(command: GateCommand, state: RunState): Told[] {
  switch (command.name) {
    case 'retry':
    case 'skip':
      return [
        { decision: command.name, phase: command.phase, ...('flags' in command ? over(command.flags) : {}) },
      ]
    case 'fix':
      return command.phase === undefined
        ? []
        : [{ decision: 'fix', phase: command.phase, text: command.text, ...over(command.flags) }]
    case 'resume': {
      if (command.phase !== undefined)
        return [{ decision: 'resume', phase: command.phase, ...over(command.flags) }]
      const stopped = [...state.phases.values()].filter((phase) => phase.state === 'needs-input')
      const waiting: Told[] =
        state.waitingAfter === undefined ? [] : [{ decision: 'continue', ...over(command.flags) }]
      return [
        ...waiting,
        ...stopped.map(({ planned }): Told => ({
          decision: 'resume',
          phase: planned.id,
          ...over(command.flags),
        })),
      ]
    }
    case 'continue':
      return [{ decision: 'continue', ...over(command.flags) }]
    case 'abort':
      return [{ decision: 'abort' }]
    default:
      return []
  }
}

const over = (flags: ResumeFlags): Pick<Told, 'config'> => {
  const { maxCostUsd, model } = flags
  const config = {
    ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
    ...(model === undefined ? {} : { model }),
  }
  return Object.keys(config).length === 0 ? {} : { config }
}
