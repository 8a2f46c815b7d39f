/** Whether they may: the one place where roles and tokens' permissions are compared with what a route needs. */
import { notAccessible, notFound, Refusal } from '../http/refusal.ts'
import type { Repository } from '../state/records.ts'
import type { RoleName } from '../types.ts'
import type { Actor } from './actor.ts'

const RANK: Record<RoleName, number> = { none: 0, read: 1, triage: 2, write: 3, maintain: 4, admin: 5 }

export type Permission =
  | 'actions'
  | 'administration'
  | 'checks'
  | 'contents'
  | 'issues'
  | 'metadata'
  | 'pull_requests'
  | 'statuses'
  | 'workflows'

/** What a route needs: of a person the role, of a token one of the permissions at that level. */
export interface Need {
  role: RoleName
  permission: Permission | Permission[]
  level: 'read' | 'write'
}

/** Any read: the lowest role. */
export const reading = (permission: Permission | Permission[] = 'metadata'): Need => ({
  role: 'read',
  permission,
  level: 'read',
})
export const writing = (permission: Permission | Permission[], role: RoleName = 'write'): Need => ({
  role,
  permission,
  level: 'write',
})

export const atLeast = (role: RoleName, needed: RoleName): boolean => RANK[role] >= RANK[needed]

/** The role of a person; everybody reads a public repository. */
export function roleOf(repo: Repository, login: string): RoleName {
  if (repo.owner.type === 'User' && repo.owner.login === login) return 'admin'
  return repo.roles.get(login) ?? (repo.private ? 'none' : 'read')
}

export function canSee(actor: Actor, repo: Repository): boolean {
  if (!repo.private) return true
  if (actor.kind === 'user') return atLeast(roleOf(repo, actor.account.login), 'read')
  if (actor.kind === 'installation') return actor.repositories.has(repo)
  return actor.kind === 'job' && actor.repository === repo
}

/** Whether a token carries the permission; `write` includes `read`. Public repositories are read by any token. */
function carries(
  actor: Extract<Actor, { kind: 'installation' | 'job' }>,
  repo: Repository,
  need: Need,
): boolean {
  const here = actor.kind === 'job' ? actor.repository === repo : actor.repositories.has(repo)
  if (!here) return need.level === 'read' && !repo.private
  const wanted = Array.isArray(need.permission) ? need.permission : [need.permission]
  return wanted.some((permission) => {
    // Every token reads metadata.
    if (permission === 'metadata') return need.level === 'read'
    const has = actor.permissions[permission]
    return has === 'write' || (has === 'read' && need.level === 'read')
  })
}

/** The refusal that GitHub would answer, or undefined where they may. What one may not see does not exist. */
export function refusal(actor: Actor, repo: Repository, need: Need): Refusal | undefined {
  if (!canSee(actor, repo)) return notFound()
  if (actor.kind === 'anonymous')
    return need.level === 'read' ? undefined : new Refusal(401, 'Requires authentication')
  if (actor.kind === 'app')
    return new Refusal(403, 'This endpoint requires an installation access token, not the JWT of an App')
  if (actor.kind === 'user')
    return atLeast(roleOf(repo, actor.account.login), need.role)
      ? undefined
      : new Refusal(403, 'Must have admin rights to Repository.')
  return carries(actor, repo, need) ? undefined : notAccessible()
}

export function demand(actor: Actor, repo: Repository, need: Need): void {
  const refused = refusal(actor, repo, need)
  if (refused) throw refused
}
