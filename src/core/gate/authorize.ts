/** One decision for everything that can command a run: comment, review, button, dispatch and command line. */
import type { Account, PullRequest, Role, Statement } from '../forge.ts'
import type { CommandName, GateCommand } from '../model/gate-command.ts'
import type { Digest, PhaseId, Sha } from '../model/ids.ts'
import type { Policy } from '../model/policy.ts'
import type { Result } from '../model/result.ts'
import { list } from '../text/display.ts'
import { bindApproval, commandsOf } from './approval.ts'
import { formatCommand } from './format-command.ts'
import { inFork, moved, retargeted, roleRefusals, sameLogin, statementRefusals } from './reasons.ts'
import { covers, type Refusal, refusal } from './refusal.ts'
import { notShown, type Shown } from './shown.ts'

/** The run of this pull request that is meant, as far as the gate asks. */
export interface RunFacts {
  run: string
  state: 'approved' | 'merged' | 'landed' | 'failed' | 'aborted'
  /** Of the plan that was approved. */
  digest: Digest
  phases: readonly PhaseId[]
}

export interface GateFacts {
  pull: Pick<PullRequest, 'number' | 'state' | 'author' | 'head' | 'base'>
  /** Logins of who wrote the pull request's commits: authors, committers, co-authors, and who pushed last. */
  committers: readonly string[]
  /** Somebody besides the author may write to the repository. */
  otherWriters: boolean
  /** Logins whose newest review asks for changes. */
  changesRequestedBy?: readonly string[]
  /** The actor's role; a failure of the forge denies. */
  role: Result<Role>
  /** The actor is an account that we write with. */
  self?: boolean
  /** Where the command came from. A `statement` is the comment or review read again; undefined: it was deleted. */
  from:
    | { kind: 'comment' | 'review'; statement: Statement | undefined }
    /** A button of a check, and the commit that the check stands at. */
    | { kind: 'button'; sha: Sha }
    | { kind: 'dispatch' }
    | { kind: 'cli' }
  shown: Shown
  run?: RunFacts
}

export interface GateRequest {
  actor: Pick<Account, 'login' | 'kind'>
  command: GateCommand
  policy: Policy
  facts: GateFacts
}

export type Authorized =
  | { ok: true }
  /** `silent`: nobody is answered (bots, ourselves). */
  | { ok: false; code: Refusal['code']; why: string; hint: string; silent: boolean }

/**
 * The least role of each command; `policy` is the approver's role of the policy. Asking for a review is free, so whoever may
 * set labels may ask for it; who may write may stop what writes.
 */
export const ROLE_OF: Readonly<Record<CommandName, Role | 'policy'>> = {
  status: 'read',
  'why-not': 'read',
  orchestrate: 'triage',
  adjust: 'triage',
  abort: 'write',
  approve: 'policy',
  retry: 'policy',
  resume: 'policy',
  skip: 'policy',
  fix: 'policy',
  continue: 'policy',
  land: 'policy',
}

export const roleFor = (name: CommandName, policy: Policy): Role =>
  ROLE_OF[name] === 'policy' ? policy.approve.role : ROLE_OF[name]

export function authorize(request: GateRequest): Authorized {
  const [first] = refusals(request)
  return first === undefined ? { ok: true } : { ok: false, ...first, silent: first.code === 'bot' }
}

/** Every reason at once, the weightiest first; empty where it is allowed. What `/why-not` answers with. */
export function whyNot(request: GateRequest): Refusal[] {
  return refusals(request)
}

function refusals(request: GateRequest): Refusal[] {
  const { actor, command, policy, facts } = request
  if (facts.self === true || actor.kind !== 'user') {
    return [
      refusal('bot', `${actor.login} is no person.`, 'Commands of bots are ignored. Write it yourself.'),
    ]
  }
  return [
    ...roleRefusals(actor.login, facts.role, roleFor(command.name, policy), `/${command.name}`),
    ...sourceRefusals(request),
    ...(isQuestion(command) ? [] : pullRefusals(command, facts)),
    ...(needsOther(command) ? ownPlan(request) : []),
    ...(command.name === 'approve' ? contradiction(request) : []),
    ...stateRefusals(command, facts),
  ]
}

const isQuestion = ({ name }: GateCommand): boolean => name === 'status' || name === 'why-not'

/** What widens what may run is an approval, whatever it is called. */
const needsOther = (command: GateCommand): boolean =>
  command.name === 'approve' ||
  ('flags' in command && command.name !== 'orchestrate' && Object.keys(command.flags).length > 0)

function sourceRefusals({ actor, command, policy, facts }: GateRequest): Refusal[] {
  const { from, pull } = facts
  if (command.name === 'fix' && command.phase === undefined && from.kind !== 'review')
    return [
      refusal(
        'missing-phase',
        '/fix needs a phase and what is wrong.',
        'Write /fix PHASE what is wrong. A review that requests changes at lines needs neither.',
      ),
    ]
  if (from.kind === 'dispatch' || from.kind === 'cli') return []
  if (from.kind === 'button') {
    return from.sha === pull.head.sha || command.name !== 'approve' ? [] : [moved(from.sha, pull.head.sha)]
  }
  const { statement } = from
  const found = statementRefusals(statement, actor.login, pull.number)
  if (statement === undefined) return found
  const said = commandsOf(statement, policy).some((one) => formatCommand(one) === formatCommand(command))
  if (!said) {
    found.push(
      refusal(
        'says-otherwise',
        `The ${statement.kind} of ${actor.login} does not say ${formatCommand(command).split('\n')[0]}.`,
        'Write the command in a comment of its own.',
      ),
    )
  }
  if (command.name !== 'approve' || statement.kind !== 'review') return found
  if (statement.state === 'changes-requested') {
    found.push(
      refusal('changes-requested', 'The review requests changes and approves.', 'Do one of the two.'),
    )
  }
  if (statement.commit !== undefined && statement.commit !== pull.head.sha) {
    found.push(moved(statement.commit, pull.head.sha))
  }
  return found
}

