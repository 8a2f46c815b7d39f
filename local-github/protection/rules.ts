/** Protected branches: what must be green before a commit may come onto one, and how a push is refused. */
import { NO_COMMIT } from '../git/repository.ts'
import type { Protection, Repository } from '../state/records.ts'

/** The names of required checks that are not successful on the commit, the newest of each name counting. */
export function missingChecks(repo: Repository, branch: string, sha: string): string[] {
  const rules = repo.protections.get(branch)
  return (rules?.requiredChecks ?? [])
    .filter((required) => !isGreen(repo, sha, required))
    .map(({ context }) => context)
}

const GREEN = ['success', 'neutral', 'skipped']

function isGreen(repo: Repository, sha: string, required: Protection['requiredChecks'][number]): boolean {
  const checks = [...repo.checks.values()].filter(
    (run) =>
      run.sha === sha &&
      run.name === required.context &&
      (required.appId === undefined || run.suite.appId === required.appId),
  )
  const newest = checks.at(-1)
  if (newest) return newest.conclusion !== null && GREEN.includes(newest.conclusion)
  // A status has no App: where one is required, only a check run will do.
  if (required.appId !== undefined) return false
  const statuses = repo.statuses.filter((status) => status.sha === sha && status.context === required.context)
  return statuses.at(-1)?.state === 'success'
}

export interface PushRefusal {
  ref: string
  /** What git shows after `remote: error:`. */
  lines: string[]
}

/** Why nobody may move the branch to `sha` by a push or through the refs API; undefined where one may. Administrators are held to it too. */
export function pushRefusal(repo: Repository, branch: string, sha: string): PushRefusal | undefined {
  const rules = repo.protections.get(branch)
  if (!rules) return undefined
  const ref = `refs/heads/${branch}`
  const head = `GH006: Protected branch update failed for ${ref}.`
  if (sha === NO_COMMIT) return { ref, lines: [head, 'Cannot delete a protected branch'] }
  if (rules.requirePullRequest) return { ref, lines: [head, 'Changes must be made through a pull request.'] }
  const missing = missingChecks(repo, branch, sha)
  if (missing.length === 0) return undefined
  const what =
    missing.length === 1
      ? `Required status check "${missing[0] ?? ''}" is expected.`
      : `${missing.length} of ${rules.requiredChecks.length} required status checks are expected.`
  return { ref, lines: [head, what] }
}
