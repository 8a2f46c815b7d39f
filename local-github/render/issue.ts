/** Issues, labels, comments, reactions and reviews, as GitHub writes them. */
import type {
  Comment,
  Issue,
  Label,
  PullRequest,
  Reaction,
  Repository,
  Review,
  World,
} from '../state/records.ts'
import { atLeast, roleOf } from '../auth/may.ts'
import { nodeId, renderAccount } from './account.ts'

const REACTIONS = ['+1', '-1', 'laugh', 'hooray', 'confused', 'heart', 'rocket', 'eyes'] as const
export const isReaction = (content: unknown): content is string =>
  REACTIONS.some((known) => known === content)

export function renderLabel(world: World, repo: Repository, label: Label): Record<string, unknown> {
  return {
    id: label.id,
    node_id: nodeId('Label', label.id),
    url: `${world.url}/repos/${repo.fullName}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  }
}

/** Never to be decided on: it says nothing certain about rights. It is here since payloads carry it. */
export function association(repo: Repository, login: string): string {
  if (repo.owner.login === login) return 'OWNER'
  const role = roleOf(repo, login)
  if (!repo.roles.has(login)) return 'NONE'
  return atLeast(role, 'read') ? 'COLLABORATOR' : 'NONE'
}

export function renderReactions(url: string, reactions: Reaction[]): Record<string, unknown> {
  const count = (content: string): number => reactions.filter((one) => one.content === content).length
  return {
    url: `${url}/reactions`,
    total_count: reactions.length,
    ...Object.fromEntries(REACTIONS.map((content) => [content, count(content)])),
  }
}

export function renderReaction(world: World, reaction: Reaction): Record<string, unknown> {
  return {
    id: reaction.id,
    node_id: nodeId('Reaction', reaction.id),
    user: renderAccount(world, reaction.user),
    content: reaction.content,
    created_at: reaction.createdAt,
  }
}

export function renderComment(
  world: World,
  repo: Repository,
  issue: Issue,
  comment: Comment,
): Record<string, unknown> {
  const url = `${world.url}/repos/${repo.fullName}/issues/comments/${comment.id}`
  const kind = issue.pull ? 'pull' : 'issues'
  return {
    url,
    html_url: `${world.url}/${repo.fullName}/${kind}/${issue.number}#issuecomment-${comment.id}`,
    issue_url: `${world.url}/repos/${repo.fullName}/issues/${issue.number}`,
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    user: renderAccount(world, comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: association(repo, comment.author.login),
    body: comment.body,
    reactions: renderReactions(url, comment.reactions),
    performed_via_github_app: null,
  }
}

export function renderIssue(world: World, repo: Repository, issue: Issue): Record<string, unknown> {
  const api = `${world.url}/repos/${repo.fullName}`
  const url = `${api}/issues/${issue.number}`
  const page = `${world.url}/${repo.fullName}`
  const pull = issue.pull && {
    url: `${api}/pulls/${issue.number}`,
    html_url: `${page}/pull/${issue.number}`,
    diff_url: `${page}/pull/${issue.number}.diff`,
    patch_url: `${page}/pull/${issue.number}.patch`,
    merged_at: issue.pull.merged?.at ?? null,
  }
  return {
    url,
    repository_url: api,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: issue.pull ? `${page}/pull/${issue.number}` : `${page}/issues/${issue.number}`,
    id: issue.id,
    node_id: nodeId('Issue', issue.id),
    number: issue.number,
    title: issue.title,
    user: renderAccount(world, issue.author),
    labels: issue.labels.map((label) => renderLabel(world, repo, label)),
    state: issue.state,
    locked: issue.locked,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: issue.comments.length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: association(repo, issue.author.login),
    active_lock_reason: null,
    ...(pull ? { draft: issue.pull?.draft, pull_request: pull } : {}),
    body: issue.body,
    reactions: renderReactions(url, []),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: null,
    state_reason: null,
  }
}

export function renderReview(
  world: World,
  repo: Repository,
  pull: PullRequest,
  review: Review,
): Record<string, unknown> {
  const page = `${world.url}/${repo.fullName}/pull/${pull.number}`
  const url = `${world.url}/repos/${repo.fullName}/pulls/${pull.number}`
  const html = `${page}#pullrequestreview-${review.id}`
  return {
    id: review.id,
    node_id: nodeId('PullRequestReview', review.id),
    user: renderAccount(world, review.author),
    body: review.body,
    commit_id: review.commit,
    submitted_at: review.submittedAt,
    state: review.state,
    html_url: html,
    pull_request_url: url,
    author_association: association(repo, review.author.login),
    _links: { html: { href: html }, pull_request: { href: url } },
  }
}
