import { type Approval, approvalHolds, parseSource } from '../../gate/approval.ts'
import { parseCommand } from '../../gate/command.ts'
import { sameLogin } from '../../gate/reasons.ts'
import type { CheckRun, PullFacts } from '../../forge.ts'
import { ingest } from '../../ingest/ingest.ts'
import { type Failure, failure } from '../../model/failure.ts'
import { digest, type Digest, type Sha } from '../../model/ids.ts'
import { ok, type Result } from '../../model/result.ts'
import type { RunState } from '../../run/state.ts'
import { rulesOf } from '../gate/assess.ts'
import { isOwnHead } from '../gate/known-run.ts'
import { pressOn } from '../pressed.ts'
import type { JobDeps } from './deps.ts'

/**
 * Whether the approval of a run still holds, read at its source and not from the ledger, which anybody who may push can
 * write. `started`: money was spent on it before; from then on it ends by `/abort`, by a changed plan or another base.
 */
export async function approvalProblem(
  state: RunState,
  started: boolean,
  deps: JobDeps,
): Promise<Failure | undefined> {
  const { forge } = deps
  const { approval, pull } = state
  if (approval?.base === undefined || pull === undefined)
    return failure(
      'approval-void',
      `Run ${state.run} has no approval of a pull request.`,
      'It was begun on a laptop: go on with it there, or approve the plan at a pull request.',
    )
  const source = parseSource(approval.source)
  const place = source !== undefined && 'id' in source ? source : undefined
  const [facts, role, statement, pressed] = await Promise.all([
    forge.pull(pull),
    started ? ok('admin' as const) : forge.role(approval.by),
    started || place === undefined || place.kind === 'check'
      ? ok(undefined)
      : forge.statement(place.kind, place.id, pull),
    started || place?.kind !== 'check' ? ok(undefined) : forge.check(place.id),
  ])
  if (!facts.ok) return unread(facts.error)
  if (!statement.ok) return unread(statement.error)
  if (!pressed.ok) return unread(pressed.error)
  if (!started && place?.kind === 'check' && !saysSo(pressed.value, state, deps))
    return failure(
      'approval-void',
      `The check does not say any more that ${approval.by} pressed Approve for run ${state.run}.`,
      'Press it again, or write /approve.',
    )
  const rules = rulesOf(facts.value)
  if (!rules.ok) return rules.error[0]
  const found = await digestNow(state, facts.value, deps)
  if (!found.ok) return unread(found.error)
  const command = parseCommand(approval.limits ?? '/approve')
  const bound: Approval = {
    by: approval.by,
    head: approval.head,
    base: approval.base,
    digest: digest(approval.digest),
    scope: approval.scope,
    flags: command.ok && command.value.name === 'approve' ? command.value.flags : {},
    source: source ?? { kind: 'dispatch' },
  }
  const refusals = approvalHolds(
    bound,
    {
      pull: facts.value.pull,
      digest: found.value,
      role,
      started,
      ...(place === undefined || place.kind === 'check' ? {} : { statement: statement.value }),
      changesRequested:
        facts.value.changesRequestedBy?.some((login) => sameLogin(login, approval.by)) ?? false,
    },
    rules.value.policy,
  )
  if (refusals.length === 0 && facts.value.pull.state !== 'open')
    return failure(
      'approval-void',
      `Pull request #${pull} is ${facts.value.pull.state}.`,
      'Reopen it, then retry the phase.',
    )
  const [first] = refusals
  if (first === undefined) return undefined
  return failure(
    'approval-void',
    `The approval of run ${state.run} does not hold: ${refusals.map(({ why }) => why).join(' ')}`,
    first.hint,
  )
}

/** Whether the App's check tells of this approval. */
function saysSo(
  check: (CheckRun & { sha: Sha }) | undefined,
  { approval, pull, digest: plan }: RunState,
  { app }: JobDeps,
): boolean {
  const press = check && pressOn(check, app)
  return (
    press?.command.name === 'approve' &&
    approval !== undefined &&
    sameLogin(press.by, approval.by) &&
    press.pull === pull &&
    press.sha === approval.head &&
    press.digest === plan
  )
}

/** The plan's digest at the pull request's head. Where nobody pushed since, it is the approved one. */
async function digestNow(
  state: RunState,
  { pull }: PullFacts,
  { planAt }: JobDeps,
): Promise<Result<Digest | undefined>> {
  const { head } = pull
  if (isOwnHead(state, head.sha)) return ok(digest(state.digest))
  const opened = await planAt({ head: head.sha, base: head.sha, dir: state.planDir })
  // A plan directory that is gone is a plan that changed.
  if (!opened.ok) return opened.error.some(({ reason }) => reason === 'git-failed') ? opened : ok(undefined)
  return ok((await ingest(opened.value.source)).plan?.digest)
}

/** What cannot be read does not hold: nothing is spent on a guess. */
const unread = (failures: readonly Failure[]): Failure =>
  failure(
    'approval-void',
    `The approval could not be read again at its source: ${failures.map(({ message }) => message).join(' ')}`,
    'Nothing was spent. Retry the phase in a while.',
  )
