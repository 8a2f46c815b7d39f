/** What an App does as itself: who it is, where it is installed, and tokens for it. */
import * as z from 'zod'
import type { Api, Call } from '../http/api.ts'
import { canSee } from '../auth/may.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { empty, json, type Reply } from '../http/reply.ts'
import { renderApp, renderInstallation } from '../render/check.ts'
import { renderRepository } from '../render/repository.ts'
import { repositoryOf } from '../state/find.ts'
import { newToken } from '../state/make.ts'
import type { App, Installation, Repository } from '../state/records.ts'
import type { TokenPermissions } from '../types.ts'

const HOUR_MS = 3_600_000

const Wanted = z.object({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.number()).optional(),
  permissions: z.record(z.string(), z.enum(['read', 'write'])).optional(),
})

export function appRoutes(api: Api): void {
  api.route('GET', '/app', (call) => {
    const app = appOf(call)
    return json({ ...renderApp(call.world, app), installations_count: installations(call, app).length })
  })
  api.route('GET', '/app/installations', (call) =>
    call.page(installations(call, appOf(call)), (one) => renderInstallation(call.world, one)),
  )
  api.route('GET', '/app/installations/:id', (call) =>
    json(renderInstallation(call.world, installationOf(call))),
  )
  api.route('POST', '/app/installations/:id/access_tokens', token)
  api.route('GET', '/apps/:slug', (call) => {
    const app = [...call.world.apps.values()].find(({ slug }) => slug === call.param('slug'))
    if (!app) throw notFound()
    return json(renderApp(call.world, app))
  })
  api.route('GET', '/repos/:owner/:repo/installation', (call) => {
    const app = appOf(call)
    const repo = repositoryOf(call.world, `${call.param('owner')}/${call.param('repo')}`)
    const found = installations(call, app).find((one) => repo !== undefined && one.repositories.has(repo))
    if (!found) throw notFound()
    return json(renderInstallation(call.world, found))
  })
  api.route('GET', '/installation/repositories', (call) => {
    if (call.actor.kind === 'job') return listed(call, [call.actor.repository])
    if (call.actor.kind !== 'installation')
      throw new Refusal(403, 'You must authenticate with an installation access token')
    return listed(call, [...call.actor.repositories])
  })
  api.route('DELETE', '/installation/token', (call) => {
    if (call.actor.kind !== 'installation')
      throw new Refusal(403, 'You must authenticate with an installation access token')
    call.world.tokens.delete((call.headers['authorization'] ?? '').split(/\s+/).at(-1) ?? '')
    return empty()
  })
}

function listed(call: Call, repositories: Repository[]): Reply {
  const seen = repositories.filter((repo) => canSee(call.actor, repo))
  const { body, ...reply } = call.counted(seen, 'repositories', (repo) =>
    renderRepository(call.world, repo, call.actor),
  )
  return { ...reply, body: { repository_selection: 'selected', ...(body as Record<string, unknown>) } }
}

function appOf(call: Call): App {
  if (call.actor.kind !== 'app') throw new Refusal(401, 'A JSON web token could not be decoded')
  return call.actor.app
}

const installations = (call: Call, app: App): Installation[] =>
  [...call.world.installations.values()].filter((one) => one.app === app)

function installationOf(call: Call): Installation {
  const app = appOf(call)
  const found = call.world.installations.get(call.id('id'))
  if (found?.app !== app) throw notFound()
  return found
}

function token(call: Call): Reply {
  const installation = installationOf(call)
  const input = call.body(Wanted)
  const permissions = granted(installation.app.permissions, input.permissions)
  const named =
    input.repositories || input.repository_ids
      ? [...installation.repositories].filter(
          (repo) =>
            input.repositories?.includes(repo.name) === true ||
            input.repository_ids?.includes(repo.id) === true,
        )
      : undefined
  if (named && named.length < (input.repositories ?? input.repository_ids ?? []).length)
    throw new Refusal(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    )
  const value = newToken('ghs')
  const expiresAt = call.world.now().getTime() + HOUR_MS
  const repositories = named && new Set(named)
  call.world.tokens.set(value, { kind: 'installation', installation, permissions, repositories, expiresAt })
  return json(
    {
      token: value,
      expires_at: new Date(expiresAt).toISOString().replace(/\.\d+Z$/, 'Z'),
      permissions,
      repository_selection: 'selected',
      ...(named ? { repositories: named.map((repo) => renderRepository(call.world, repo)) } : {}),
    },
    201,
  )
}

/** A token may have less than its App, never more. */
function granted(has: TokenPermissions, wanted: TokenPermissions | undefined): TokenPermissions {
  if (!wanted) return { metadata: 'read', ...has }
  for (const [name, level] of Object.entries(wanted)) {
    const own = has[name]
    if (name === 'metadata' && level === 'read') continue
    if (own === undefined || (level === 'write' && own === 'read'))
      throw new Refusal(422, 'The permissions requested are not granted to this installation.')
  }
  return { metadata: 'read', ...wanted }
}
