/** What an approval is bound to, and whether it still holds: asked when it is given, before money is spent, and on resuming. */
import type { Account, PullRequest, Role, Statement } from '../forge.ts'
import type { GateCommand, GateFlags } from '../model/gate-command.ts'
import type { Digest, PhaseId, Sha } from '../model/ids.ts'
import type { Policy } from '../model/policy.ts'
import { err, ok, type Result } from '../model/result.ts'
import { inFork, moved, nothingToRun, retargeted, roleRefusals, short, statementRefusals } from './reasons.ts'
import { covers, type Refusal, refusal } from './refusal.ts'
import { notShown, type Shown } from './shown.ts'
import { parseCommands } from './command.ts'
import { formatCommand } from './format-command.ts'
import { selectPhases } from './select-phases.ts'

/** Where a command came from; `formatSource` is how a dispatch and a record write it. */
export type Source =
  | { kind: 'comment' | 'review'; id: number }
  /** A button. `at`: how much of the run the check told when it was pressed, so that each press is one of its own. */
  | { kind: 'check'; id: number; at?: number }
  /** A person started the workflow by hand. */
  | { kind: 'dispatch' }
  | { kind: 'cli' }

export function formatSource(source: Source): string {
  if (!('id' in source)) return source.kind
  const at = source.kind === 'check' && source.at !== undefined ? `@${source.at}` : ''
  return `${source.kind}:${source.id}${at}`
}

export function parseSource(text: string): Source | undefined {
  if (text === 'dispatch' || text === 'cli') return { kind: text }
  const [, kind, id, at] = /^(comment|review|check):([1-9]\d{0,15})(?:@([1-9]\d{0,8}))?$/.exec(text) ?? []
  if (kind === 'check') return { kind, id: Number(id), ...(at === undefined ? {} : { at: Number(at) }) }
  if ((kind !== 'comment' && kind !== 'review') || at !== undefined) return undefined
  return { kind, id: Number(id) }
}

/** An approval, bound to what was seen. */
export interface Approval {
  /** Login of who approved. */
  by: string
  head: Sha
  base: { ref: string; sha: Sha }
  digest: Digest
  /** The phases that may run, in written order. */
  scope: PhaseId[]
  flags: GateFlags
  source: Source
}

/** Binds `/approve` to what was shown. Whether `by` may approve is `authorize`'s to say. */
export function bindApproval(
  command: Extract<GateCommand, { name: 'approve' }>,
  shown: Shown,
  by: Pick<Account, 'login'>,
  source: Source,
): Result<Approval, Refusal[]> {
  if (shown.state !== 'reviewed') return err([notShown(shown)])
  if (command.head !== undefined && !covers(command.head, shown.head)) {
    return err([moved(command.head, shown.head)])
  }
  const { withOptional } = command.flags
  const scope =
    command.flags.phases === undefined
      ? ok(shown.open.filter((id) => withOptional === true || shown.optional?.includes(id) !== true))
      : selectPhases(command.flags.phases, shown.phases)
  if (!scope.ok) return err(scope.error.map(({ message, hint }) => refusal('unknown-phase', message, hint)))
  const open = scope.value.filter((id) => shown.open.includes(id))
  if (open.length === 0) return err([nothingToRun(shown.phases.length)])
  const { head, base, digest } = shown
  return ok({ by: by.login, head, base, digest, scope: open, flags: command.flags, source })
}

/** The pull request as it is now, and what is known of the approver. */
export interface Now {
  pull: Pick<PullRequest, 'number' | 'state' | 'head' | 'base'>
  /** Digest of the plan at the head; undefined where it holds no readable plan any more. */
  digest: Digest | undefined
  /** The approver's role; a failure of the forge counts as none. */
  role: Result<Role>
  /** The comment or review as it stands now; undefined where it was deleted. For the other sources leave it out. */
  statement?: Statement | undefined
  /** The approver asked for changes in a review after approving. */
  changesRequested?: boolean
  /** The run has begun: from then on a push that leaves the plan as it is changes nothing, and words cannot be taken back but by `/abort`. */
  started: boolean
}

/** Empty where the approval holds, else every reason why it does not. */
export function approvalHolds(approval: Approval, now: Now, policy: Policy): Refusal[] {
  const { pull } = now
  const found: Refusal[] = []
  if (pull.state !== 'open' && !now.started) {
    found.push(refusal('pull-closed', `The pull request is ${pull.state}.`, 'Reopen it and approve again.'))
  }
  if (pull.head.fork) found.push(inFork())
  if (pull.base.ref !== approval.base.ref) found.push(retargeted(approval.base.ref, pull.base.ref))
  if (!now.started && pull.head.sha !== approval.head) found.push(moved(approval.head, pull.head.sha))
  if (now.digest !== approval.digest) {
    found.push(
      refusal(
        'plan-changed',
        `The plan is not the one that was approved (at ${short(approval.head)}; now at ${short(pull.head.sha)}).`,
        'Look at what the check shows now and approve again.',
      ),
    )
  }
  if (now.started) return found
  found.push(...roleRefusals(approval.by, now.role, policy.approve.role, '/approve'))
  if (now.changesRequested === true) {
    found.push(
      refusal(
        'changes-requested',
        `${approval.by} requested changes after approving.`,
        'Settle them; then approve again.',
      ),
    )
  }
  if (approval.source.kind === 'comment' || approval.source.kind === 'review') {
    found.push(...statementRefusals(now.statement, approval.by, pull.number))
    if (now.statement !== undefined && !says(now.statement, approval, policy)) {
      found.push(
        refusal(
          'says-otherwise',
          `The ${approval.source.kind} of ${approval.by} does not say what was approved.`,
          'Approve again with a new comment.',
        ),
      )
    }
  }
  return found
}

/** Whether the statement holds the approval's command: flags are compared, so that nobody's limits are made up. */
function says(statement: Statement, approval: Approval, policy: Policy): boolean {
  return commandsOf(statement, policy).some(
    (command) =>
      command.name === 'approve' &&
      (command.head === undefined || covers(command.head, approval.head)) &&
      formatCommand({ name: 'approve', flags: command.flags }) ===
        formatCommand({ name: 'approve', flags: approval.flags }),
  )
}

/**
 * The commands of a statement. A review without any may be one by itself: an approving one counts as `/approve` where the policy
 * says so, and one that requests changes as `/fix`, for what it says at lines.
 */
export function commandsOf(statement: Statement, policy: Policy): GateCommand[] {
  const parsed = parseCommands(statement.body)
  if (parsed.kind === 'refused') return []
  if (parsed.kind === 'commands') return parsed.commands
  if (statement.kind !== 'review') return []
  if (statement.state === 'changes-requested') return [{ name: 'fix', text: '', flags: {} }]
  const counts = statement.state === 'approved' && policy.approve.reviews
  return counts && statement.commit !== undefined
    ? [{ name: 'approve', head: statement.commit, flags: {} }]
    : []
}
