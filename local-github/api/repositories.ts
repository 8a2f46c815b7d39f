/** Repositories, who works in them, their labels and forks; accounts. */
import * as z from 'zod'
import { atLeast, canSee, reading, roleOf, writing } from '../auth/may.ts'
import type { Api, Call } from '../http/api.ts'
import { custom, invalid, notFound, Refusal } from '../http/refusal.ts'
import { empty, json, type Reply } from '../http/reply.ts'
import { renderAccount } from '../render/account.ts'
import { renderLabel } from '../render/issue.ts'
import { renderFullRepository, renderRepository } from '../render/repository.ts'
import { collaborators } from '../state/collaborators.ts'
import { accountOfLogin, repositoryOf } from '../state/find.ts'
import { labelNamed, makeFork, makeRepository } from '../state/make.ts'
import type { Account, Repository } from '../state/records.ts'
import type { RoleName } from '../types.ts'

/** The four old names, which `permission` still speaks; `role_name` says the rest. */
const LEGACY: Record<RoleName, string> = {
  none: 'none',
  read: 'read',
  triage: 'read',
  write: 'write',
  maintain: 'write',
  admin: 'admin',
}
const GRANTS: Record<string, RoleName> = {
  pull: 'read',
  triage: 'triage',
  push: 'write',
  maintain: 'maintain',
  admin: 'admin',
}

export function repositoryRoutes(api: Api, root: string): void {
  api.route('GET', '/user', (call) => {
    if (call.actor.kind === 'anonymous') throw new Refusal(401, 'Requires authentication')
    if (call.actor.kind !== 'user') throw new Refusal(403, 'Resource not accessible by integration')
    return json(renderUser(call, call.account))
  })
  api.route('GET', '/users/:login', (call) => {
    const account = accountOfLogin(call.world, call.param('login'))
    if (!account) throw notFound()
    return json(renderUser(call, account))
  })
  api.route('POST', '/user/repos', (call) => create(call, root))
  api.repo('GET', '', reading(), (call, repo) => json(renderFullRepository(call.world, repo, call.actor)))
  api.repo('PATCH', '', writing('administration', 'admin'), change)
  api.repo('GET', '/collaborators/:login/permission', reading(), permission)
  api.repo('GET', '/collaborators', reading(), (call, repo) =>
    call.page(collaborators(call.world, repo), ({ account, role }) => withRole(call, account, role)),
  )
  api.repo('PUT', '/collaborators/:login', writing('administration', 'admin'), (call, repo) => {
    const input = call.body(z.object({ permission: z.string().default('push') }))
    const account = accountOfLogin(call.world, call.param('login'))
    if (!account) throw notFound()
    repo.roles.set(account.login, GRANTS[input.permission] ?? 'write')
    return empty()
  })
  api.repo('DELETE', '/collaborators/:login', writing('administration', 'admin'), (call, repo) => {
    repo.roles.delete(call.param('login'))
    return empty()
  })
  api.repo('GET', '/labels', reading('issues'), (call, repo) =>
    call.page([...repo.labels.values()], (label) => renderLabel(call.world, repo, label)),
  )
  api.repo('POST', '/labels', writing(['issues', 'pull_requests']), createLabel)
  api.repo('GET', '/labels/:name', reading(['issues', 'pull_requests']), (call, repo) => {
    const label = repo.labels.get(call.param('name').toLowerCase())
    if (!label) throw notFound()
    return json(renderLabel(call.world, repo, label))
  })
  api.repo('DELETE', '/labels/:name', writing(['issues', 'pull_requests']), removeLabel)
  api.repo('GET', '/forks', reading(), (call, repo) =>
    call.page(
      [...call.world.repositories.values()].filter(
        (other) => other.parent === repo && canSee(call.actor, other),
      ),
      (fork) => renderRepository(call.world, fork, call.actor),
    ),
  )
  api.repo('POST', '/forks', reading('contents'), async (call, repo) => {
    const owner = call.account
    const there = repositoryOf(call.world, `${owner.login}/${repo.name}`)
    if (there && there.parent !== repo) throw custom('Repository', 'name already exists on this account')
    const fork = there ?? (await makeFork(call.world, root, repo, owner))
    return json(renderFullRepository(call.world, fork, call.actor), 202)
  })
}

