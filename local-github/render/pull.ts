/** Pull requests, as GitHub writes them. */
import type { FileChange } from '../git/diff.ts'
import type { Commit } from '../git/parse-objects.ts'
import type { Account, PullRequest, Repository, World } from '../state/records.ts'
import { renderAccount, nodeId } from './account.ts'
import { association, renderLabel } from './issue.ts'
import { renderRepository } from './repository.ts'

function renderEnd(world: World, repo: Repository, ref: string, sha: string): Record<string, unknown> {
  return {
    label: `${repo.owner.login}:${ref}`,
    ref,
    sha,
    user: renderAccount(world, repo.owner),
    repo: renderRepository(world, repo),
  }
}

/** As lists carry it. */
export function renderPullSummary(
  world: World,
  repo: Repository,
  issue: PullRequest,
): Record<string, unknown> {
  const { pull } = issue
  const api = `${world.url}/repos/${repo.fullName}`
  const url = `${api}/pulls/${issue.number}`
  const html = `${world.url}/${repo.fullName}/pull/${issue.number}`
  const links = {
    self: url,
    html,
    issue: `${api}/issues/${issue.number}`,
    comments: `${api}/issues/${issue.number}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${api}/pulls/comments{/number}`,
    commits: `${url}/commits`,
    statuses: `${api}/statuses/${pull.head.sha}`,
  }
  return {
    url,
    id: issue.id,
    node_id: nodeId('PullRequest', issue.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: links.issue,
    number: issue.number,
    state: issue.state,
    locked: issue.locked,
    title: issue.title,
    user: renderAccount(world, issue.author),
    body: issue.body,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    merged_at: pull.merged?.at ?? null,
    merge_commit_sha: pull.merged?.sha ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: issue.labels.map((label) => renderLabel(world, repo, label)),
    milestone: null,
    draft: pull.draft,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: links.statuses,
    head: renderEnd(world, pull.head.repository, pull.head.ref, pull.head.sha),
    base: renderEnd(world, repo, pull.base.ref, pull.base.sha),
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
    author_association: association(repo, issue.author.login),
    auto_merge: null,
    active_lock_reason: null,
  }
}

export interface PullNumbers {
  commits: number
  additions: number
  deletions: number
  changedFiles: number
  /** Null once it is merged or closed. */
  mergeable: boolean | null
  mergeableState: string
}

export function renderPull(
  world: World,
  repo: Repository,
  issue: PullRequest,
  numbers: PullNumbers,
): Record<string, unknown> {
  const merged = issue.pull.merged
  return {
    ...renderPullSummary(world, repo, issue),
    merged: merged !== undefined,
    mergeable: numbers.mergeable,
    rebaseable: numbers.mergeable,
    mergeable_state: numbers.mergeableState,
    merged_by: merged ? renderAccount(world, merged.by) : null,
    comments: issue.comments.length,
    review_comments: 0,
    maintainer_can_modify: issue.pull.maintainerCanModify,
    commits: numbers.commits,
    additions: numbers.additions,
    deletions: numbers.deletions,
    changed_files: numbers.changedFiles,
  }
}

export function renderFile(
  world: World,
  repo: Repository,
  sha: string,
  file: FileChange,
): Record<string, unknown> {
  const path = file.filename.split('/').map(encodeURIComponent).join('/')
  return {
    sha: file.sha,
    filename: file.filename,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${world.url}/${repo.fullName}/blob/${sha}/${path}`,
    raw_url: `${world.url}/${repo.fullName}/raw/${sha}/${path}`,
    contents_url: `${world.url}/repos/${repo.fullName}/contents/${path}?ref=${sha}`,
    ...(file.patch === undefined ? {} : { patch: file.patch }),
    ...(file.previous === undefined ? {} : { previous_filename: file.previous }),
  }
}

const NOREPLY = /^(?:\d+\+)?(.+)@users\.noreply\.github\.com$/

/** The account that an address belongs to: GitHub's own private addresses, and those that accounts here have. */
export function accountOfEmail(world: World, email: string): Account | undefined {
  const login = NOREPLY.exec(email)?.[1] ?? /^(.+)@example\.com$/.exec(email)?.[1]
  return login === undefined ? undefined : world.accounts.get(login.toLowerCase())
}

const VERIFICATION = {
  verified: false,
  reason: 'unsigned',
  signature: null,
  payload: null,
  verified_at: null,
}

export function renderCommit(world: World, repo: Repository, commit: Commit): Record<string, unknown> {
  const api = `${world.url}/repos/${repo.fullName}`
  const account = (email: string): Record<string, unknown> | null => {
    const found = accountOfEmail(world, email)
    return found ? renderAccount(world, found) : null
  }
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: VERIFICATION,
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${world.url}/${repo.fullName}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author: account(commit.author.email),
    committer: account(commit.committer.email),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/commits/${sha}`,
      html_url: `${world.url}/${repo.fullName}/commit/${sha}`,
    })),
  }
}

export function renderGitCommit(world: World, repo: Repository, commit: Commit): Record<string, unknown> {
  const api = `${world.url}/repos/${repo.fullName}`
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    url: `${api}/git/commits/${commit.sha}`,
    html_url: `${world.url}/${repo.fullName}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/git/commits/${sha}`,
      html_url: `${world.url}/${repo.fullName}/commit/${sha}`,
    })),
    verification: VERIFICATION,
  }
}
