/** Looking things up: names are compared as GitHub does, without regard to case. */
import type { Account, Comment, Issue, PullRequest, Repository, World } from './records.ts'

export const accountOfLogin = (world: World, login: string): Account | undefined =>
  world.accounts.get(login.toLowerCase())

export const repositoryOf = (world: World, fullName: string): Repository | undefined =>
  world.repositories.get(fullName.toLowerCase())

export function mustFindRepository(world: World, fullName: string): Repository {
  const found = repositoryOf(world, fullName)
  if (!found) throw new Error(`there is no repository ${fullName}`)
  return found
}

export const isPull = (issue: Issue): issue is PullRequest => issue.pull !== undefined

/** Open pull requests of any repository whose head is a branch of this one. */
export function pullsFrom(
  world: World,
  repo: Repository,
  branch: string,
): { base: Repository; issue: PullRequest }[] {
  return [...world.repositories.values()].flatMap((base) =>
    [...base.issues.values()]
      .filter(isPull)
      .filter(
        ({ state, pull: { head } }) => state === 'open' && head.repository === repo && head.ref === branch,
      )
      .map((issue) => ({ base, issue })),
  )
}

export function commentIn(repo: Repository, id: number): { issue: Issue; comment: Comment } | undefined {
  for (const issue of repo.issues.values()) {
    const comment = issue.comments.find((one) => one.id === id)
    if (comment) return { issue, comment }
  }
  return undefined
}