function pullRefusals(command: GateCommand, { pull }: GateFacts): Refusal[] {
  const found: Refusal[] = []
  if (pull.head.fork) found.push(inFork())
  if (pull.state !== 'open' && command.name !== 'abort') {
    found.push(
      refusal(
        'pull-closed',
        `The pull request is ${pull.state}.`,
        pull.state === 'closed' ? 'Reopen it first.' : 'Open a new one for what is left to do.',
      ),
    )
  }
  return found
}

function ownPlan({ actor, policy, facts }: GateRequest): Refusal[] {
  const { otherPerson, role } = policy.approve
  if (otherPerson === 'never' || (otherPerson === 'auto' && !facts.otherWriters)) return []
  const author = sameLogin(facts.pull.author.login, actor.login)
  if (!author && !facts.committers.some((login) => sameLogin(login, actor.login))) return []
  return [
    refusal(
      'own-plan',
      `${actor.login} ${author ? 'opened this pull request' : 'wrote commits of this pull request'}, and another person has to approve.`,
      `Ask somebody else with the role ${role}; approve.other_person in .github/orchestrate.yml on the base branch says when this is needed.`,
    ),
  ]
}

/**
 * Somebody whose review asks for changes takes that back before they approve. So it needs no clock to tell whether they asked
 * before or after: while the review stands, there is no approval of theirs.
 */
function contradiction({ actor, facts }: GateRequest): Refusal[] {
  if (facts.changesRequestedBy?.some((login) => sameLogin(login, actor.login)) !== true) return []
  return [
    refusal(
      'changes-requested',
      `The newest review of ${actor.login} requests changes.`,
      'Approve in a review, or dismiss that one; then approve the plan.',
    ),
  ]
}

function stateRefusals(command: GateCommand, facts: GateFacts): Refusal[] {
  const { run, shown, pull } = facts
  switch (command.name) {
    case 'status':
    case 'why-not':
    case 'orchestrate':
      return []
    case 'adjust':
      if (shown.state !== 'reviewed') return [notShown(shown)]
      return run?.state === 'approved' && run.digest === shown.digest ? [underWay(run)] : []
    case 'approve':
      return approveRefusals(command, facts)
    case 'abort':
      return run === undefined ? [noRun()] : ended(run, ['landed', 'failed', 'aborted'])
    case 'land':
      return run === undefined ? [noRun()] : ended(run, ['landed', 'failed', 'aborted'])
    default: {
      if (run === undefined) return [noRun()]
      // What is merged, and even what landed, is mended where it was made, as long as the pull request is open.
      const over = ['failed', 'aborted'] as const
      const found = ended(run, command.name === 'fix' ? over : ['merged', 'landed', ...over])
      const phase = 'phase' in command ? command.phase : undefined
      if (phase !== undefined && !run.phases.includes(phase)) {
        found.push(
          refusal(
            'unknown-phase',
            `Run ${run.run} has no phase ${phase}.`,
            `Its phases: ${list(run.phases, 30)}.`,
          ),
        )
      }
      // A skip spends nothing; everything else starts work on a plan that nobody has approved.
      if (command.name === 'skip') return found
      if (shown.state === 'reviewing') found.push(notShown(shown))
      if (shown.state === 'reviewed' && shown.digest !== run.digest) {
        found.push(
          refusal(
            'plan-changed',
            `The plan at ${pull.head.sha.slice(0, 10)} is not the one that run ${run.run} was approved with.`,
            'Look at what the check shows now and write /approve.',
          ),
        )
      }
      return found
    }
  }
}

function approveRefusals(
  command: Extract<GateCommand, { name: 'approve' }>,
  { shown, pull, run }: GateFacts,
): Refusal[] {
  if (shown.state !== 'reviewed') return [notShown(shown)]
  const found: Refusal[] = []
  const meant = command.head
  if (meant !== undefined && !covers(meant, pull.head.sha)) found.push(moved(meant, pull.head.sha))
  else if (shown.head !== pull.head.sha) found.push(moved(shown.head, pull.head.sha))
  if (shown.base.ref !== pull.base.ref) found.push(retargeted(shown.base.ref, pull.base.ref))
  if (found.length === 0) {
    const bound = bindApproval(command, shown, { login: '' }, { kind: 'cli' })
    if (!bound.ok) found.push(...bound.error)
  }
  if (run !== undefined && run.state === 'approved' && run.digest === shown.digest) found.push(underWay(run))
  return found
}

const underWay = ({ run }: RunFacts): Refusal =>
  refusal(
    'running',
    `Run ${run} of this plan is approved already.`,
    'Write /resume to go on with it, or /abort to end it first.',
  )

const noRun = (): Refusal =>
  refusal('no-run', 'No run has been started here.', 'Write /approve to start one.')

const ended = (run: RunFacts, states: readonly RunFacts['state'][]): Refusal[] =>
  states.includes(run.state)
    ? [
        refusal(
          'ended',
          `Run ${run.run} is ${run.state}.`,
          run.state === 'merged'
            ? 'Write /land to land it.'
            : 'Push a change of the plan and approve again to start a new one.',
        ),
      ]
    : []
