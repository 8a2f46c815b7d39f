/** `git/blobs`, `git/trees`, `git/commits`, `git/tags`: objects, as git has them. */
import * as z from 'zod'
import { reading, writing } from '../auth/may.ts'
import { parseTree, type TreeEntry } from '../git/parse-objects.ts'
import { writeFiles } from '../git/write-files.ts'
import type { Api, Call } from '../http/api.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { json, type Reply } from '../http/reply.ts'
import { nodeId } from '../render/account.ts'
import { renderGitCommit } from '../render/pull.ts'
import { emailOf } from '../state/make.ts'
import type { Repository } from '../state/records.ts'

const NewBlob = z.object({ content: z.string(), encoding: z.enum(['utf-8', 'base64']).default('utf-8') })
const NewTree = z.object({
  base_tree: z.string().optional(),
  tree: z.array(
    z.object({
      path: z.string().min(1),
      mode: z.enum(['100644', '100755', '040000', '160000', '120000']),
      type: z.enum(['blob', 'tree', 'commit']).optional(),
      sha: z.string().nullish(),
      content: z.string().optional(),
    }),
  ),
})
const Who = z.object({ name: z.string(), email: z.string(), date: z.string().optional() })
const NewCommit = z.object({
  message: z.string(),
  tree: z.string(),
  parents: z.array(z.string()).default([]),
  author: Who.optional(),
  committer: Who.optional(),
})

export function gitDataRoutes(api: Api): void {
  const read = reading('contents')
  api.repo('POST', '/git/blobs', writing('contents'), async (call, repo) => {
    const input = call.body(NewBlob)
    const sha = await repo.git.writeBlob(
      Buffer.from(input.content, input.encoding === 'base64' ? 'base64' : 'utf8'),
    )
    return json({ sha, url: address(call, repo, 'blobs', sha) }, 201)
  })
  api.repo('GET', '/git/blobs/:sha', read, blob)
  api.repo('POST', '/git/trees', writing('contents'), createTree)
  api.repo('GET', '/git/trees/*sha', read, tree)
  api.repo('POST', '/git/commits', writing('contents'), createCommit)
  api.repo('GET', '/git/commits/:sha', read, async (call, repo) => {
    const commit = await repo.git.commit(call.param('sha'))
    if (!commit) throw notFound()
    return json(renderGitCommit(call.world, repo, commit))
  })
}

const address = (call: Call, repo: Repository, kind: string, sha: string): string =>
  `${call.world.url}/repos/${repo.fullName}/git/${kind}/${sha}`

async function blob(call: Call, repo: Repository): Promise<Reply> {
  const found = await repo.git.read(call.param('sha'))
  if (found?.type !== 'blob') throw notFound()
  return json({
    sha: found.sha,
    node_id: nodeId('Blob', found.sha),
    size: found.size,
    url: address(call, repo, 'blobs', found.sha),
    content: found.content.toString('base64'),
    encoding: 'base64',
  })
}

async function createTree(call: Call, repo: Repository): Promise<Reply> {
  const input = call.body(NewTree)
  if (input.base_tree !== undefined && !(await repo.git.tree(input.base_tree))) throw notFound()
  const writes = await Promise.all(
    input.tree.map(async (entry) => {
      const sha =
        entry.content === undefined ? (entry.sha ?? undefined) : await repo.git.writeBlob(entry.content)
      if (sha !== undefined && entry.mode !== '160000' && !(await repo.git.info(sha)))
        throw new Refusal(422, `tree.sha ${sha} is not a valid ${entry.type ?? 'blob'}`)
      return { path: entry.path, mode: entry.mode, sha, ...(entry.type ? { type: entry.type } : {}) }
    }),
  )
  const sha = await writeFiles(repo.git, input.base_tree, writes)
  const entries = (await repo.git.tree(sha))?.entries ?? []
  return json(await renderTree(call, repo, sha, entries), 201)
}

async function renderTree(call: Call, repo: Repository, sha: string, entries: TreeEntry[]): Promise<unknown> {
  const infos = await Promise.all(
    entries.map((entry) => (entry.type === 'blob' ? repo.git.info(entry.sha) : undefined)),
  )
  return {
    sha,
    url: address(call, repo, 'trees', sha),
    tree: entries.map((entry, index) => ({
      path: entry.name,
      mode: entry.mode,
      type: entry.type,
      sha: entry.sha,
      ...(entry.type === 'blob' ? { size: infos[index]?.size ?? 0 } : {}),
      url: address(call, repo, `${entry.type}s`, entry.sha),
    })),
    truncated: false,
  }
}

async function tree(call: Call, repo: Repository): Promise<Reply> {
  const name = call.param('sha')
  const found = (await repo.git.tree(name)) ?? (await repo.git.tree(`refs/heads/${name}`))
  if (!found) throw notFound()
  const recursive = call.query('recursive') !== undefined
  const entries = recursive ? await below(repo, found.entries, '') : found.entries
  return json(await renderTree(call, repo, found.sha, entries))
}

async function below(repo: Repository, entries: TreeEntry[], prefix: string): Promise<TreeEntry[]> {
  const all: TreeEntry[] = []
  for (const entry of entries) {
    const name = `${prefix}${entry.name}`
    all.push({ ...entry, name })
    if (entry.type !== 'tree') continue
    const object = await repo.git.read(entry.sha)
    if (object) all.push(...(await below(repo, parseTree(object.content), `${name}/`)))
  }
  return all
}

async function createCommit(call: Call, repo: Repository): Promise<Reply> {
  const input = call.body(NewCommit)
  if (!(await repo.git.tree(input.tree))) throw new Refusal(422, 'Tree SHA does not exist')
  for (const parent of input.parents)
    if ((await repo.git.info(parent))?.type !== 'commit')
      throw new Refusal(422, 'Parent SHA does not exist or is not a commit object')
  const self = { name: call.account.login, email: emailOf(call.account) }
  const who = ({ name, email, date }: z.infer<typeof Who>) => ({ name, email, ...(date ? { date } : {}) })
  const author = input.author ? who(input.author) : self
  const committer = input.committer ? who(input.committer) : author
  const { message, tree: root, parents } = input
  const sha = await repo.git.writeCommit({ tree: root, parents, message, author, committer })
  const commit = await repo.git.commit(sha)
  if (!commit) throw new Error(`commit ${sha} was written and is not there`)
  return json(renderGitCommit(call.world, repo, commit), 201)
}
