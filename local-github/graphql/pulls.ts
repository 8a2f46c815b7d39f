/** Pull requests, their comments, reviews and files. */
import { compareOf } from '../pulls/pull-events.ts'
import { nodeId } from '../render/account.ts'
import type { FileChange } from '../git/diff.ts'
import type { Comment, Issue, PullRequest, Repository, Review, ReviewComment } from '../state/records.ts'
import { actorNode } from './actors.ts'
import { connection, pageInfo, window, type PageArguments } from './connection.ts'
import type { Context } from './context.ts'
import { commitFields } from './git-objects.ts'
import { refNode, repositoryNode } from './repository.ts'

const CHANGE: Record<FileChange['status'], string> = {
  added: 'ADDED',
  removed: 'DELETED',
  modified: 'MODIFIED',
  renamed: 'RENAMED',
  copied: 'COPIED',
  changed: 'CHANGED',
}

const mine = (context: Context, login: string): boolean =>
  context.actor.kind !== 'anonymous' && context.actor.account.login === login

export function pullNode(context: Context, repo: Repository, issue: PullRequest): Record<string, unknown> {
  const { pull } = issue
  const { world } = context
  const branch = async (of: Repository, name: string): Promise<unknown> => {
    const sha = await of.git.tip(name)
    return sha === undefined
      ? null
      : refNode(context, of, { name: `refs/heads/${name}`, sha, type: 'commit' })
  }
  return {
    __typename: 'PullRequest',
    id: nodeId('PullRequest', issue.id),
    databaseId: issue.id,
    fullDatabaseId: String(issue.id),
    number: issue.number,
    title: issue.title,
    body: issue.body ?? '',
    url: `${world.url}/${repo.fullName}/pull/${issue.number}`,
    state: pull.merged ? 'MERGED' : issue.state.toUpperCase(),
    merged: pull.merged !== undefined,
    mergedAt: pull.merged?.at ?? null,
    closed: issue.state === 'closed',
    isDraft: pull.draft,
    locked: issue.locked,
    createdAt: issue.createdAt,
    updatedAt: issue.updatedAt,
    author: actorNode(world, issue.author),
    viewerDidAuthor: mine(context, issue.author.login),
    headRefOid: pull.head.sha,
    headRefName: pull.head.ref,
    headRef: () => branch(pull.head.repository, pull.head.ref),
    headRepository: () => repositoryNode(context, pull.head.repository),
    headRepositoryOwner: () => actorNode(world, pull.head.repository.owner),
    isCrossRepository: pull.head.repository !== repo,
    baseRefOid: pull.base.sha,
    baseRefName: pull.base.ref,
    baseRef: () => branch(repo, pull.base.ref),
    baseRepository: () => repositoryNode(context, repo),
    repository: () => repositoryNode(context, repo),
    labels: (args: PageArguments) =>
      connection(issue.labels, args, 'labels', (label) => ({
        __typename: 'Label',
        id: nodeId('Label', label.id),
        name: label.name,
        color: label.color,
        description: label.description,
      })),
    changedFiles: async () => (await compareOf(repo, issue)).files.length,
    additions: async () =>
      (await compareOf(repo, issue)).files.reduce((sum, file) => sum + file.additions, 0),
    deletions: async () =>
      (await compareOf(repo, issue)).files.reduce((sum, file) => sum + file.deletions, 0),
    files: async (args: PageArguments) =>
      connection((await compareOf(repo, issue)).files, args, 'files', (file) => ({
        __typename: 'PullRequestChangedFile',
        path: file.filename,
        changeType: CHANGE[file.status],
        additions: file.additions,
        deletions: file.deletions,
      })),
    comments: (args: PageArguments) =>
      connection(issue.comments, args, 'comments', (comment) => commentNode(context, repo, issue, comment)),
    reviews: (args: PageArguments) =>
      connection(pull.reviews, args, 'reviews', (review) => reviewNode(context, repo, issue, review)),
    latestOpinionatedReviews: (args: PageArguments) =>
      connection(newestOpinions(pull.reviews), args, 'latestOpinionatedReviews', (review) =>
        reviewNode(context, repo, issue, review),
      ),
    commits: (args: PageArguments) => commits(context, repo, issue, args),
    timelineItems: (args: PageArguments & { itemTypes?: string[] | null }) => timeline(context, issue, args),
  }
}

/** Of each reviewer the last review that approves, asks for changes, or did so before it was dismissed. */
function newestOpinions(reviews: readonly Review[]): Review[] {
  const opinions = reviews.filter(({ state }) => state !== 'COMMENTED' && state !== 'PENDING')
  return [...new Map(opinions.map((review) => [review.author.login, review])).values()]
}

