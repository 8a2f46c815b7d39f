/** Files of a commit, and commits of one file's change. */
import * as z from 'zod'
import { reading, writing } from '../auth/may.ts'
import { refsChanged } from '../events/ref-changes.ts'
import { NO_COMMIT } from '../git/repository.ts'
import { writeFiles } from '../git/write-files.ts'
import type { Api, Call } from '../http/api.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { json, type Reply } from '../http/reply.ts'
import { pushRefusal } from '../protection/rules.ts'
import { renderGitCommit } from '../render/pull.ts'
import { emailOf } from '../state/make.ts'
import type { Repository } from '../state/records.ts'

const Write = z.object({
  message: z.string(),
  content: z.string().optional(),
  branch: z.string().optional(),
  sha: z.string().optional(),
})
/** Larger files come without their content. */
const MAX_BYTES = 1_000_000

export function contentRoutes(api: Api): void {
  api.repo('GET', '/contents', reading('contents'), get)
  api.repo('GET', '/contents/*path', reading('contents'), get)
  api.repo('PUT', '/contents/*path', writing('contents'), (call, repo) => write(call, repo, false))
  api.repo('DELETE', '/contents/*path', writing('contents'), (call, repo) => write(call, repo, true))
  api.repo('GET', '/readme', reading('contents'), async (call, repo) => {
    call.params['path'] = 'README.md'
    return get(call, repo)
  })
}

interface Entry {
  path: string
  type: 'file' | 'dir' | 'submodule' | 'symlink'
  sha: string
  size: number
}

function render(
  call: Call,
  repo: Repository,
  ref: string,
  { path, type, sha, size }: Entry,
): Record<string, unknown> {
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  const kind = type === 'dir' ? 'trees' : 'blobs'
  const self = `${call.world.url}/repos/${repo.fullName}/contents/${encoded}?ref=${ref}`
  const git = `${call.world.url}/repos/${repo.fullName}/git/${kind}/${sha}`
  const html = `${call.world.url}/${repo.fullName}/${type === 'dir' ? 'tree' : 'blob'}/${ref}/${encoded}`
  return {
    name: path.split('/').at(-1) ?? path,
    path,
    sha,
    size,
    url: self,
    html_url: html,
    git_url: git,
    download_url: type === 'dir' ? null : `${call.world.url}/${repo.fullName}/raw/${ref}/${encoded}`,
    type,
    _links: { self, git, html },
  }
}

async function get(call: Call, repo: Repository): Promise<Reply> {
  const ref = call.query('ref') ?? repo.defaultBranch
  const sha = await repo.git.resolveCommit(ref)
  if (sha === undefined) throw new Refusal(404, `No commit found for the ref ${ref}`)
  const path = call.param('path').replace(/^\/+|\/+$/g, '')
  const found = await repo.git.read(`${sha}:${path}`)
  if (!found) throw notFound()
  if (found.type === 'tree') {
    const { entries } = (await repo.git.tree(found.sha)) ?? { entries: [] }
    const infos = await Promise.all(entries.map((entry) => repo.git.info(entry.sha)))
    const rendered = entries.map((entry, index) =>
      render(call, repo, ref, {
        path: path === '' ? entry.name : `${path}/${entry.name}`,
        type:
          entry.type === 'tree'
            ? 'dir'
            : entry.type === 'commit'
              ? 'submodule'
              : entry.mode === '120000'
                ? 'symlink'
                : 'file',
        sha: entry.sha,
        size: entry.type === 'blob' ? (infos[index]?.size ?? 0) : 0,
      }),
    )
    return json(rendered)
  }
  if (/\braw\b/.test(call.headers['accept'] ?? ''))
    return {
      status: 200,
      body: found.content,
      headers: { 'content-type': 'application/vnd.github.raw; charset=utf-8' },
    }
  const large = found.size > MAX_BYTES
  return json({
    ...render(call, repo, ref, { path, type: 'file', sha: found.sha, size: found.size }),
    // Lines of 60 characters, each ended, as GitHub writes them.
    content: large ? '' : found.content.toString('base64').replace(/.{1,60}/g, '$&\n'),
    encoding: large ? 'none' : 'base64',
  })
}

async function write(call: Call, repo: Repository, remove: boolean): Promise<Reply> {
  const input = call.body(Write)
  const branch = input.branch ?? repo.defaultBranch
  const path = call.param('path')
  if (!remove && input.content === undefined)
    throw new Refusal(422, 'Invalid request.\n\n"content" wasn\'t supplied.')
  return repo.git.turns.take(async () => {
    const tip = await repo.git.tip(branch)
    if (tip === undefined && (await repo.git.refs('refs/heads/')).length > 0)
      throw new Refusal(404, `Branch ${branch} not found`)
    const old = tip === undefined ? undefined : await repo.git.info(`${tip}:${path}`)
    if (remove && !old) throw notFound()
    if (old && input.sha === undefined) throw new Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if (input.sha !== undefined && input.sha !== old?.sha)
      throw new Refusal(409, `${path} does not match ${input.sha}`)
    if (
      /^\.github\/workflows\//.test(path) &&
      'permissions' in call.actor &&
      call.actor.permissions['workflows'] !== 'write'
    )
      throw new Refusal(403, 'Resource not accessible by integration')
    const blob = remove ? undefined : await repo.git.writeBlob(Buffer.from(input.content ?? '', 'base64'))
    const tree = await writeFiles(repo.git, tip, [{ path, mode: '100644', sha: blob }])
    const author = { name: call.account.login, email: emailOf(call.account) }
    const parents = tip === undefined ? [] : [tip]
    const sha = await repo.git.writeCommit({ tree, parents, message: `${input.message}\n`, author })
    const refused = pushRefusal(repo, branch, sha)
    if (refused) throw new Refusal(409, refused.lines.slice(1).join('\n'))
    await repo.git.updateRef(`refs/heads/${branch}`, sha, tip ?? NO_COMMIT)
    await refsChanged(
      call,
      repo,
      [{ ref: `refs/heads/${branch}`, before: tip ?? NO_COMMIT, after: sha }],
      call.actor,
    )
    const commit = await repo.git.commit(sha)
    const info = blob === undefined ? undefined : await repo.git.info(blob)
    return json(
      {
        content: info
          ? render(call, repo, branch, { path, type: 'file', sha: info.sha, size: info.size })
          : null,
        commit: commit ? renderGitCommit(call.world, repo, commit) : null,
      },
      old ? 200 : 201,
    )
  })
}
