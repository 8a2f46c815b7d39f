import * as z from 'zod/mini'

import type { Remark, Statement } from '../../core/forge.ts'
import { sha } from '../../core/model/ids.ts'
import { lazily } from '../../core/model/lazily.ts'
import { ok, type Result } from '../../core/model/result.ts'
import { ACTOR, accountOfActor, actorSchema } from './account.ts'
import type { Calls } from './calls.ts'
import { present } from './pull-facts.ts'
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
      comments(first: 100) {
        nodes { path body lastEditedAt isMinimized originalLine originalStartLine diffHunk originalCommit { oid } }
      }
    }
  }
}
${ACTOR}`

const remarkSchema = lazily(() =>
  z.object({
    path: z.string(),
    body: z.string(),
    lastEditedAt: z.nullable(z.string()),
    isMinimized: z.boolean(),
    /** Null for a comment on the whole file. */
    originalLine: z.nullable(z.int()),
    originalStartLine: z.nullable(z.int()),
    /** The diff down to the line. */
    diffHunk: z.string(),
    originalCommit: z.nullable(z.object({ oid: z.string() })),
  }),
)

const answerSchema = lazily(() => {
  const numbered = z.nullish(z.object({ number: z.number() }))
  return z.object({
    node: z.nullable(
      z.object({
        __typename: z.string(),
        fullDatabaseId: bigId(),
        body: z.string(),
        lastEditedAt: z.nullable(z.string()),
        isMinimized: z.boolean(),
        author: actorSchema(),
        /** Null for a comment on an issue. */
        on: numbered,
        pullRequest: numbered,
        state: z.optional(z.string()),
        commit: z.nullish(z.object({ oid: z.string() })),
        comments: z.optional(z.object({ nodes: z.nullable(z.array(z.nullable(remarkSchema()))) })),
      }),
    ),
  })
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
    schema: () => z.object({ node_id: z.string() }),
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
    ...(node.comments !== undefined && { remarks: remarksOf(present(node.comments)) }),
  })
}

/** What was edited may be another's words by now: like an edited comment it counts for nothing. */
const remarksOf = (comments: readonly z.infer<ReturnType<typeof remarkSchema>>[]): Remark[] =>
  comments
    .filter(({ lastEditedAt, isMinimized }) => lastEditedAt === null && !isMinimized)
    .map(({ path, body, originalLine, originalStartLine, diffHunk, originalCommit }) => {
      // A line that the change takes away is numbered as in the base.
      const gone = diffHunk.split('\n').at(-1)?.startsWith('-') === true
      const to = gone ? null : originalLine
      return {
        path,
        text: body,
        ...(to !== null && { lines: { from: Math.min(originalStartLine ?? to, to), to } }),
        ...(originalCommit !== null && { commit: sha(originalCommit.oid) }),
      }
    })
