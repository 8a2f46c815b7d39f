/** A push makes one check suite for each App that may write checks. */
import type { Actor } from '../auth/actor.ts'
import type { Services } from '../http/api.ts'
import { renderSuite } from '../render/check.ts'
import type { CheckSuite, Repository, World } from '../state/records.ts'
import { isoNow } from '../state/time.ts'

export function suiteFor(
  world: World,
  repo: Repository,
  appId: number,
  commit: { sha: string; branch: string | null; before?: string },
): CheckSuite {
  const found = repo.suites.find((suite) => suite.appId === appId && suite.sha === commit.sha)
  if (found) return found
  const suite: CheckSuite = {
    id: world.nextId(),
    appId,
    sha: commit.sha,
    branch: commit.branch,
    before: commit.before ?? null,
    createdAt: isoNow(world),
    updatedAt: isoNow(world),
  }
  repo.suites.push(suite)
  return suite
}

export function requestSuites(
  services: Services,
  repo: Repository,
  change: { branch: string; before: string; after: string },
  actor: Actor,
): void {
  const { world, hub } = services
  for (const { app, repositories } of world.installations.values()) {
    if (!repositories.has(repo) || app.permissions['checks'] !== 'write') continue
    const commit = { sha: change.after, branch: change.branch, before: change.before }
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
