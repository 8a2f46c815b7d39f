/** The gate without an App: the workflow's own token reads the plan, answers commands and shows how it stands. */
import type { Account, Forge } from '../../core/forge.ts'
import { sha } from '../../core/model/ids.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import type { GateContext } from '../../core/pipeline/gate/context.ts'
import { passWithoutPlan } from '../../core/pipeline/gate/pass.ts'
import type { JobEvent } from '../event.ts'
import { clock } from '../surroundings.ts'
import { type First, onItsWay, readAhead } from './read-ahead.ts'

type Log = (text: string) => void

export const gateContext = (log: Log): GateContext => ({
  clock,
  as: 'action',
  prepare: async (...given) => {
    const { prepareHere } = await import('../../adapters/github/prepare-snapshot.ts')
    return await prepareHere(clock)(...given)
  },
  log: (message, fields) => log(`${message} ${JSON.stringify(fields ?? {})}`),
})

/** The rest of the gate, loaded once its first request is on its way. */
async function rest() {
  await onItsWay()
  return await import('../../core/pipeline/gate/attend.ts')
}

/** Does what an event asks of the gate; says in a sentence what that was. */
export async function gate(event: JobEvent, forge: Forge, log: Log): Promise<Result<string>> {
  const ctx = gateContext(log)
  switch (event.kind) {
    case 'pull':
      return await onPull(event.event, forge, ctx)
    case 'comment': {
      const { action, issue, comment } = event.event
      if (action !== 'created' || issue.pull_request === undefined)
        return ok('This comment is no command of a pull request.')
      return await onSaid({ pull: issue.number, statement: { kind: 'comment', id: comment.id } }, forge, ctx)
    }
    case 'review': {
      const { action, pull_request, review } = event.event
      if (action !== 'submitted') return ok('This review was not just submitted.')
      return await onSaid(
        { pull: pull_request.number, statement: { kind: 'review', id: review.id } },
        forge,
        ctx,
      )
    }
    case 'merge-group': {
      const passed = await passWithoutPlan(forge, sha(event.head), 'merge-group')
      return passed.ok ? ok('The merge group passes: its pull requests passed their gates.') : passed
    }
    case 'schedule':
      return await sweep(forge, ctx)
    case 'dispatch':
    case 'other':
      return ok('There is nothing for the gate in this event.')
  }
}

async function onPull(
  event: Extract<JobEvent, { kind: 'pull' }>['event'],
  forge: Forge,
  ctx: GateContext,
): Promise<Result<string>> {
  const { action, pull_request: pull, label, sender } = event
  const labelledBy =
    action === 'labeled' && label !== undefined
      ? { labelledBy: { account: accountOf(sender), label: label.name } }
      : {}
  // Most pull requests are no plan: for these it is one request.
  if (pull.labels.length === 0 && ['opened', 'reopened', 'synchronize'].includes(action)) {
    const passed = await passWithoutPlan(forge, sha(pull.head.sha), 'not-labelled')
    return passed.ok ? ok('The pull request carries no label: there is nothing to gate.') : passed
  }
  const reading = readAhead(forge, { pull: pull.number })
  const { attendPull } = await rest()
  const attended = await attendPull(reading, pull.number, ctx, labelledBy)
  if (!attended.ok) return attended
  for (const neighbour of attended.value.neighbours ?? []) {
    // Of theirs nothing new was asked: what fails here is made up for by the next look at them.
    const told = await attendPull(forge, neighbour, ctx)
    if (!told.ok) ctx.log?.('a pull request with the same files was not told', { pull: neighbour })
  }
  const reviewed = await takeReviews(forge, pull.number, attended.value, ctx)
  return reviewed.ok ? ok(`#${pull.number}: ${attended.value.standing}.${reviewed.value}`) : reviewed
}

/**
 * A review starts the workflow only as the pull request has it, so the gate is not started by reviews: it takes those up that it
 * finds whenever it looks, which is at the next label, push or command, or within the hour.
 */
async function takeReviews(
  forge: Forge,
  pull: number,
  { reviews = [] }: { reviews?: number[] },
  ctx: GateContext,
): Promise<Result<string>> {
  if (reviews.length === 0) return ok('')
  const { takeCommand } = await import('../../core/pipeline/gate/command.ts')
  const outcomes: string[] = []
  for (const id of reviews) {
    const taken = await takeCommand(forge, { pull, from: { kind: 'review', id } }, ctx)
    if (!taken.ok) return taken
    outcomes.push(` Review ${id} was ${taken.value.outcome}.`)
  }
  return ok(outcomes.join(''))
}

/** What no event told us: pull requests are looked at again once in a while. */
async function sweep(forge: Forge, ctx: GateContext): Promise<Result<string>> {
  const { gatedPulls } = await import('../../core/pipeline/gate/gated.ts')
  const pulls = await gatedPulls(forge)
  if (!pulls.ok) return pulls
  const { attendPull } = await rest()
  for (const number of pulls.value) {
    const attended = await attendPull(forge, number, ctx, { again: true })
    if (!attended.ok) return err(attended.error)
    const reviewed = await takeReviews(forge, number, attended.value, ctx)
    if (!reviewed.ok) return reviewed
  }
  return ok(`Looked at ${pulls.value.map((number) => `#${number}`).join(', ') || 'no pull request'}.`)
}

async function onSaid(first: Required<First>, forge: Forge, ctx: GateContext): Promise<Result<string>> {
  const reading = readAhead(forge, first)
  await onItsWay()
  const { takeCommand } = await import('../../core/pipeline/gate/command.ts')
  const taken = await takeCommand(reading, { pull: first.pull, from: first.statement }, ctx)
  if (!taken.ok) return taken
  const reviewed = await takeReviews(forge, first.pull, taken.value, ctx)
  return reviewed.ok ? ok(`The comment was ${taken.value.outcome}.${reviewed.value}`) : reviewed
}

const accountOf = ({ login, id, type }: { login: string; id: number; type: string }): Account => ({
  login,
  id,
  kind: type === 'Bot' ? 'bot' : type === 'Organization' ? 'organization' : 'user',
})
