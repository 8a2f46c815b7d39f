/** The one query that a pull request's facts come from, and the shape of its answer. */
import * as z from 'zod'

import { lazily } from '../../core/model/lazily.ts'
import { ACTOR, actorSchema } from './account.ts'

const CHECK_RUN = `fragment Check on CheckRun { databaseId name status conclusion externalId }`

const COMMENT = `fragment Note on IssueComment { fullDatabaseId viewerDidAuthor body author { ...Account } }`

/**
 * At most 100 × 10 authors and 50 × 100 check runs: some 6,500 nodes of the 500,000 that GitHub allows, and 2 points of its
 * hourly 5,000.
 */
export const PULL_QUERY = `query OrchestratePull(
  $owner: String!, $repo: String!, $number: Int!, $runs: String!, $config: String!, $workflow: String!
) {
  repository(owner: $owner, name: $repo) {
    defaultBranchRef { name }
    workflow: object(expression: $workflow) { __typename }
    runs: refs(
      refPrefix: "refs/heads/orchestrate/", query: $runs, first: 100,
      orderBy: { field: ALPHABETICAL, direction: DESC }
    ) {
      pageInfo { hasNextPage endCursor }
      nodes { name }
    }
    collaborators(first: 50) { pageInfo { hasNextPage } edges { permission node { login } } }
    pullRequest(number: $number) {
      number
      title
      state
      isDraft
      author { ...Account }
      headRefOid
      headRefName
      headRepository { id }
      isCrossRepository
      baseRefOid
      baseRefName
      baseRef { target { ... on Commit { config: file(path: $config) { object { ... on Blob { text isTruncated } } } } } }
      labels(first: 100) { nodes { name } }
      changedFiles
      files(first: 100) { nodes { path changeType } }
      comments(last: 100) { pageInfo { hasPreviousPage startCursor } nodes { ...Note } }
      commits(first: 100) {
        pageInfo { hasNextPage endCursor }
        nodes { commit { ...People } }
      }
      head: commits(last: 1) {
        nodes {
          commit {
            checkSuites(first: 50) {
              nodes {
                app { databaseId slug }
                checkRuns(first: 100, filterBy: { checkType: LATEST }) { nodes { ...Check } }
              }
            }
          }
        }
      }
      latestOpinionatedReviews(last: 100) { nodes { fullDatabaseId state author { ...Account } } }
      timelineItems(last: 50, itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT]) {
        nodes { ... on HeadRefForcePushedEvent { actor { ...Account } } }
      }
    }
  }
}
fragment People on Commit {
  authors(first: 10) { nodes { user { login } } }
  committer { user { login } }
}
${ACTOR}
${CHECK_RUN}
${COMMENT}`

export const MORE_COMMENTS = `query OrchestrateComments($owner: String!, $repo: String!, $number: Int!, $before: String!) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      comments(last: 100, before: $before) { pageInfo { hasPreviousPage startCursor } nodes { ...Note } }
    }
  }
}
${ACTOR}
${COMMENT}`

export const MORE_COMMITS = `query OrchestrateCommits($owner: String!, $repo: String!, $number: Int!, $after: String!) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      commits(first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes { commit { ...People } } }
    }
  }
}
fragment People on Commit {
  authors(first: 10) { nodes { user { login } } }
  committer { user { login } }
}`

export const MORE_RUNS = `query OrchestrateRuns($owner: String!, $repo: String!, $runs: String!, $after: String!) {
  repository(owner: $owner, name: $repo) {
    runs: refs(
      refPrefix: "refs/heads/orchestrate/", query: $runs, first: 100, after: $after,
      orderBy: { field: ALPHABETICAL, direction: DESC }
    ) {
      pageInfo { hasNextPage endCursor }
      nodes { name }
    }
  }
}`

export const LABELLED = `query OrchestrateLabelled($owner: String!, $repo: String!, $label: String!, $after: String) {
  repository(owner: $owner, name: $repo) {
    pullRequests(states: OPEN, labels: [$label], first: 100, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes { number }
    }
  }
}`

const list = <T extends z.ZodType>(item: T) => z.object({ nodes: z.array(item.nullable()).nullable() })
const forward = lazily(() => ({
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
}))
const backward = lazily(() => ({
  pageInfo: z.object({ hasPreviousPage: z.boolean(), startCursor: z.string().nullable() }),
}))

