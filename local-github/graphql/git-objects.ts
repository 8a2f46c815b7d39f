/** Commits, trees and blobs. */
import { nodeId } from '../render/account.ts'
import { accountOfEmail } from '../render/pull.ts'
import type { GitObject } from '../git/object-reader.ts'
import { parseCommit, parseTree, type Commit, type TreeEntry } from '../git/parse-objects.ts'
import type { Repository } from '../state/records.ts'
import { actorNode } from './actors.ts'
import { connection, window, pageInfo, type PageArguments } from './connection.ts'
import { suiteNodes } from './checks.ts'
import type { Context } from './context.ts'

/** GitHub cuts the text of larger blobs. */
const MAX_TEXT = 512_000
/** Git's own test for binary files: a NUL among the first bytes. */
const BINARY_WINDOW = 8_000

/** The object that `expression` names, e.g. `main:docs`; null where there is none. */
export async function objectNamed(context: Context, repo: Repository, expression: string): Promise<unknown> {
  const colon = expression.indexOf(':')
  const [name, path] = colon < 0 ? [expression, ''] : [expression.slice(0, colon), expression.slice(colon)]
  const found = (await repo.git.read(expression)) ?? (await repo.git.read(`refs/heads/${name}${path}`))
  return found ? objectNode(context, repo, found) : null
}

export function objectNode(context: Context, repo: Repository, object: GitObject): Record<string, unknown> {
  const common = {
    id: nodeId('GitObject', object.sha),
    oid: object.sha,
    abbreviatedOid: object.sha.slice(0, 7),
    commitUrl: `${context.world.url}/${repo.fullName}/commit/${object.sha}`,
    commitResourcePath: `/${repo.fullName}/commit/${object.sha}`,
  }
  if (object.type === 'blob') return { ...common, ...blobFields(object.content) }
  if (object.type === 'tree')
    return {
      ...common,
      __typename: 'Tree',
      entries: () => parseTree(object.content).map((entry) => entryNode(context, repo, '', entry)),
    }
  if (object.type === 'commit')
    return { ...common, ...commitFields(context, repo, parseCommit(object.sha, object.content)) }
  return { ...common, __typename: 'Tag', name: '', message: null }
}

function blobFields(content: Buffer): Record<string, unknown> {
  const isBinary = content.subarray(0, BINARY_WINDOW).includes(0)
  const isTruncated = content.length > MAX_TEXT
  return {
    __typename: 'Blob',
    byteSize: content.length,
    isBinary,
    isTruncated,
    // Bytes that are no UTF-8 come out replaced, as GitHub's do.
    text: isBinary ? null : content.subarray(0, MAX_TEXT).toString('utf8'),
  }
}

export function entryNode(
  context: Context,
  repo: Repository,
  parent: string,
  entry: TreeEntry,
): Record<string, unknown> {
  const path = parent === '' ? entry.name : `${parent}/${entry.name}`
  return {
    __typename: 'TreeEntry',
    name: entry.name,
    nameRaw: Buffer.from(entry.name).toString('base64'),
    path,
    pathRaw: Buffer.from(path).toString('base64'),
    mode: parseInt(entry.mode, 8),
    type: entry.type,
    oid: entry.sha,
    extension: /\.[^.]+$/.exec(entry.name)?.[0] ?? '',
    size: async () => (await repo.git.info(entry.sha))?.size ?? 0,
    isGenerated: false,
    // A submodule is a commit of another repository.
    object: async () => {
      const found = entry.type === 'commit' ? undefined : await repo.git.read(entry.sha)
      return found ? objectNode(context, repo, found) : null
    },
  }
}

async function fileOf(context: Context, repo: Repository, commit: Commit, path: string): Promise<unknown> {
  const parts = path.split('/').filter((part) => part !== '')
  const name = parts.pop()
  if (name === undefined) return null
  const tree = await repo.git.tree(`${commit.sha}:${parts.join('/')}`)
  const entry = tree?.entries.find((one) => one.name === name)
  return entry ? entryNode(context, repo, parts.join('/'), entry) : null
}

function gitActor(context: Context, person: Commit['author']): Record<string, unknown> {
  return {
    __typename: 'GitActor',
    name: person.name,
    email: person.email,
    date: person.date,
    user: () => {
      const account = accountOfEmail(context.world, person.email)
      return account?.type === 'User' ? actorNode(context.world, account) : null
    },
  }
}

const CO_AUTHOR = /^Co-authored-by:\s*(.*?)\s*<([^>]+)>\s*$/gim

function authorsOf(commit: Commit): Commit['author'][] {
  const more = [...commit.message.matchAll(CO_AUTHOR)].map(([, name = '', email = '']) => ({
    name,
    email,
    date: commit.author.date,
  }))
  const all = [commit.author, ...more]
  return all.filter((person, index) => all.findIndex(({ email }) => email === person.email) === index)
}

export function commitFields(context: Context, repo: Repository, commit: Commit): Record<string, unknown> {
  const [headline = '', ...rest] = commit.message.split('\n')
  return {
    __typename: 'Commit',
    id: nodeId('Commit', commit.sha),
    oid: commit.sha,
    abbreviatedOid: commit.sha.slice(0, 7),
    message: commit.message,
    messageHeadline: headline,
    messageBody: rest.join('\n').trim(),
    committedDate: commit.committer.date,
    authoredDate: commit.author.date,
    url: `${context.world.url}/${repo.fullName}/commit/${commit.sha}`,
    author: gitActor(context, commit.author),
    committer: gitActor(context, commit.committer),
    authors: (args: PageArguments) =>
      connection(authorsOf(commit), args, 'authors', (one) => gitActor(context, one)),
    parents: async (args: PageArguments) => {
      const parents = await repo.git.commits(commit.parents)
      return connection(parents, args, 'parents', (parent) => commitFields(context, repo, parent))
    },
    tree: async () => {
      const found = await repo.git.read(commit.tree)
      return found ? objectNode(context, repo, found) : null
    },
    file: ({ path }: { path: string }) => fileOf(context, repo, commit, path),
    history: (args: PageArguments) => history(context, repo, commit, args),
    checkSuites: (args: PageArguments & { filterBy?: { appId?: number; checkName?: string } }) =>
      suiteNodes(context, repo, commit.sha, args),
  }
}

async function history(
  context: Context,
  repo: Repository,
  commit: Commit,
  args: PageArguments,
): Promise<unknown> {
  const shas = await repo.git.revList([commit.sha])
  const { from, to } = window(shas.length, args, 'history')
  const shown = await repo.git.commits(shas.slice(from, to))
  return {
    totalCount: shas.length,
    nodes: shown.map((one) => commitFields(context, repo, one)),
    edges: shown.map((one) => ({ cursor: one.sha, node: commitFields(context, repo, one) })),
    pageInfo: pageInfo(from, to, shas.length),
  }
}
