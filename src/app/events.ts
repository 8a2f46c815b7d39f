/** What a webhook asks of us, as data. Payloads pass a schema here; inside they are trusted. */
import * as z from 'zod'
import { CONFIG_FILE, pullOfRun, WORKFLOW } from '../core/model/forge-names.ts'
import { sha, type Sha } from '../core/model/ids.ts'
import type { Account } from '../core/forge.ts'
import type { repository } from './payloads.ts'
import {
  pullRequest,
  issueComment,
  review,
  checkRun,
  checkSuite,
  workflowRun,
  workflowJob,
  push,
  mergeGroup,
  installed,
  added,
} from './payloads.ts'

export interface Place {
  installation: number
  owner: string
  repo: string
}

export interface Labeller {
  account: Account
  label: string
}

/** Something to do, for one pull request unless it says otherwise. */
export type Wanted =
  /**
   * Look at the pull request as it stands: review, converge. `labelledBy`: who set which label just now. `calm`: a phase that is
   * under way published steps, which may wait for whatever comes first.
   */
  | {
      kind: 'attend'
      at: Place
      pull: number
      labelledBy?: Labeller
      again?: boolean
      calm?: true
      reopened?: true
    }
  /** Somebody said something that may be a command. `again`: found by the sweep, perhaps taken up once and not finished. */
  | { kind: 'statement'; at: Place; pull: number; statement: 'comment' | 'review'; id: number; again?: true }
  /** `shown`: the check's external id when it was pressed. */
  | {
      kind: 'button'
      at: Place
      pull: number
      check: number
      identifier: string
      by: Account
      shown: string
    }
  /** No gate is asked for: the check that may be required passes. */
  | { kind: 'pass'; at: Place; head: Sha; why: 'not-labelled' | 'merge-group' }
  /** Repositories that came to us: whatever is open there. Empty: the whole installation. */
  | { kind: 'sweep'; installation: number; repositories: { owner: string; repo: string }[] }

/** On the default branch; both concern every gate of the repository. */
const RULES = [CONFIG_FILE, `.github/workflows/${WORKFLOW}`] as const
/** Actions of `pull_request` after which things may stand differently. */
const MOVES = ['opened', 'reopened', 'synchronize', 'closed', 'labeled', 'unlabeled', 'edited'] as const

type Read = { ok: true; wanted: Wanted[] } | { ok: false; problem: string }

/** What `event` asks for. `app` is our own id: what we did ourselves asks for nothing. */
export function wantedBy(event: string, payload: unknown, app: number): Read {
  const reader = READERS[event]
  if (reader === undefined) return { ok: true, wanted: [] }
  return reader(payload, app)
}

type Reader = (payload: unknown, app: number) => Read

