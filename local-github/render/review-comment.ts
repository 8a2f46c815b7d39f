/** Comments of reviews, as GitHub writes them. */
import type { PullRequest, Repository, Review, ReviewComment, World } from '../state/records.ts'
import { nodeId, renderAccount } from './account.ts'
import { association, renderReactions } from './issue.ts'

export function renderReviewComment(
  world: World,
  repo: Repository,
  pull: PullRequest,
  review: Review,
  comment: ReviewComment,
): Record<string, unknown> {
  const api = `${world.url}/repos/${repo.fullName}`
  const url = `${api}/pulls/comments/${comment.id}`
  const pullUrl = `${api}/pulls/${pull.number}`
  const html = `${world.url}/${repo.fullName}/pull/${pull.number}#discussion_r${comment.id}`
  const { line, side, startLine } = comment
  const startSide = startLine === undefined ? null : side
  // Where it stands now is where it stood: comments are not carried along with later pushes here.
  const position = comment.hunk.split('\n').length - 1
  return {
    url,
    pull_request_review_id: review.id,
    id: comment.id,
    node_id: nodeId('PullRequestReviewComment', comment.id),
    diff_hunk: comment.hunk,
    path: comment.path,
    position,
    original_position: position,
    commit_id: comment.commit,
    original_commit_id: comment.commit,
    user: renderAccount(world, comment.author),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.lastEditedAt ?? comment.createdAt,
    html_url: html,
    pull_request_url: pullUrl,
    author_association: association(repo, comment.author.login),
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: pullUrl } },
    start_line: startLine ?? null,
    original_start_line: startLine ?? null,
    start_side: startSide,
    line,
    original_line: line,
    side,
    subject_type: 'line',
    reactions: renderReactions(url, []),
  }
}
