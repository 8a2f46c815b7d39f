/** `git/refs` and branches. */
import * as z from 'zod'
import { reading, writing } from '../auth/may.ts'
import { refsChanged } from '../events/ref-changes.ts'
import { branchOfRef, NO_COMMIT, type Ref } from '../git/repository.ts'
import type { Api, Call } from '../http/api.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { empty, json, type Reply } from '../http/reply.ts'
import { pushRefusal } from '../protection/rules.ts'
import { nodeId } from '../render/account.ts'
import { renderCommit } from '../render/pull.ts'
import type { Repository } from '../state/records.ts'

const NewRef = z.object({ ref: z.string(), sha: z.string() })
const RefChange = z.object({ sha: z.string(), force: z.boolean().default(false) })

export function refRoutes(api: Api): void {
  const read = reading('contents')
  for (const path of ['/git/ref/*ref', '/git/refs/*ref'])
    api.repo('GET', path, read, async (call, repo) => json(renderRef(call, repo, await refNamed(call, repo))))
  api.repo('GET', '/git/matching-refs/*ref', read, async (call, repo) =>
    call.page(await repo.git.refs(`refs/${call.param('ref')}`), (ref) => renderRef(call, repo, ref)),
  )
  api.repo('POST', '/git/refs', writing('contents'), create)
  api.repo('PATCH', '/git/refs/*ref', writing('contents'), update)
  api.repo('DELETE', '/git/refs/*ref', writing('contents'), remove)
  api.repo('GET', '/branches', read, async (call, repo) => {
    const refs = await repo.git.refs('refs/heads/')
    return call.page(refs, (ref) => {
      const name = ref.name.slice('refs/heads/'.length)
      return { name, commit: commitLink(call, repo, ref.sha), protected: repo.protections.has(name) }
    })
  })
  api.repo('GET', '/branches/:branch', read, branch)
  api.repo('GET', '/rules/branches/:branch', reading(), rules)
  api.repo('GET', '/branches/:branch/protection', reading('administration'), protection)
}

const commitLink = (call: Call, repo: Repository, sha: string): unknown => ({
  sha,
  url: `${call.world.url}/repos/${repo.fullName}/commits/${sha}`,
})

function renderRef(call: Call, repo: Repository, { name, sha, type }: Ref): unknown {
  const api = `${call.world.url}/repos/${repo.fullName}/git`
  return {
    ref: name,
    node_id: nodeId('Ref', `${repo.id}:${name}`),
    url: `${api}/${name}`,
    object: { sha, type, url: `${api}/${type}s/${sha}` },
  }
}

async function refNamed(call: Call, repo: Repository): Promise<Ref> {
  const name = `refs/${call.param('ref')}`
  const found = await repo.git.info(name)
  if (!found) throw notFound()
  return { name, sha: found.sha, type: found.type }
}

async function mustExist(repo: Repository, sha: string): Promise<void> {
  const found = /^[0-9a-f]{40}$/.test(sha) ? await repo.git.info(sha) : undefined
  if (!found) throw new Refusal(422, 'Object does not exist')
}

function mustBeAllowed(repo: Repository, ref: string, sha: string): void {
  const branch = branchOfRef(ref)
  const found = branch === undefined ? undefined : pushRefusal(repo, branch, sha)
  if (found) throw new Refusal(422, found.lines.slice(1).join('\n'))
}

async function create(call: Call, repo: Repository): Promise<Reply> {
  const { ref, sha } = call.body(NewRef)
  if (!/^refs\/[^/]+\/./.test(ref))
    throw new Refusal(422, "Reference name must start with 'refs/' and have at least two slashes.")
  await mustExist(repo, sha)
  mustBeAllowed(repo, ref, sha)
  return repo.git.turns.take(async () => {
    if (await repo.git.info(ref)) throw new Refusal(422, 'Reference already exists')
    if (!(await repo.git.updateRef(ref, sha, NO_COMMIT))) throw new Refusal(422, 'Reference update failed')
    await refsChanged(call, repo, [{ ref, before: NO_COMMIT, after: sha }], call.actor)
    const type = (await repo.git.info(sha))?.type ?? 'commit'
    return json(renderRef(call, repo, { name: ref, sha, type }), 201)
  })
}

