/** A push makes one check suite for each App that may write checks. */
import type { Actor } from '../auth/actor.ts'
import type { Services } from '../http/api.ts'
import { renderSuite } from '../render/check.ts'
import type { CheckSuite, HeadCommit, Repository, World } from '../state/records.ts'
import { isoNow } from '../state/time.ts'

export function suiteFor(
  world: World,
  repo: Repository,
  appId: number,
  commit: { head: HeadCommit; branch: string | null; before?: string },
): CheckSuite {
  const found = repo.suites.find((suite) => suite.appId === appId && suite.sha === commit.head.id)
  if (found) return found
  const suite: CheckSuite = {
    id: world.nextId(),
    appId,
    sha: commit.head.id,
    commit: commit.head,
    branch: commit.branch,
    before: commit.before ?? null,
    createdAt: isoNow(world),
    updatedAt: isoNow(world),
  }
  repo.suites.push(suite)
  return suite
}

/** Of a commit that exists. */
export async function headCommit(repo: Repository, sha: string): Promise<HeadCommit> {
  const commit = await repo.git.commit(sha)
  if (!commit) throw new Error(`${repo.fullName} has no commit ${sha}`)
  const { tree, message, author, committer } = commit
  return {
    id: commit.sha,
    tree_id: tree,
    message,
    timestamp: committer.date,
    author: { name: author.name, email: author.email },
    committer: { name: committer.name, email: committer.email },
  }
}

export async function requestSuites(
  services: Services,
  repo: Repository,
  change: { branch: string; before: string; after: string },
  actor: Actor,
): Promise<void> {
  const { world, hub } = services
  const head = await headCommit(repo, change.after)
  for (const { app, repositories } of world.installations.values()) {
    if (!repositories.has(repo) || app.permissions['checks'] !== 'write') continue
    const commit = { head, branch: change.branch, before: change.before }
    const suite = suiteFor(world, repo, app.id, commit)
    hub.raise(repo, {
      event: 'check_suite',
      action: 'requested',
      actor,
      onlyApp: app.id,
      workflows: false,
      payload: { check_suite: renderSuite(world, repo, suite) },
    })
  }
}
