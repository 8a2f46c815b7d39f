/** What happens to pull requests, told to Apps and workflows; and the refs that GitHub keeps for them. */
import type { Actor } from '../auth/actor.ts'
import type { Services } from '../http/api.ts'
import type { Comparison } from '../git/comparison.ts'
import { NO_COMMIT } from '../git/repository.ts'
import { mustGit } from '../git/run-git.ts'
import { renderPull, type PullNumbers } from '../render/pull.ts'
import type { PullRequest, Repository } from '../state/records.ts'
import { isPull } from '../state/find.ts'
import { isoNow } from '../state/time.ts'
import { missingChecks, missingReviews } from '../protection/rules.ts'

function pullNumbered(repo: Repository, number: number): PullRequest {
  const issue = repo.issues.get(number)
  if (!issue || !isPull(issue)) throw new Error(`${repo.fullName} has no pull request ${number}`)
  return issue
}

/** Against the base branch as it is now, as long as it is open. */
export async function compareOf(repo: Repository, { pull, state }: PullRequest): Promise<Comparison> {
  const base = (state === 'open' ? await repo.git.tip(pull.base.ref) : undefined) ?? pull.base.sha
  return repo.git.comparisons.compare(base, pull.head.sha)
}

/** Counts and whether it can be merged, as of now. */
export async function pullNumbers(repo: Repository, issue: PullRequest): Promise<PullNumbers> {
  const { pull } = issue
  const open = issue.state === 'open'
  const base = (open ? await repo.git.tip(pull.base.ref) : undefined) ?? pull.base.sha
  const [compared, merge] = await Promise.all([
    repo.git.comparisons.compare(base, pull.head.sha),
    open ? repo.git.comparisons.merge(base, pull.head.sha) : undefined,
  ])
  const sum = (of: 'additions' | 'deletions'): number =>
    compared.files.reduce((total, file) => total + file[of], 0)
  const clean = merge?.tree !== undefined
  return {
    commits: compared.commits.length,
    additions: sum('additions'),
    deletions: sum('deletions'),
    changedFiles: compared.files.length,
    mergeable: open ? clean : null,
    mergeableState: open ? mergeableState(repo, issue, clean, compared.behindBy) : 'unknown',
  }
}

function mergeableState(repo: Repository, issue: PullRequest, clean: boolean, behindBy: number): string {
  if (!clean) return 'dirty'
  if (issue.pull.draft) return 'draft'
  if (missingChecks(repo, issue.pull.base.ref, issue.pull.head.sha).length > 0) return 'blocked'
  if (missingReviews(repo, issue) !== undefined) return 'blocked'
  return behindBy > 0 ? 'behind' : 'clean'
}

/** `refs/pull/N/head`, and `refs/pull/N/merge` where both merge without conflict. */
export async function refreshMergeRefs(repo: Repository, issue: PullRequest): Promise<void> {
  const { git } = repo
  const { pull, number } = issue
  if (pull.head.repository !== repo)
    await mustGit(git.dir, ['fetch', '-q', '--no-tags', pull.head.repository.git.dir, pull.head.sha])
  await git.updateRef(`refs/pull/${number}/head`, pull.head.sha)
  const base = (await git.tip(pull.base.ref)) ?? pull.base.sha
  const { tree } = await git.comparisons.merge(base, pull.head.sha)
  if (tree === undefined) {
    await git.updateRef(`refs/pull/${number}/merge`, NO_COMMIT)
    return
  }
  const merge = await git.writeCommit({
    tree,
    parents: [base, pull.head.sha],
    message: `Merge ${pull.head.sha} into ${base}\n`,
    author: { name: 'GitHub', email: 'noreply@github.com' },
  })
  await git.updateRef(`refs/pull/${number}/merge`, merge)
}

/** Raises `pull_request` with the pull request as it is now. */
export async function raisePull(
  services: Services,
  repo: Repository,
  number: number,
  action: string,
  actor: Actor,
  more: Record<string, unknown> = {},
): Promise<void> {
  const issue = pullNumbered(repo, number)
  const rendered = renderPull(services.world, repo, issue, await pullNumbers(repo, issue))
  services.hub.raise(repo, {
    event: 'pull_request',
    action,
    actor,
    payload: { number, pull_request: rendered, ...more },
  })
}

/** Closes it and says so; whether it is merged is already written down. */
export async function closePull(
  services: Services,
  repo: Repository,
  number: number,
  actor: Actor,
): Promise<void> {
  const issue = pullNumbered(repo, number)
  issue.state = 'closed'
  issue.closedAt = isoNow(services.world)
  issue.updatedAt = issue.closedAt
  await raisePull(services, repo, number, 'closed', actor)
}
