import * as z from 'zod'

import type { Statement } from '../../core/forge.ts'
import { sha } from '../../core/model/ids.ts'
import { ok, type Result } from '../../core/model/result.ts'
import { ACTOR, accountOfActor, actorSchema } from './account.ts'
import type { Calls } from './calls.ts'
import { bigId } from './pull-query.ts'

const NEEDS = 'pull requests: read'

/** Whether something was edited or hidden is known to GraphQL only, and its id there to REST only: two requests. */
export const STATEMENT_QUERY = `query OrchestrateStatement($id: ID!) {
  node(id: $id) {
    __typename
    ... on IssueComment {
      fullDatabaseId body lastEditedAt isMinimized author { ...Account } on: pullRequest { number }
    }
    ... on PullRequestReview {
      fullDatabaseId body lastEditedAt isMinimized author { ...Account } pullRequest { number } state commit { oid }
    }
  }
}
${ACTOR}`

const numbered = z.object({ number: z.number() }).nullish()
const answerSchema = z.object({
  node: z
    .object({
      __typename: z.string(),
      fullDatabaseId: bigId,
      body: z.string(),
      lastEditedAt: z.string().nullable(),
      isMinimized: z.boolean(),
      author: actorSchema,
      /** Null for a comment on an issue. */
      on: numbered,
      pullRequest: numbered,
      state: z.string().optional(),
      commit: z.object({ oid: z.string() }).nullish(),
    })
    .nullable(),
})

const ROUTES = {
  comment: 'GET /repos/{owner}/{repo}/issues/comments/{id}',
  review: 'GET /repos/{owner}/{repo}/pulls/{pull}/reviews/{id}',
} as const

const STATES: Readonly<Record<string, NonNullable<Statement['state']>>> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  COMMENTED: 'commented',
  DISMISSED: 'dismissed',
}

/** What somebody said, as it stands now; undefined where it was deleted, or is not in this repository. */
export async function readStatement(
  calls: Calls,
  kind: Statement['kind'],
  id: number,
  pull: number,
): Promise<Result<Statement | undefined>> {
  const what = `reading ${kind} ${id} of pull request ${pull}`
  const known = await calls.find({
    what,
    needs: NEEDS,
    route: ROUTES[kind],
    params: { id, ...(kind === 'review' && { pull }) },
    schema: z.object({ node_id: z.string() }),
  })
  if (!known.ok || known.value === undefined) return known.ok ? ok(undefined) : known
  const answer = await calls.query({
    what,
    needs: NEEDS,
    query: STATEMENT_QUERY,
    variables: { id: known.value.data.node_id },
    schema: answerSchema,
    // deleted between the two requests
    mayLack: (path, type) => path[0] === 'node' && type === 'NOT_FOUND',
  })
  if (!answer.ok) return answer
  const { node } = answer.value
  if (node === null) return ok(undefined)
  const state = node.state === undefined ? undefined : STATES[node.state]
  return ok({
    kind,
    id: node.fullDatabaseId,
    author: accountOfActor(node.author),
    body: node.body,
    edited: node.lastEditedAt !== null,
    minimized: node.isMinimized,
    pull: node.on?.number ?? node.pullRequest?.number ?? 0,
    ...(node.commit != null && { commit: sha(node.commit.oid) }),
    ...(state !== undefined && { state }),
  })
}
