/**
 * A code host with pull requests, checks and workflow jobs, as core sees it; GitHub is the first. The adapter is
 * `adapters/github`, for an App's installation token and for a job's GITHUB_TOKEN alike. Expected failures are values
 * (`forge-refused`, `forge-unavailable`, `forge-rate-limited`); every call retries within its own limits before it fails.
 */
import type { PhaseId, Sha } from './model/ids.ts'
import type { Result } from './model/result.ts'
import type { LedgerEntry } from './ports.ts'

export interface Account {
  login: string
  id: number
  kind: 'user' | 'bot' | 'organization'
}

/** A person's right in the repository, weakest first; a custom role counts as the base role it inherits. */
export const ROLES = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const
export type Role = (typeof ROLES)[number]

export interface PullRequest {
  number: number
  title: string
  state: 'open' | 'closed' | 'merged'
  draft: boolean
  author: Account
  /** `fork`: the head lies in another repository, whose owner may push what they like. */
  head: { sha: Sha; ref: string; fork: boolean }
  base: { sha: Sha; ref: string }
  labels: string[]
}

export interface ChangedFile {
  path: string
  change: 'added' | 'modified' | 'removed' | 'renamed'
}

/** A comment that carries our marker. `mine`: written by the account that asks now. */
export interface StickyComment {
  id: number
  author: Account
  mine: boolean
  body: string
}

/** A check run on the pull request's head. `mine`: of the App (or of the Actions token) that asks now. */
export interface CheckRun {
  id: number
  name: string
  /** The App that wrote it: its name in addresses, and its id where the forge tells. */
  app: string
  appId?: number
  mine: boolean
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: string | undefined
  externalId: string
}

/** A pull request with all that the gate decides on, as of one moment and from one request (more pages for many files). */
export interface PullFacts {
  pull: PullRequest
  files: ChangedFile[]
  /** True where the forge lists no more of them (GitHub: 3,000). */
  filesCut: boolean
  comments: StickyComment[]
  checks: CheckRun[]
  /** Names of runs whose branches stand under `orchestrate/pr<number>-`. */
  runs: string[]
  /** `.github/orchestrate.yml` of the base ref; undefined where there is none. */
  config: string | undefined
  /** Whether the workflow that runs phases stands on the default branch. */
  hasWorkflow: boolean
  defaultBranch: string
  /** Who committed what the plan approval would cover: authors, committers and co-authors of the pull request's commits. */
  committers: string[]
  /** Logins with write access besides the author are more than none: for "another person has to approve". */
  otherWriters: boolean
  /** Logins whose newest review that approves or asks for changes asks for changes. Undefined where the adapter does not look. */
  changesRequestedBy?: string[]
  /** Ids of these reviews. */
  changeRequests?: number[]
}

/** The files below some directories at one commit, read together. Paths are from the repository's root. */
export interface FileSnapshot {
  files: ReadonlyMap<string, { text: string; invalidUtf8: boolean; bytes: number }>
  /** Paths that exist but were not read: too large, or too many. */
  skipped: string[]
}

/** What somebody said that may be an approval or a command, read again at its source. */
export interface Statement {
  kind: 'comment' | 'review'
  id: number
  author: Account
  body: string
  /** Edited after it was written, or hidden: it grants nothing. */
  edited: boolean
  minimized: boolean
  pull: number
  /** The commit that a review was made on. */
  commit?: Sha
  state?: 'approved' | 'changes-requested' | 'commented' | 'dismissed'
  /** What a review says at places of the diff, in its order; what was edited or hidden since is left out. At most 100. */
  remarks?: Remark[]
}

/** A comment of a review, at the place that it was written at. */
export interface Remark {
  path: string
  /** Lines of the file at `commit`; undefined for the whole file and for lines that the change takes away. */
  lines?: { from: number; to: number }
  commit?: Sha
  text: string
}

export interface CheckWrite {
  name: string
  sha: Sha
  status: 'queued' | 'in_progress' | 'completed'
  conclusion?: 'success' | 'failure' | 'neutral' | 'action_required' | 'cancelled' | 'skipped'
  externalId: string
  detailsUrl?: string
  title: string
  summary: string
  text?: string
  /** All of them: the adapter sends 50 a request. */
  annotations?: CheckAnnotation[]
  /** At most 3; label 20, description 40, identifier 20 characters. */
  buttons?: { label: string; description: string; identifier: string }[]
}

