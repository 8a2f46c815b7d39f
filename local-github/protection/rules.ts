/** Protected branches: what must be green before a commit may come onto one, and how a push is refused. */
import { NO_COMMIT } from '../git/repository.ts'
import { atLeast, roleOf } from '../auth/may.ts'
import type { Protection, PullRequest, Repository, ReviewState } from '../state/records.ts'

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

/** Which reviews stand in the way of a merge, in GitHub's words; undefined where none does. Of each reviewer the last verdict counts. */
export function missingReviews(repo: Repository, issue: PullRequest): string | undefined {
  const wanted = repo.protections.get(issue.pull.base.ref)?.requiredApprovals ?? 0
  if (wanted === 0) return undefined
  const verdicts = new Map<string, ReviewState>()
  for (const { author, state } of issue.pull.reviews) {
    if (author === issue.author || !atLeast(roleOf(repo, author.login), 'write')) continue
    // A comment takes no verdict back.
    if (state !== 'COMMENTED' && state !== 'PENDING') verdicts.set(author.login, state)
  }
  const given = [...verdicts.values()]
  if (given.includes('CHANGES_REQUESTED'))
    return 'Changes have been requested by a reviewer with write access.'
  if (given.filter((state) => state === 'APPROVED').length >= wanted) return undefined
  const many = wanted === 1 ? 'review is' : 'reviews are'
  return `At least ${wanted} approving ${many} required by reviewers with write access.`
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
