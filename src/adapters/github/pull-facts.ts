/** What the answer about a pull request says, in the words of the port. Pure. */
import type { ChangedFile, CheckRun, PullRequest, StickyComment } from '../../core/forge.ts'
import { COMMENT_MARKER, runPrefix } from '../../core/model/forge-names.ts'
import { sha } from '../../core/model/ids.ts'
import { accountOfActor } from './account.ts'
import type { Note, People, RawCollaborators, RawPull, Suite } from './pull-query.ts'

/** The account that asks: an App, or the login of a token's owner. */
export interface Me {
  appId?: number
  login?: string
}

/** GitHub's own App, that GITHUB_TOKEN speaks for. */
const ACTIONS_APP = 'github-actions'
/** Signs commits that are made on the web; whoever clicked is the author. */
const WEB_COMMITTER = 'web-flow'

export const present = <T>(list: { nodes: (T | null)[] | null } | null | undefined): T[] =>
  (list?.nodes ?? []).filter((each) => each !== null)

export function pullRequest(raw: RawPull): PullRequest {
  return {
    number: raw.number,
    title: raw.title,
    state: raw.state === 'OPEN' ? 'open' : raw.state === 'MERGED' ? 'merged' : 'closed',
    draft: raw.isDraft,
    author: accountOfActor(raw.author),
    head: {
      sha: sha(raw.headRefOid),
      ref: raw.headRefName,
      // a head repository that is gone was a fork
      fork: raw.isCrossRepository || raw.headRepository === null,
    },
    base: { sha: sha(raw.baseRefOid), ref: raw.baseRefName },
    labels: present(raw.labels).map((label) => label.name),
  }
}

const CHANGES: Readonly<Record<string, ChangedFile['change']>> = {
  ADDED: 'added',
  COPIED: 'added',
  DELETED: 'removed',
  REMOVED: 'removed',
  RENAMED: 'renamed',
}

/** From the words of either API: `ADDED` and `added` are the same. */
export const changedFile = (path: string, change: string): ChangedFile => ({
  path,
  change: CHANGES[change.toUpperCase()] ?? 'modified',
})

/** Those that carry our marker, where it counts: at the beginning. */
export const stickyComments = (notes: readonly Note[], me: Me): StickyComment[] =>
  notes
    .filter((note) => note.body.trimStart().startsWith(COMMENT_MARKER))
    .map((note) => {
      const author = accountOfActor(note.author)
      return {
        id: note.fullDatabaseId,
        author,
        mine: note.viewerDidAuthor || (me.login !== undefined && author.login === me.login),
        body: note.body,
      }
    })

/** Whether a check of the App with this id and name is ours: GITHUB_TOKEN's checks are all of GitHub's own App. */
export const isMyApp = (me: Me, appId: number | null | undefined, slug: string): boolean =>
  me.appId === undefined ? slug === ACTIONS_APP : appId === me.appId

export function checkStatus(status: string): CheckRun['status'] {
  const word = status.toLowerCase()
  return word === 'completed' || word === 'in_progress' ? word : 'queued'
}

export const checkRuns = (suites: readonly Suite[], me: Me): CheckRun[] =>
  suites.flatMap((suite) =>
    present(suite.checkRuns).map((run) => ({
      id: run.databaseId,
      name: run.name,
      app: suite.app?.slug ?? '',
      ...(typeof suite.app?.databaseId === 'number' && { appId: suite.app.databaseId }),
      mine: suite.app !== null && isMyApp(me, suite.app.databaseId, suite.app.slug),
      status: checkStatus(run.status),
      conclusion: run.conclusion?.toLowerCase(),
      externalId: run.externalId ?? '',
    })),
  )

/** Logins of authors, co-authors and committers, sorted. An address that belongs to no account has none. */
export function peopleOf(commits: readonly People[]): string[] {
  const logins = commits.flatMap(({ commit }) =>
    [...present(commit.authors), ...(commit.committer === null ? [] : [commit.committer])].flatMap(
      (person) => person.user?.login ?? [],
    ),
  )
  return [...new Set(logins)].filter((login) => login !== WEB_COMMITTER).sort()
}

/** Runs by the branches that lie below `orchestrate/`: `pr12-search/plan` is one of `pr12-search`. */
export function runsOf(branches: readonly string[], pull: number): string[] {
  const runs = branches.flatMap((name) => name.split('/')[0] ?? [])
  return [...new Set(runs)].filter((run) => run.startsWith(runPrefix(pull))).sort()
}

/** Reviews that are their author's last word and ask for changes. A dismissed review says nothing any more. */
export const askForChanges = (
  reviews: RawPull['latestOpinionatedReviews'],
): { login: string; review: number }[] =>
  present(reviews).flatMap(({ state, author, fullDatabaseId }) =>
    state === 'CHANGES_REQUESTED' && author !== null
      ? [{ login: accountOfActor(author).login, review: fullDatabaseId }]
      : [],
  )

const WRITERS = new Set(['WRITE', 'MAINTAIN', 'ADMIN'])

/** Undefined where the list does not tell: it was not shown, or goes on. */
export function hasOtherWriters(collaborators: RawCollaborators, author: string): boolean | undefined {
  if (collaborators === null || collaborators === undefined) return undefined
  const other = (collaborators.edges ?? []).some(
    (edge) => edge !== null && WRITERS.has(edge.permission) && edge.node.login !== author,
  )
  return other ? true : collaborators.pageInfo.hasNextPage ? undefined : false
}