export interface CheckAnnotation {
  path: string
  startLine: number
  endLine: number
  level: 'failure' | 'warning' | 'notice'
  title: string
  message: string
}

export interface JobFacts {
  id: number
  name: string
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: string | undefined
  url: string
}

/** One attempt of a phase, whose steps have a chain of their own. */
export interface AttemptName {
  phase: PhaseId
  attempt: number
}

/** What stands in a run's chain, oldest first, and of some of its phases' chains. */
export interface RunLedger {
  entries: LedgerEntry[]
  /** Those that were asked for and are there. */
  attempts: AttemptChain[]
}

/** The newest entries of an attempt's chain, oldest first; one that went on holds those of the attempt before it too. */
export interface AttemptChain extends AttemptName {
  entries: LedgerEntry[]
  /** Of the whole chain. */
  count: number
}

export interface Forge {
  readonly owner: string
  readonly repo: string
  /** Web address of the repository, for links in comments. */
  readonly url: string
  pull(number: number): Promise<Result<PullFacts>>
  /** Open pull requests that carry `label`, for the sweep. */
  labelled(label: string): Promise<Result<number[]>>
  /** `.github/orchestrate.yml` of the default branch; undefined where there is none. For the sweep, which knows no base yet. */
  defaultConfig?(): Promise<Result<string | undefined>>
  /** The role of `login`; an error of the forge is a failure, which callers take as "no". */
  role(login: string): Promise<Result<Role>>
  /** Texts below `dirs` at `sha`, three levels deep, and of the single `paths`; one request however many files there are. */
  files(sha: Sha, wanted: { dirs: string[]; paths: string[] }): Promise<Result<FileSnapshot>>
  /** A comment or review as it stands now; undefined where it was deleted. */
  statement(kind: Statement['kind'], id: number, pull: number): Promise<Result<Statement | undefined>>
  /** A check run of any app; undefined where there is none. */
  check(id: number): Promise<Result<(CheckRun & { sha: Sha }) | undefined>>
  /** Creates the check, or updates the one that has `id`. */
  writeCheck(check: CheckWrite, id?: number): Promise<Result<{ id: number }>>
  /** Replaces a check's external id and nothing else. Only the App that made the check can. */
  tagCheck(id: number, externalId: string): Promise<Result<void>>
  /** Creates the comment on the pull request, or replaces the body of the one that has `id`. */
  writeComment(pull: number, body: string, id?: number): Promise<Result<{ id: number }>>
  deleteComment(id: number): Promise<Result<void>>
  /** Lines of the head that a review may speak about, by path: what the diff of the pull request shows, hunk by hunk. */
  commentable?(pull: number): Promise<Result<ReadonlyMap<string, readonly { from: number; to: number }[]>>>
  /** A review of ours that neither approves nor asks for changes, once for each commit: where one stands, it is that. */
  suggest?(
    pull: number,
    sha: Sha,
    review: {
      body: string
      /** Each replaces these lines by the block in its Markdown. */
      suggestions: { path: string; startLine: number; endLine: number; body: string }[]
    },
  ): Promise<Result<{ url: string }>>
  /** Sets a label, which is made where the repository has none of the name. */
  addLabel?(pull: number, label: string): Promise<Result<void>>
  /** Idempotent: the same reaction twice is one. `created` is false where it was there already. */
  react(
    comment: number,
    content: 'eyes' | 'rocket' | '+1' | 'confused',
  ): Promise<Result<{ created: boolean }>>
  /** Starts the workflow on the default branch. */
  dispatch(workflow: string, ref: string, inputs: Readonly<Record<string, string>>): Promise<Result<void>>
  /** The jobs of a workflow run, newest attempt; undefined where the run is unknown. */
  jobs(
    workflowRun: number,
  ): Promise<Result<{ status: JobFacts['status']; pullRun: string; jobs: JobFacts[] } | undefined>>
  /**
   * The entries of a run's chain, without a clone, and with the same request the newest of the chains of some attempts of its
   * phases. Empty where there is none.
   */
  ledger(run: string, attempts?: readonly AttemptName[]): Promise<Result<RunLedger>>
  /** Fast-forwards a branch; refused where it is not at `from` or `to` does not descend from it. */
  advanceBranch(branch: string, from: Sha, to: Sha): Promise<Result<void>>
}
