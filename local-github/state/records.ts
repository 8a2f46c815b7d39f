/** What this GitHub knows. Commits, trees and refs are in none of these: git has them. */
import type { GitRepository } from '../git/repository.ts'
import type { Limits } from '../http/limits.ts'
import type { ActionsStore, RoleName, TokenPermissions } from '../types.ts'

export interface Account {
  id: number
  login: string
  type: 'User' | 'Organization' | 'Bot'
  createdAt: string
  /** Of a bot: the App that it is. */
  appId?: number
}

export interface Label {
  id: number
  name: string
  color: string
  description: string | null
}

export interface Reaction {
  id: number
  content: string
  user: Account
  createdAt: string
}

export interface Comment {
  id: number
  body: string
  author: Account
  createdAt: string
  updatedAt: string
  /** Set by an edit of the body, by whomever. */
  lastEditedAt?: string
  minimized: boolean
  reactions: Reaction[]
}

export type ReviewState = 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING'

/** What a review says at lines of the diff. */
export interface ReviewComment {
  id: number
  path: string
  body: string
  author: Account
  /** The commit that was looked at, whose lines (`RIGHT`) or whose base's (`LEFT`) are meant. */
  commit: string
  side: 'LEFT' | 'RIGHT'
  line: number
  startLine?: number
  /** The diff down to the line. */
  hunk: string
  createdAt: string
  lastEditedAt?: string
  minimized: boolean
}

export interface Review {
  id: number
  body: string
  author: Account
  state: ReviewState
  commit: string
  submittedAt: string
  lastEditedAt?: string
  comments: ReviewComment[]
}

/** The part of an issue that makes it a pull request. */
export interface PullPart {
  head: { repository: Repository; ref: string; sha: string }
  /** As of the last push to the head or change of the base, as GitHub reports it: a push to the base does not move it. */
  base: { ref: string; sha: string }
  draft: boolean
  merged?: { at: string; by: Account; sha: string }
  reviews: Review[]
  /** Pushes to the head that did not go forward, oldest first. */
  forcePushes: { by: Account; at: string; before: string; after: string }[]
  maintainerCanModify: boolean
}

export interface Issue {
  id: number
  number: number
  title: string
  body: string | null
  author: Account
  state: 'open' | 'closed'
  labels: Label[]
  comments: Comment[]
  locked: boolean
  createdAt: string
  updatedAt: string
  closedAt: string | null
  pull?: PullPart
}

export type PullRequest = Issue & { pull: PullPart }

export interface CheckAnnotation {
  path: string
  start_line: number
  end_line: number
  start_column: number | null
  end_column: number | null
  annotation_level: string
  title: string | null
  message: string
  raw_details: string | null
  blob_href: string
}

export type CheckStatus = 'queued' | 'in_progress' | 'completed' | 'waiting' | 'requested' | 'pending'

/** A commit in the short form of webhooks. */
export interface HeadCommit {
  id: string
  tree_id: string
  message: string
  timestamp: string
  author: { name: string; email: string }
  committer: { name: string; email: string }
}

export interface CheckSuite {
  id: number
  appId: number
  sha: string
  branch: string | null
  before: string | null
  commit: HeadCommit
  createdAt: string
  updatedAt: string
}

export interface CheckRun {
  id: number
  suite: CheckSuite
  name: string
  sha: string
  status: CheckStatus
  conclusion: string | null
  externalId: string
  detailsUrl: string | null
  startedAt: string | null
  completedAt: string | null
  title: string | null
  summary: string | null
  text: string | null
  annotations: CheckAnnotation[]
  actions: { label: string; description: string; identifier: string }[]
}

export interface CommitStatus {
  id: number
  sha: string
  state: 'error' | 'failure' | 'pending' | 'success'
  context: string
  description: string | null
  targetUrl: string | null
  creator: Account
  createdAt: string
}

export interface Protection {
  requiredChecks: { context: string; appId?: number }[]
  requirePullRequest: boolean
  /** Approving reviews of people who may write, without one of them asking for changes. */
  requiredApprovals: number
}

export interface Repository {
  id: number
  owner: Account
  name: string
  fullName: string
  private: boolean
  defaultBranch: string
  description: string | null
  createdAt: string
  updatedAt: string
  pushedAt: string
  parent?: Repository
  git: GitRepository
  roles: Map<string, RoleName>
  /** Issues and pull requests share their numbers. */
  issues: Map<number, Issue>
  labels: Map<string, Label>
  suites: CheckSuite[]
  checks: Map<number, CheckRun>
  statuses: CommitStatus[]
  protections: Map<string, Protection>
}

export interface App {
  id: number
  slug: string
  name: string
  owner: Account
  bot: Account
  permissions: TokenPermissions
  events: string[]
  publicKey: string
  webhookUrl: string | undefined
  webhookSecret: string
  createdAt: string
}

export interface Installation {
  id: number
  app: App
  account: Account
  repositories: Set<Repository>
  createdAt: string
}

/** What a token stands for. Times in milliseconds since 1970. */
export type TokenRecord =
  | { kind: 'user'; account: Account }
  | {
      kind: 'installation'
      installation: Installation
      permissions: TokenPermissions
      repositories: Set<Repository> | undefined
      expiresAt: number
    }
  | { kind: 'job'; repository: Repository; permissions: TokenPermissions }

/** Everything at once; `url` has no slash at its end. */
export interface World {
  url: string
  /** Directory of the hooks that pushes run. */
  hooks: string
  now: () => Date
  nextId: () => number
  accounts: Map<string, Account>
  repositories: Map<string, Repository>
  apps: Map<number, App>
  installations: Map<number, Installation>
  tokens: Map<string, TokenRecord>
  actions: ActionsStore
  limits: Limits
}
