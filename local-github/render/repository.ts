/** Repositories, as GitHub writes them into answers and webhooks. */
import { roleOf, atLeast } from '../auth/may.ts'
import type { Actor } from '../auth/actor.ts'
import type { Repository, World } from '../state/records.ts'
import { nodeId, renderAccount } from './account.ts'

const TEMPLATES: [string, string][] = [
  ['archive_url', '/{archive_format}{/ref}'],
  ['assignees_url', '/assignees{/user}'],
  ['blobs_url', '/git/blobs{/sha}'],
  ['branches_url', '/branches{/branch}'],
  ['collaborators_url', '/collaborators{/collaborator}'],
  ['comments_url', '/comments{/number}'],
  ['commits_url', '/commits{/sha}'],
  ['compare_url', '/compare/{base}...{head}'],
  ['contents_url', '/contents/{+path}'],
  ['contributors_url', '/contributors'],
  ['deployments_url', '/deployments'],
  ['downloads_url', '/downloads'],
  ['events_url', '/events'],
  ['forks_url', '/forks'],
  ['git_commits_url', '/git/commits{/sha}'],
  ['git_refs_url', '/git/refs{/sha}'],
  ['git_tags_url', '/git/tags{/sha}'],
  ['hooks_url', '/hooks'],
  ['issue_comment_url', '/issues/comments{/number}'],
  ['issue_events_url', '/issues/events{/number}'],
  ['issues_url', '/issues{/number}'],
  ['keys_url', '/keys{/key_id}'],
  ['labels_url', '/labels{/name}'],
  ['languages_url', '/languages'],
  ['merges_url', '/merges'],
  ['milestones_url', '/milestones{/number}'],
  ['notifications_url', '/notifications{?since,all,participating}'],
  ['pulls_url', '/pulls{/number}'],
  ['releases_url', '/releases{/id}'],
  ['stargazers_url', '/stargazers'],
  ['statuses_url', '/statuses/{sha}'],
  ['subscribers_url', '/subscribers'],
  ['subscription_url', '/subscription'],
  ['tags_url', '/tags'],
  ['teams_url', '/teams'],
  ['trees_url', '/git/trees{/sha}'],
]

/** The short form, inside of other things. */
export function renderMinimalRepository(world: World, repo: Repository): Record<string, unknown> {
  const api = `${world.url}/repos/${repo.fullName}`
  return {
    id: repo.id,
    node_id: nodeId('Repository', repo.id),
    name: repo.name,
    full_name: repo.fullName,
    private: repo.private,
    owner: renderAccount(world, repo.owner),
    html_url: `${world.url}/${repo.fullName}`,
    description: repo.description,
    fork: repo.parent !== undefined,
    url: api,
    ...Object.fromEntries(TEMPLATES.map(([key, path]) => [key, api + path])),
  }
}

export function renderRepository(world: World, repo: Repository, actor?: Actor): Record<string, unknown> {
  const git = `${world.url}/${repo.fullName}.git`
  return {
    ...renderMinimalRepository(world, repo),
    created_at: repo.createdAt,
    updated_at: repo.updatedAt,
    pushed_at: repo.pushedAt,
    git_url: git,
    ssh_url: git,
    clone_url: git,
    svn_url: `${world.url}/${repo.fullName}`,
    mirror_url: null,
    homepage: null,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: false,
    has_downloads: true,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    forks_count: [...world.repositories.values()].filter((other) => other.parent === repo).length,
    archived: false,
    disabled: false,
    open_issues_count: [...repo.issues.values()].filter((issue) => issue.state === 'open').length,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    custom_properties: {},
    visibility: repo.private ? 'private' : 'public',
    forks: 0,
    open_issues: 0,
    watchers: 0,
    default_branch: repo.defaultBranch,
    ...(actor === undefined ? {} : { permissions: permissionsOf(repo, actor) }),
  }
}

export function permissionsOf(repo: Repository, actor: Actor): Record<string, boolean> {
  const writes = 'permissions' in actor && actor.permissions['contents'] === 'write'
  const role = actor.kind === 'user' ? roleOf(repo, actor.account.login) : writes ? 'write' : 'read'
  return {
    admin: atLeast(role, 'admin'),
    maintain: atLeast(role, 'maintain'),
    push: atLeast(role, 'write'),
    triage: atLeast(role, 'triage'),
    pull: atLeast(role, 'read'),
  }
}

/** What `GET /repos/…` and a pull request's ends carry besides. */
export function renderFullRepository(world: World, repo: Repository, actor: Actor): Record<string, unknown> {
  return {
    ...renderRepository(world, repo, actor),
    network_count: 0,
    subscribers_count: 0,
    allow_squash_merge: true,
    allow_merge_commit: true,
    allow_rebase_merge: true,
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    ...(repo.owner.type === 'Organization' ? { organization: renderAccount(world, repo.owner) } : {}),
    ...(repo.parent
      ? { parent: renderRepository(world, repo.parent), source: renderRepository(world, repo.parent) }
      : {}),
  }
}
