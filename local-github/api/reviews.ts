/** Reviews of pull requests. */
import * as z from 'zod'
import { reading, writing } from '../auth/may.ts'
import { pullOf, type Api, type Call } from '../http/api.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { json, type Reply } from '../http/reply.ts'
import { renderReview } from '../render/issue.ts'
import { renderReviewComment } from '../render/review-comment.ts'
import { renderPullSummary } from '../render/pull.ts'
import type { PullRequest, Repository, Review, ReviewState } from '../state/records.ts'
import { isoNow } from '../state/time.ts'
import { makeComments, NewComments } from './review-comments.ts'

const NewReview = z.object({
  commit_id: z.string().optional(),
  body: z.string().default(''),
  event: z.enum(['APPROVE', 'REQUEST_CHANGES', 'COMMENT']).optional(),
  comments: NewComments,
})
const STATES: Record<string, ReviewState> = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
}

export function reviewRoutes(api: Api): void {
  api.repo('GET', '/pulls/:number/reviews', reading('pull_requests'), (call, repo) => {
    const issue = pullOf(repo, call.id('number'))
    return call.page(issue.pull.reviews, (review) => renderReview(call.world, repo, issue, review))
  })
  api.repo('POST', '/pulls/:number/reviews', writing('pull_requests', 'read'), create)
  api.repo('GET', '/pulls/:number/reviews/:id', reading('pull_requests'), (call, repo) => {
    const { issue, review } = reviewOf(call, repo)
    return json(renderReview(call.world, repo, issue, review))
  })
  api.repo('GET', '/pulls/:number/reviews/:id/comments', reading('pull_requests'), (call, repo) => {
    const { issue, review } = reviewOf(call, repo)
    return call.page(review.comments, (comment) =>
      renderReviewComment(call.world, repo, issue, review, comment),
    )
  })
  api.repo('PUT', '/pulls/:number/reviews/:id', writing('pull_requests', 'read'), (call, repo) => {
    const { issue, review } = reviewOf(call, repo)
    if (review.author !== call.account) throw new Refusal(403, 'Must be the author of the review')
    const { body } = call.body(z.object({ body: z.string() }))
    const changes = { body: { from: review.body } }
    review.body = body
    review.lastEditedAt = isoNow(call.world)
    raise(call, repo, issue, review, 'edited', { changes })
    return json(renderReview(call.world, repo, issue, review))
  })
  api.repo('PUT', '/pulls/:number/reviews/:id/dismissals', writing('pull_requests'), (call, repo) => {
    const { issue, review } = reviewOf(call, repo)
    call.body(z.object({ message: z.string() }))
    review.state = 'DISMISSED'
    raise(call, repo, issue, review, 'dismissed')
    return json(renderReview(call.world, repo, issue, review))
  })
}

function reviewOf(call: Call, repo: Repository): { issue: PullRequest; review: Review } {
  const issue = pullOf(repo, call.id('number'))
  const review = issue.pull.reviews.find(({ id }) => id === call.id('id'))
  if (!review) throw notFound()
  return { issue, review }
}

async function create(call: Call, repo: Repository): Promise<Reply> {
  const issue = pullOf(repo, call.id('number'))
  const input = call.body(NewReview)
  const own = issue.author === call.account
  if (own && input.event !== undefined && input.event !== 'COMMENT') {
    const what = input.event === 'APPROVE' ? 'approve' : 'request changes on'
    throw new Refusal(422, 'Unprocessable Entity', { errors: [`Can not ${what} your own pull request`] })
  }
  if (input.event !== 'APPROVE' && input.event !== undefined && input.body === '')
    throw new Refusal(422, 'Unprocessable Entity', { errors: ['Body is required'] })
  const of = { commit: input.commit_id ?? issue.pull.head.sha, author: call.account }
  const review: Review = {
    ...of,
    id: call.world.nextId(),
    body: input.body,
    state: input.event === undefined ? 'PENDING' : (STATES[input.event] ?? 'COMMENTED'),
    submittedAt: isoNow(call.world),
    comments: await makeComments(call, repo, issue, of, input.comments),
  }
  issue.pull.reviews.push(review)
  if (review.state !== 'PENDING') raise(call, repo, issue, review, 'submitted')
  return json(renderReview(call.world, repo, issue, review))
}

function raise(
  call: Call,
  repo: Repository,
  issue: PullRequest,
  review: Review,
  action: string,
  more = {},
): void {
  const rendered = renderReview(call.world, repo, issue, review)
  call.hub.raise(repo, {
    event: 'pull_request_review',
    action,
    actor: call.actor,
    payload: {
      // Webhooks write the state in small letters, the REST API in capitals.
      review: { ...rendered, state: review.state.toLowerCase() },
      pull_request: renderPullSummary(call.world, repo, issue),
      ...more,
    },
  })
}
