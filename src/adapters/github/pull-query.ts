/** The one query that a pull request's facts come from, and the shape of its answer. */
import * as z from 'zod/mini'

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

export const DEFAULT_CONFIG = `query OrchestrateDefaultConfig($owner: String!, $repo: String!, $config: String!) {
  repository(owner: $owner, name: $repo) {
    defaultBranchRef {
      name
      target { ... on Commit { config: file(path: $config) { object { ... on Blob { text isTruncated } } } } }
    }
  }
}`

const list = <T extends z.ZodMiniType>(item: T) => z.object({ nodes: z.nullable(z.array(z.nullable(item))) })
const forward = lazily(() => ({
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.nullable(z.string()) }),
}))
const backward = lazily(() => ({
  pageInfo: z.object({ hasPreviousPage: z.boolean(), startCursor: z.nullable(z.string()) }),
}))

/** A branch with the configuration at its tip. */
const configured = lazily(() =>
  z.object({
    target: z.nullable(
      z.object({
        config: z.nullish(
          z.object({
            object: z.nullable(
              z.object({ text: z.nullish(z.string()), isTruncated: z.optional(z.boolean()) }),
            ),
          }),
        ),
      }),
    ),
  }),
)
export type Configured = z.infer<ReturnType<typeof configured>>

/** A `BigInt` is a string in JSON; ids of GitHub stay far below 2^53. */
export const bigId = lazily(() =>
  z.pipe(z.union([z.number(), z.string().check(z.regex(/^\d{1,15}$/))]), z.coerce.number()),
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
  const person = z.object({ user: z.nullable(z.object({ login: z.string() })) })
  return z.object({
    commit: z.object({ authors: list(person), committer: z.nullable(person) }),
  })
})
export type People = z.infer<ReturnType<typeof peopleSchema>>

const checkSchema = lazily(() =>
  z.object({
    databaseId: z.number(),
    name: z.string(),
    status: z.string(),
    conclusion: z.nullable(z.string()),
    externalId: z.nullable(z.string()),
  }),
)

const suiteSchema = lazily(() =>
  z.object({
    app: z.nullable(z.object({ databaseId: z.nullable(z.number()), slug: z.string() })),
    checkRuns: z.nullable(list(checkSchema())),
  }),
)
export type Suite = z.infer<ReturnType<typeof suiteSchema>>

const commentsPage = lazily(() => z.extend(list(noteSchema()), backward()))
const commitsPage = lazily(() => z.extend(list(peopleSchema()), forward()))
const runsPage = lazily(() => z.extend(list(z.object({ name: z.string() })), forward()))

const pullSchema = lazily(() =>
  z.object({
    number: z.number(),
    title: z.string(),
    state: z.enum(['OPEN', 'CLOSED', 'MERGED']),
    isDraft: z.boolean(),
    author: actorSchema(),
    headRefOid: z.string(),
    headRefName: z.string(),
    headRepository: z.nullable(z.object({ id: z.string() })),
    isCrossRepository: z.boolean(),
    baseRefOid: z.string(),
    baseRefName: z.string(),
    baseRef: z.nullable(configured()),
    labels: z.nullable(list(z.object({ name: z.string() }))),
    changedFiles: z.number(),
    files: z.nullable(list(z.object({ path: z.string(), changeType: z.string() }))),
    comments: commentsPage(),
    commits: commitsPage(),
    head: list(z.object({ commit: z.object({ checkSuites: z.nullable(list(suiteSchema())) }) })),
    latestOpinionatedReviews: z.nullable(
      list(z.object({ fullDatabaseId: bigId(), state: z.string(), author: actorSchema() })),
    ),
    timelineItems: list(z.object({ actor: z.optional(actorSchema()) })),
  }),
)
export type RawPull = z.infer<ReturnType<typeof pullSchema>>

const collaborators = lazily(() =>
  z.nullish(
    z.object({
      pageInfo: z.object({ hasNextPage: z.boolean() }),
      edges: z.nullable(
        z.array(z.nullable(z.object({ permission: z.string(), node: z.object({ login: z.string() }) }))),
      ),
    }),
  ),
)
export type RawCollaborators = z.infer<ReturnType<typeof collaborators>>

export const pullAnswer = lazily(() =>
  z.object({
    repository: z.object({
      defaultBranchRef: z.nullable(z.object({ name: z.string() })),
      workflow: z.nullable(z.object({ __typename: z.string() })),
      runs: z.nullable(runsPage()),
      collaborators: collaborators(),
      pullRequest: pullSchema(),
    }),
  }),
)
export type PullAnswer = z.infer<ReturnType<typeof pullAnswer>>

const inPull = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.object({ repository: z.object({ pullRequest: z.object(shape) }) })

export const commentsAnswer = lazily(() => inPull({ comments: commentsPage() }))
export const commitsAnswer = lazily(() => inPull({ commits: commitsPage() }))
export const runsAnswer = lazily(() => z.object({ repository: z.object({ runs: z.nullable(runsPage()) }) }))
export const labelledAnswer = lazily(() =>
  z.object({
    repository: z.object({ pullRequests: z.extend(list(z.object({ number: z.number() })), forward()) }),
  }),
)
export const defaultConfigAnswer = lazily(() =>
  z.object({
    repository: z.object({ defaultBranchRef: z.nullable(z.extend(configured(), { name: z.string() })) }),
  }),
)
