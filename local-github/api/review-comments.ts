/** What reviews say at single lines. */
import * as z from 'zod'
import { reading } from '../auth/may.ts'
import { pullOf, type Api, type Call } from '../http/api.ts'
import { Refusal } from '../http/refusal.ts'
import { hunkUpTo, isOneHunk } from '../pulls/review-lines.ts'
import { renderReviewComment } from '../render/review-comment.ts'
import type { PullRequest, Repository, Review, ReviewComment } from '../state/records.ts'
import { isoNow } from '../state/time.ts'

const side = z.enum(['LEFT', 'RIGHT'])
export const NewComments = z
  .array(
    z.object({
      path: z.string(),
      body: z.string().min(1),
      line: z.number().int().positive(),
      side: side.default('RIGHT'),
      start_line: z.number().int().positive().nullish(),
      start_side: side.nullish(),
    }),
  )
  .default([])

export function reviewCommentRoutes(api: Api): void {
  api.repo('GET', '/pulls/:number/comments', reading('pull_requests'), (call, repo) => {
    const issue = pullOf(repo, call.id('number'))
    const all = issue.pull.reviews.flatMap((review) =>
      review.comments.map((comment) => ({ review, comment })),
    )
    return call.page(all, ({ review, comment }) =>
      renderReviewComment(call.world, repo, issue, review, comment),
    )
  })
}

/**
 * The comments of a new review. As on GitHub all of them or none: a line that the diff does not show refuses the whole review.
 */
export async function makeComments(
  call: Call,
  repo: Repository,
  issue: PullRequest,
  { commit, author }: Pick<Review, 'commit' | 'author'>,
  wanted: z.output<typeof NewComments>,
): Promise<ReviewComment[]> {
  if (wanted.length === 0) return []
  const base = (await repo.git.tip(issue.pull.base.ref)) ?? issue.pull.base.sha
  const { files } = await repo.git.comparisons.compare(base, commit)
  return wanted.map((one): ReviewComment => {
    const patch = files.find(({ filename }) => filename === one.path)?.patch
    const from = one.start_line ?? one.line
    if (patch === undefined) throw unresolved('Path')
    const hunk = hunkUpTo(patch, one.side, one.line)
    if (hunk === undefined || !isOneHunk(patch, one.side, from, one.line)) throw unresolved('Line')
    return {
      id: call.world.nextId(),
      ...{ path: one.path, body: one.body, author, commit, hunk, line: one.line, side: one.side },
      ...(one.start_line == null ? {} : { startLine: one.start_line }),
      createdAt: isoNow(call.world),
      minimized: false,
    }
  })
}

const unresolved = (what: string): Refusal =>
  new Refusal(422, 'Unprocessable Entity', { errors: [`${what} could not be resolved`] })