function renderUser(call: Call, account: Account): Record<string, unknown> {
  return {
    ...renderAccount(call.world, account),
    name: account.login,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: [...call.world.repositories.values()].filter(
      (repo) => repo.owner === account && !repo.private,
    ).length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: account.createdAt,
    updated_at: account.createdAt,
  }
}

async function create(call: Call, root: string): Promise<Reply> {
  const Input = z.object({
    name: z.string().regex(/^[\w.-]+$/),
    private: z.boolean().default(false),
    auto_init: z.boolean().default(false),
  })
  const input = call.body(Input)
  if (call.actor.kind !== 'user') throw new Refusal(403, 'Resource not accessible by integration')
  if (repositoryOf(call.world, `${call.account.login}/${input.name}`))
    throw custom('Repository', 'name already exists on this account')
  const repo = await makeRepository(call.world, root, {
    owner: call.account,
    name: input.name,
    private: input.private,
    defaultBranch: 'main',
    files: input.auto_init ? { 'README.md': `# ${input.name}\n` } : undefined,
  })
  return json(renderFullRepository(call.world, repo, call.actor), 201)
}

async function change(call: Call, repo: Repository): Promise<Reply> {
  const Input = z.object({
    default_branch: z.string().optional(),
    private: z.boolean().optional(),
    description: z.string().nullish(),
  })
  const input = call.body(Input)
  if (input.default_branch !== undefined) {
    if ((await repo.git.tip(input.default_branch)) === undefined)
      throw invalid('Repository', 'default_branch')
    repo.defaultBranch = input.default_branch
  }
  if (input.private !== undefined) repo.private = input.private
  if (input.description !== undefined) repo.description = input.description
  return json(renderFullRepository(call.world, repo, call.actor))
}

function withRole(call: Call, account: Account, role: RoleName): Record<string, unknown> {
  return {
    ...renderAccount(call.world, account),
    permissions: {
      pull: atLeast(role, 'read'),
      triage: atLeast(role, 'triage'),
      push: atLeast(role, 'write'),
      maintain: atLeast(role, 'maintain'),
      admin: atLeast(role, 'admin'),
    },
    role_name: role,
  }
}

function permission(call: Call, repo: Repository): Reply {
  const account = accountOfLogin(call.world, call.param('login'))
  if (!account) throw notFound()
  const role = account.type === 'User' ? roleOf(repo, account.login) : 'none'
  return json({ permission: LEGACY[role], role_name: role, user: withRole(call, account, role) })
}

function createLabel(call: Call, repo: Repository): Reply {
  const input = call.body(
    z.object({ name: z.string().min(1), color: z.string().optional(), description: z.string().nullish() }),
  )
  if (repo.labels.has(input.name.toLowerCase()))
    throw new Refusal(422, 'Validation Failed', {
      errors: [{ resource: 'Label', code: 'already_exists', field: 'name' }],
    })
  const label = labelNamed(call.world, repo, input.name)
  label.color = input.color?.replace(/^#/, '') ?? label.color
  label.description = input.description ?? null
  const rendered = renderLabel(call.world, repo, label)
  call.hub.raise(repo, { event: 'label', action: 'created', actor: call.actor, payload: { label: rendered } })
  return json(rendered, 201)
}

/** The label leaves every issue with it; GitHub sends no `unlabeled` for those. */
function removeLabel(call: Call, repo: Repository): Reply {
  const key = call.param('name').toLowerCase()
  const label = repo.labels.get(key)
  if (!label) throw notFound()
  repo.labels.delete(key)
  for (const issue of repo.issues.values()) issue.labels = issue.labels.filter((one) => one !== label)
  const rendered = renderLabel(call.world, repo, label)
  call.hub.raise(repo, { event: 'label', action: 'deleted', actor: call.actor, payload: { label: rendered } })
  return empty()
}
