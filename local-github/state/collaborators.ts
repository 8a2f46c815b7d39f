import { roleOf } from '../auth/may.ts'
import type { RoleName } from '../types.ts'
import { accountOfLogin } from './find.ts'
import type { Account, Repository, World } from './records.ts'

/** Who was given a role in a repository, its owner first. */
export function collaborators(world: World, repo: Repository): { account: Account; role: RoleName }[] {
  const owner = repo.owner.type === 'User' ? [repo.owner.login] : []
  return [...new Set([...owner, ...repo.roles.keys()])].flatMap((login) => {
    const account = accountOfLogin(world, login)
    const role = roleOf(repo, login)
    return account && role !== 'none' ? [{ account, role }] : []
  })
}