/** Of all that a timeline holds, the force pushes. */
function timeline(
  context: Context,
  issue: PullRequest,
  args: PageArguments & { itemTypes?: string[] | null },
): unknown {
  const wanted = args.itemTypes == null || args.itemTypes.includes('HEAD_REF_FORCE_PUSHED_EVENT')
  const pushes = wanted ? issue.pull.forcePushes : []
  return connection(pushes, args, 'timelineItems', (push) => ({
    __typename: 'HeadRefForcePushedEvent',
    id: nodeId('HeadRefForcePushedEvent', `${issue.id}:${push.after}`),
    actor: actorNode(context.world, push.by),
    createdAt: push.at,
  }))
}

async function commits(
  context: Context,
  repo: Repository,
  issue: PullRequest,
  args: PageArguments,
): Promise<unknown> {
  const shas = (await compareOf(repo, issue)).commits
  const { from, to } = window(shas.length, args, 'commits')
  const shown = await repo.git.commits(shas.slice(from, to))
  return {
    totalCount: shas.length,
    nodes: shown.map((commit) => ({
      __typename: 'PullRequestCommit',
      id: nodeId('PullRequestCommit', commit.sha),
      commit: commitFields(context, repo, commit),
    })),
    pageInfo: pageInfo(from, to, shas.length),
  }
}

export function commentNode(
  context: Context,
  repo: Repository,
  issue: Issue,
  comment: Comment,
): Record<string, unknown> {
  const kind = issue.pull ? 'pull' : 'issues'
  return {
    __typename: 'IssueComment',
    id: nodeId('IssueComment', comment.id),
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    url: `${context.world.url}/${repo.fullName}/${kind}/${issue.number}#issuecomment-${comment.id}`,
    body: comment.body,
    author: actorNode(context.world, comment.author),
    viewerDidAuthor: mine(context, comment.author.login),
    isMinimized: comment.minimized,
    minimizedReason: comment.minimized ? 'outdated' : null,
    lastEditedAt: comment.lastEditedAt ?? null,
    includesCreatedEdit: comment.lastEditedAt !== undefined,
    createdAt: comment.createdAt,
    updatedAt: comment.updatedAt,
    pullRequest: () => (issue.pull ? pullNode(context, repo, { ...issue, pull: issue.pull }) : null),
    reactionGroups: null,
  }
}

export function reviewNode(
  context: Context,
  repo: Repository,
  issue: PullRequest,
  review: Review,
): Record<string, unknown> {
  return {
    __typename: 'PullRequestReview',
    id: nodeId('PullRequestReview', review.id),
    databaseId: review.id,
    fullDatabaseId: String(review.id),
    body: review.body,
    state: review.state,
    author: actorNode(context.world, review.author),
    viewerDidAuthor: mine(context, review.author.login),
    isMinimized: false,
    lastEditedAt: review.lastEditedAt ?? null,
    submittedAt: review.submittedAt,
    createdAt: review.submittedAt,
    updatedAt: review.lastEditedAt ?? review.submittedAt,
    commit: async () => {
      const commit = await repo.git.commit(review.commit)
      return commit ? commitFields(context, repo, commit) : null
    },
    pullRequest: () => pullNode(context, repo, issue),
    comments: (args: PageArguments) =>
      connection(review.comments, args, 'comments', (comment) => reviewCommentNode(context, repo, comment)),
  }
}

function reviewCommentNode(
  context: Context,
  repo: Repository,
  comment: ReviewComment,
): Record<string, unknown> {
  const commit = async (): Promise<unknown> => {
    const found = await repo.git.commit(comment.commit)
    return found ? commitFields(context, repo, found) : null
  }
  return {
    __typename: 'PullRequestReviewComment',
    id: nodeId('PullRequestReviewComment', comment.id),
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    path: comment.path,
    body: comment.body,
    line: comment.line,
    originalLine: comment.line,
    startLine: comment.startLine ?? null,
    originalStartLine: comment.startLine ?? null,
    subjectType: 'LINE',
    diffHunk: comment.hunk,
    commit,
    originalCommit: commit,
    author: actorNode(context.world, comment.author),
    viewerDidAuthor: mine(context, comment.author.login),
    isMinimized: comment.minimized,
    lastEditedAt: comment.lastEditedAt ?? null,
    createdAt: comment.createdAt,
    updatedAt: comment.lastEditedAt ?? comment.createdAt,
  }
}