function reader<T>(schema: z.ZodType<T>, read: (payload: T, app: number) => Wanted[]): Reader {
  return (payload, app) => {
    const parsed = schema.safeParse(payload)
    if (parsed.success) return { ok: true, wanted: read(parsed.data, app) }
    const [issue] = parsed.error.issues
    return { ok: false, problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}` }
  }
}

const READERS: Readonly<Record<string, Reader>> = {
  pull_request: reader(pullRequest, ofPullRequest),
  issue_comment: only('created', reader(issueComment, ofComment)),
  pull_request_review: reader(review, ofReview),
  check_run: reader(checkRun, ofCheckRun),
  check_suite: only(
    'rerequested',
    reader(checkSuite, (event, app) =>
      event.check_suite.app.id === app
        ? event.check_suite.pull_requests.map(({ number }) => attend(event, number, { again: true }))
        : [],
    ),
  ),
  workflow_run: only(
    'completed',
    reader(workflowRun, ({ workflow_run: run, ...event }) =>
      // What people do starts the workflow too, with every job skipped: their own events have told it already. Of a run that
      // ended well its jobs have; this is for one that had none, being cancelled or no workflow that GitHub can read.
      run.event === 'workflow_dispatch' &&
      run.conclusion !== 'success' &&
      run.path.split('@')[0]?.endsWith(`/${WORKFLOW}`) === true
        ? ofRun(event, run.display_title)
        : [],
    ),
  ),
  workflow_job: only(
    'completed',
    reader(workflowJob, ({ workflow_job: job, ...event }) =>
      tellsNothing(job) ? [] : ofRun(event, job.name),
    ),
  ),
  push: reader(push, ofPush),
  merge_group: only(
    'checks_requested',
    reader(mergeGroup, (event) => [pass(event, event.merge_group.head_sha, 'merge-group')]),
  ),
  installation: reader(installed, ({ action, installation: { id }, repositories = [] }) => {
    if (action === 'created') return [sweep(id, repositories)]
    // What was not told to us meanwhile, or was refused for want of a permission.
    return action === 'unsuspend' || action === 'new_permissions_accepted' ? [sweep(id, [])] : []
  }),
  installation_repositories: only(
    'added',
    reader(added, (event) => [sweep(event.installation.id, event.repositories_added)]),
  ),
}

/** Other actions have other shapes and ask for nothing. */
function only(action: string, then: Reader): Reader {
  const any = z.object({ action: z.string() })
  return (payload, app) => {
    const read = any.safeParse(payload)
    return read.success && read.data.action !== action ? { ok: true, wanted: [] } : then(payload, app)
  }
}

function ofPush(event: z.output<typeof push>): Wanted[] {
  const [, run, branch] = /^refs\/heads\/orchestrate\/([^/]+)\/(.+)$/.exec(event.ref) ?? []
  if (run !== undefined) {
    // A phase that begins makes its branch. What it pushes later are checkpoints, until the plan branch takes it.
    const calm = branch !== 'plan' && event.created !== true
    return calm ? ofRun(event, run, { calm }) : ofRun(event, run)
  }
  // The rules of every gate, or the workflow that runs what is approved: what is shown may be another thing now.
  const { full_name, default_branch } = event.repository
  if (full_name === undefined || event.ref !== `refs/heads/${default_branch}`) return []
  const changed = event.commits?.flatMap(({ added = [], modified = [], removed = [] }) => [
    ...added,
    ...modified,
    ...removed,
  ])
  return changed?.some((path) => RULES.some((one) => one === path)) === true
    ? [sweep(event.installation.id, [{ full_name }])]
    : []
}

function ofPullRequest(event: z.output<typeof pullRequest>): Wanted[] {
  const { action, pull_request: of, label, sender } = event
  if (!MOVES.some((move) => move === action)) return []
  if (action === 'edited' && event.changes?.base === undefined) return []
  if (action === 'labeled' && label !== undefined)
    return [attend(event, of.number, { labelledBy: { account: sender, label: label.name } })]
  // Which label is the gate's stands in the configuration of the base: only without any label nothing has to be read.
  if (action === 'reopened' && of.labels.length > 0) return [attend(event, of.number, { reopened: true })]
  if (of.labels.length > 0 || action === 'unlabeled' || action === 'closed') return [attend(event, of.number)]
  return of.state === 'open' ? [pass(event, of.head.sha, 'not-labelled')] : []
}

function ofComment(event: z.output<typeof issueComment>): Wanted[] {
  const { comment, issue } = event
  if (issue.pull_request === undefined || comment.user?.kind !== 'user') return []
  // What it says is read again at its source; this only spares a request for every remark.
  if (!mayBeCommand(comment.body ?? '')) return []
  return [{ kind: 'statement', at: placeOf(event), pull: issue.number, statement: 'comment', id: comment.id }]
}

function ofReview(event: z.output<typeof review>): Wanted[] {
  const { action, review: of, pull_request: on } = event
  if (of.user.kind !== 'user') return []
  if (action === 'dismissed') return [attend(event, on.number)]
  if (action !== 'submitted') return []
  if (of.state === 'commented' && !mayBeCommand(of.body ?? '')) return []
  return [{ kind: 'statement', at: placeOf(event), pull: on.number, statement: 'review', id: of.id }]
}

function ofCheckRun(event: z.output<typeof checkRun>, app: number): Wanted[] {
  const { check_run: run, action, requested_action: pressed, sender } = event
  if (run.app.id !== app) return []
  return run.pull_requests.flatMap(({ number }): Wanted[] => {
    if (action === 'rerequested') return [attend(event, number, { again: true })]
    if (action !== 'requested_action' || pressed === undefined || sender.kind !== 'user') return []
    const { identifier } = pressed
    const shown = run.external_id ?? ''
    return [
      { kind: 'button', at: placeOf(event), pull: number, check: run.id, identifier, by: sender, shown },
    ]
  })
}

/** A phase that went well was told by the push of its merge, and the end of the run by the job that comes after the last one. */
const tellsNothing = ({ name, conclusion }: { name: string; conclusion: string | null }): boolean =>
  conclusion === 'skipped' || (conclusion === 'success' && name.startsWith('phase '))

/** Runs are named after their pull request (`pr12-…`); the workflow's runs and jobs carry its number (`#12`). */
function ofRun(event: Located, text: string, more: { calm?: true } = {}): Wanted[] {
  const name = /(?:^|[^a-z0-9])(pr\d+-)/.exec(text)?.[1]
  const number = name === undefined ? Number(/#(\d{1,9})\b/.exec(text)?.[1] ?? 0) : pullOfRun(name)
  return number === undefined || number === 0 ? [] : [attend(event, number, more)]
}

/** Whether it is worth a request to read it again and say what it is. */
export const mayBeCommand = (text: string): boolean => /^ {0,3}\/[a-z]/m.test(text)

type Located = { repository: z.output<typeof repository>; installation: { id: number } }

const placeOf = ({ repository: of, installation: by }: Located): Place => ({
  installation: by.id,
  owner: of.owner.login,
  repo: of.name,
})

const attend = (
  event: Located,
  pull: number,
  more: { labelledBy?: Labeller; again?: boolean; calm?: true; reopened?: true } = {},
): Wanted => ({ kind: 'attend', at: placeOf(event), pull, ...more })

const pass = (event: Located, head: string, why: 'not-labelled' | 'merge-group'): Wanted => ({
  kind: 'pass',
  at: placeOf(event),
  head: sha(head),
  why,
})

const sweep = (id: number, repositories: { full_name: string }[]): Wanted => ({
  kind: 'sweep',
  installation: id,
  repositories: repositories.map(({ full_name }) => {
    const [owner = '', repo = ''] = full_name.split('/')
    return { owner, repo }
  }),
})