/** A `BigInt` is a string in JSON; ids of GitHub stay far below 2^53. */
export const bigId = lazily(() =>
  z.union([z.number(), z.string().regex(/^\d{1,15}$/)]).pipe(z.coerce.number()),
)

const noteSchema = lazily(() =>
  z.object({
    fullDatabaseId: bigId(),
    viewerDidAuthor: z.boolean(),
    body: z.string(),
    author: actorSchema(),
  }),
)
export type Note = z.infer<ReturnType<typeof noteSchema>>

const peopleSchema = lazily(() => {
  const person = z.object({ user: z.object({ login: z.string() }).nullable() })
  return z.object({
    commit: z.object({ authors: list(person), committer: person.nullable() }),
  })
})
export type People = z.infer<ReturnType<typeof peopleSchema>>

const checkSchema = lazily(() =>
  z.object({
    databaseId: z.number(),
    name: z.string(),
    status: z.string(),
    conclusion: z.string().nullable(),
    externalId: z.string().nullable(),
  }),
)

const suiteSchema = lazily(() =>
  z.object({
    app: z.object({ databaseId: z.number().nullable(), slug: z.string() }).nullable(),
    checkRuns: list(checkSchema()).nullable(),
  }),
)
export type Suite = z.infer<ReturnType<typeof suiteSchema>>

const commentsPage = lazily(() => list(noteSchema()).extend(backward()))
const commitsPage = lazily(() => list(peopleSchema()).extend(forward()))
const runsPage = lazily(() => list(z.object({ name: z.string() })).extend(forward()))

const pullSchema = lazily(() =>
  z.object({
    number: z.number(),
    title: z.string(),
    state: z.enum(['OPEN', 'CLOSED', 'MERGED']),
    isDraft: z.boolean(),
    author: actorSchema(),
    headRefOid: z.string(),
    headRefName: z.string(),
    headRepository: z.object({ id: z.string() }).nullable(),
    isCrossRepository: z.boolean(),
    baseRefOid: z.string(),
    baseRefName: z.string(),
    baseRef: z
      .object({
        target: z
          .object({
            config: z
              .object({
                object: z
                  .object({ text: z.string().nullish(), isTruncated: z.boolean().optional() })
                  .nullable(),
              })
              .nullish(),
          })
          .nullable(),
      })
      .nullable(),
    labels: list(z.object({ name: z.string() })).nullable(),
    changedFiles: z.number(),
    files: list(z.object({ path: z.string(), changeType: z.string() })).nullable(),
    comments: commentsPage(),
    commits: commitsPage(),
    head: list(z.object({ commit: z.object({ checkSuites: list(suiteSchema()).nullable() }) })),
    latestOpinionatedReviews: list(
      z.object({ fullDatabaseId: bigId(), state: z.string(), author: actorSchema() }),
    ).nullable(),
    timelineItems: list(z.object({ actor: actorSchema().optional() })),
  }),
)
export type RawPull = z.infer<ReturnType<typeof pullSchema>>

const collaborators = lazily(() =>
  z
    .object({
      pageInfo: z.object({ hasNextPage: z.boolean() }),
      edges: z
        .array(z.object({ permission: z.string(), node: z.object({ login: z.string() }) }).nullable())
        .nullable(),
    })
    .nullish(),
)
export type RawCollaborators = z.infer<ReturnType<typeof collaborators>>

export const pullAnswer = lazily(() =>
  z.object({
    repository: z.object({
      defaultBranchRef: z.object({ name: z.string() }).nullable(),
      workflow: z.object({ __typename: z.string() }).nullable(),
      runs: runsPage().nullable(),
      collaborators: collaborators(),
      pullRequest: pullSchema(),
    }),
  }),
)
export type PullAnswer = z.infer<ReturnType<typeof pullAnswer>>

const inPull = <T extends z.ZodRawShape>(shape: T) =>
  z.object({ repository: z.object({ pullRequest: z.object(shape) }) })

export const commentsAnswer = lazily(() => inPull({ comments: commentsPage() }))
export const commitsAnswer = lazily(() => inPull({ commits: commitsPage() }))
export const runsAnswer = lazily(() => z.object({ repository: z.object({ runs: runsPage().nullable() }) }))
export const labelledAnswer = lazily(() =>
  z.object({
    repository: z.object({ pullRequests: list(z.object({ number: z.number() })).extend(forward()) }),
  }),
)