async function update(call: Call, repo: Repository): Promise<Reply> {
  const { sha, force } = call.body(RefChange)
  return repo.git.turns.take(async () => {
    const name = `refs/${call.param('ref')}`
    const old = await repo.git.info(name)
    if (!old) throw new Refusal(422, 'Reference does not exist')
    await mustExist(repo, sha)
    mustBeAllowed(repo, name, sha)
    const forward = await repo.git.isAncestor(old.sha, sha)
    if (!forward && !force) throw new Refusal(422, 'Update is not a fast forward')
    if (!forward && repo.protections.has(branchOfRef(name) ?? ''))
      throw new Refusal(422, 'Cannot force-push to this branch')
    if (!(await repo.git.updateRef(name, sha, old.sha))) throw new Refusal(422, 'Reference update failed')
    if (old.sha !== sha)
      await refsChanged(call, repo, [{ ref: name, before: old.sha, after: sha }], call.actor)
    return json(renderRef(call, repo, { name, sha, type: old.type }))
  })
}

function remove(call: Call, repo: Repository): Promise<Reply> {
  return repo.git.turns.take(async () => {
    const name = `refs/${call.param('ref')}`
    const old = await repo.git.info(name)
    if (!old) throw new Refusal(422, 'Reference does not exist')
    if (name === `refs/heads/${repo.defaultBranch}`)
      throw new Refusal(422, 'Cannot delete the default branch')
    if (repo.protections.has(branchOfRef(name) ?? ''))
      throw new Refusal(422, 'Cannot delete protected branch')
    await repo.git.updateRef(name, NO_COMMIT, old.sha)
    await refsChanged(call, repo, [{ ref: name, before: old.sha, after: NO_COMMIT }], call.actor)
    return empty()
  })
}

async function branch(call: Call, repo: Repository): Promise<Reply> {
  const name = call.param('branch')
  const sha = await repo.git.tip(name)
  const commit = sha === undefined ? undefined : await repo.git.commit(sha)
  if (!commit) throw new Refusal(404, 'Branch not found')
  const url = `${call.world.url}/repos/${repo.fullName}/branches/${encodeURIComponent(name)}`
  const rules = repo.protections.get(name)
  const contexts = (rules?.requiredChecks ?? []).map(({ context }) => context)
  return json({
    name,
    commit: renderCommit(call.world, repo, commit),
    _links: { self: url, html: `${call.world.url}/${repo.fullName}/tree/${name}` },
    protected: rules !== undefined,
    protection: {
      enabled: rules !== undefined,
      required_status_checks: {
        enforcement_level: rules ? 'everyone' : 'off',
        contexts,
        checks: (rules?.requiredChecks ?? []).map((one) => ({
          context: one.context,
          app_id: one.appId ?? null,
        })),
      },
    },
    protection_url: `${url}/protection`,
  })
}

function protection(call: Call, repo: Repository): Reply {
  const rules = repo.protections.get(call.param('branch'))
  if (!rules) throw new Refusal(404, 'Branch not protected')
  const url = `${call.world.url}/repos/${repo.fullName}/branches/${encodeURIComponent(call.param('branch'))}/protection`
  return json({
    url,
    required_status_checks: {
      url: `${url}/required_status_checks`,
      strict: false,
      contexts: rules.requiredChecks.map(({ context }) => context),
      contexts_url: `${url}/required_status_checks/contexts`,
      checks: rules.requiredChecks.map((one) => ({ context: one.context, app_id: one.appId ?? null })),
    },
    ...(rules.requiredApprovals === 0
      ? {}
      : {
          required_pull_request_reviews: {
            url: `${url}/required_pull_request_reviews`,
            dismiss_stale_reviews: false,
            require_code_owner_reviews: false,
            required_approving_review_count: rules.requiredApprovals,
          },
        }),
    enforce_admins: { url: `${url}/enforce_admins`, enabled: true },
  })
}

/** The same protection as a ruleset says it, which everybody may read. */
function rules(call: Call, repo: Repository): Reply {
  const protection = repo.protections.get(call.param('branch'))
  const source = { ruleset_source_type: 'Repository', ruleset_source: repo.fullName, ruleset_id: repo.id }
  const found: Record<string, unknown>[] = []
  if (protection?.requirePullRequest === true)
    found.push({
      type: 'pull_request',
      ...source,
      parameters: {
        dismiss_stale_reviews_on_push: false,
        require_code_owner_review: false,
        require_last_push_approval: false,
        required_approving_review_count: protection.requiredApprovals,
        required_review_thread_resolution: false,
      },
    })
  if (protection && protection.requiredChecks.length > 0)
    found.push({
      type: 'required_status_checks',
      ...source,
      parameters: {
        strict_required_status_checks_policy: false,
        required_status_checks: protection.requiredChecks.map((one) => ({
          context: one.context,
          ...(one.appId === undefined ? {} : { integration_id: one.appId }),
        })),
      },
    })
  return call.page(found, (rule) => rule)
}
