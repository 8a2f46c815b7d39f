import * as z from 'zod/mini'

import { COMMENT_MARKER } from '../../core/model/forge-names.ts'
import { lazily } from '../../core/model/lazily.ts'
import { ok, type Result } from '../../core/model/result.ts'
import { ACTOR } from './account.ts'
import type { Calls } from './calls.ts'
import { cut, LIMITS } from './limits.ts'
import { type Me, present, stickyComments } from './pull-facts.ts'
import { commentsAnswer } from './pull-query.ts'

const WRITE = 'pull requests: write'
const written = lazily(() => z.object({ id: z.number() }))

export async function writeComment(
  calls: Calls,
  me: Me,
  pull: number,
  text: string,
  id: number | undefined,
): Promise<Result<{ id: number }>> {
  const body = cut(text, LIMITS.comment)
  const answer =
    id === undefined
      ? await calls.send({
          what: `commenting on pull request ${pull}`,
          needs: WRITE,
          route: 'POST /repos/{owner}/{repo}/issues/{pull}/comments',
          params: { pull, body },
          schema: written,
          recover: () => findSame(calls, me, pull, body),
        })
      : await calls.send({
          what: `changing comment ${id} on pull request ${pull}`,
          needs: WRITE,
          route: 'PATCH /repos/{owner}/{repo}/issues/comments/{id}',
          params: { id, body },
          schema: written,
        })
  return answer.ok ? ok({ id: answer.value.data.id }) : answer
}

export const LAST_COMMENTS = `query OrchestrateLastComments($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      comments(last: 30) {
        pageInfo { hasPreviousPage startCursor }
        nodes { fullDatabaseId viewerDidAuthor body author { ...Account } }
      }
    }
  }
}
${ACTOR}`

/** The comment that a request made whose answer was lost: ours, with the marker or else word for word. */
async function findSame(
  calls: Calls,
  me: Me,
  pull: number,
  body: string,
): Promise<Result<{ id: number } | undefined>> {
  const answer = await calls.query({
    what: `looking for our comment on pull request ${pull}`,
    needs: 'pull requests: read',
    query: LAST_COMMENTS,
    variables: { owner: calls.owner, repo: calls.repo, number: pull },
    schema: commentsAnswer,
  })
  if (!answer.ok) return answer
  const notes = present(answer.value.repository.pullRequest.comments)
  if (body.trimStart().startsWith(COMMENT_MARKER)) {
    const sticky = stickyComments(notes, me).find((comment) => comment.mine)
    return ok(sticky && { id: sticky.id })
  }
  const same = notes.find((note) => note.viewerDidAuthor && plain(note.body) === plain(body))
  return ok(same && { id: same.fullDatabaseId })
}

const plain = (text: string): string => text.replaceAll('\r\n', '\n').trim()

/** Idempotent: a label that is set stays set. */
export async function addLabel(calls: Calls, pull: number, label: string): Promise<Result<void>> {
  const answer = await calls.send({
    what: `setting the label ${label} on pull request ${pull}`,
    needs: WRITE,
    route: 'POST /repos/{owner}/{repo}/issues/{pull}/labels',
    params: { pull, labels: [label] },
    schema: z.unknown,
  })
  return answer.ok ? ok(undefined) : answer
}

/** A comment that is gone already is deleted. */
export async function deleteComment(calls: Calls, id: number): Promise<Result<void>> {
  const answer = await calls.find({
    what: `deleting comment ${id}`,
    needs: WRITE,
    route: 'DELETE /repos/{owner}/{repo}/issues/comments/{id}',
    params: { id },
    schema: z.unknown,
  })
  return answer.ok ? ok(undefined) : answer
}

/**
 * `created` also where an earlier try of this call may have made it: of two who ask, one at least is told that it was first.
 */
export async function react(
  calls: Calls,
  comment: number,
  content: 'eyes' | 'rocket' | '+1' | 'confused',
): Promise<Result<{ created: boolean }>> {
  const answer = await calls.send({
    what: `reacting to comment ${comment}`,
    needs: WRITE,
    route: 'POST /repos/{owner}/{repo}/issues/comments/{comment}/reactions',
    params: { comment, content },
    schema: z.unknown,
  })
  return answer.ok ? ok({ created: answer.value.status === 201 || answer.value.again }) : answer
}
