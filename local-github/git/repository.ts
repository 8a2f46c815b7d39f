/** One bare repository: the only place where commits, trees and refs are kept. */
import { mkdir } from 'node:fs/promises'
import { Comparisons } from './comparison.ts'
import { ObjectReader, type GitObject, type ObjectInfo } from './object-reader.ts'
import { parseCommit, parseTree, type Commit, type TreeEntry } from './parse-objects.ts'
import { mustGit, runGit } from './run-git.ts'
import { Turns } from './turns.ts'

export const NO_COMMIT = '0'.repeat(40)
const BRANCH = 'refs/heads/'
/** `main` of `refs/heads/main`; undefined for refs that are no branches. */
export const branchOfRef = (ref: string): string | undefined =>
  ref.startsWith(BRANCH) ? ref.slice(BRANCH.length) : undefined

const SHA = /^[0-9a-f]{40}$/

export interface Ref {
  name: string
  sha: string
  type: string
}

export interface Author {
  name: string
  email: string
  /** ISO 8601 or git's own form; now where nothing is said. */
  date?: string
}

const SETTINGS: [string, string][] = [
  ['http.receivepack', 'true'],
  ['receive.denyDeleteCurrent', 'refuse'],
  ['receive.autogc', 'false'],
  ['gc.auto', '0'],
  ['uploadpack.allowAnySHA1InWant', 'true'],
  ['uploadpack.allowFilter', 'true'],
  ['core.logAllRefUpdates', 'false'],
]

export class GitRepository {
  readonly dir: string
  /** Writers of refs go one after the other, so that what a push changed is known. */
  readonly turns = new Turns()
  readonly comparisons = new Comparisons(this)
  readonly #objects: ObjectReader

  constructor(dir: string) {
    this.dir = dir
    this.#objects = new ObjectReader(dir)
  }

  static async create(dir: string, defaultBranch: string): Promise<GitRepository> {
    await mkdir(dir, { recursive: true })
    await mustGit(dir, ['init', '-q', '--bare', '--template=', '-b', defaultBranch])
    return GitRepository.#configured(dir)
  }

  /** A copy with all refs but those of pull requests. */
  static async copy(from: GitRepository, dir: string): Promise<GitRepository> {
    await mkdir(dir, { recursive: true })
    await mustGit(dir, ['clone', '-q', '--bare', '--template=', from.dir, dir])
    return GitRepository.#configured(dir)
  }

  static async #configured(dir: string): Promise<GitRepository> {
    for (const [key, value] of SETTINGS) await mustGit(dir, ['config', key, value])
    return new GitRepository(dir)
  }

  info(name: string): Promise<ObjectInfo | undefined> {
    return this.#objects.info(name)
  }

  read(name: string): Promise<GitObject | undefined> {
    return this.#objects.read(name)
  }

  async tip(branch: string): Promise<string | undefined> {
    return (await this.info(`refs/heads/${branch}`))?.sha
  }

  /** The commit that `name` (SHA, branch, tag, ref) means. */
  async resolveCommit(name: string): Promise<string | undefined> {
    const candidates = SHA.test(name) ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`, name]
    for (const candidate of candidates) {
      const found = await this.info(`${candidate}^{commit}`)
      if (found) return found.sha
    }
    return undefined
  }

  async commit(name: string): Promise<Commit | undefined> {
    const found = await this.read(`${name}^{commit}`)
    return found && parseCommit(found.sha, found.content)
  }

  async tree(name: string): Promise<{ sha: string; entries: TreeEntry[] } | undefined> {
    // after a colon comes a path, and `^{tree}` would be read as a part of it
    const found = await this.read(name.includes(':') ? name : `${name}^{tree}`)
    return found?.type === 'tree' ? { sha: found.sha, entries: parseTree(found.content) } : undefined
  }

  async refs(prefix: string): Promise<Ref[]> {
    const format = '--format=%(objectname) %(objecttype) %(refname)'
    const out = (await mustGit(this.dir, ['for-each-ref', format, ...patterns(prefix)])).toString()
    return out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [sha = '', type = '', name = ''] = line.split(' ')
        return { sha, type, name }
      })
      .filter((ref) => ref.name.startsWith(prefix))
  }

  /** Moves, creates (`from` zeros) or deletes (`to` zeros) a ref; false where it was not at `from`. */
  async updateRef(name: string, to: string, from?: string): Promise<boolean> {
    const args =
      to === NO_COMMIT
        ? ['update-ref', '-d', name, ...(from ? [from] : [])]
        : ['update-ref', name, to, ...(from ? [from] : [])]
    return (await runGit(this.dir, args)).code === 0
  }

  async isAncestor(ancestor: string, of: string): Promise<boolean> {
    if (ancestor === of) return true
    return (await runGit(this.dir, ['merge-base', '--is-ancestor', ancestor, of])).code === 0
  }

  async mergeBase(a: string, b: string): Promise<string | undefined> {
    const result = await runGit(this.dir, ['merge-base', a, b])
    return result.code === 0 ? result.stdout.toString().trim() : undefined
  }

  /** SHAs as `git rev-list` gives them. */
  async revList(args: string[]): Promise<string[]> {
    const out = await mustGit(this.dir, ['rev-list', ...args])
    return out
      .toString()
      .split('\n')
      .filter((line) => line !== '')
  }

  async commits(shas: string[]): Promise<Commit[]> {
    const found = await Promise.all(shas.map((sha) => this.commit(sha)))
    return found.filter((commit): commit is Commit => commit !== undefined)
  }

  /** The tree of merging both, or undefined where they conflict. */
  async mergeTree(base: string, head: string): Promise<string | undefined> {
    const result = await runGit(this.dir, [
      'merge-tree',
      '--write-tree',
      '--allow-unrelated-histories',
      base,
      head,
    ])
    return result.code === 0 ? (result.stdout.toString().split('\n')[0] ?? '') : undefined
  }

  async writeBlob(content: Buffer | string): Promise<string> {
    return (await mustGit(this.dir, ['hash-object', '-w', '--stdin'], { input: content })).toString().trim()
  }

  /** Writes a tree of one level. */
  async writeTree(entries: TreeEntry[]): Promise<string> {
    const input = entries.map((entry) => `${entry.mode} ${entry.type} ${entry.sha}\t${entry.name}\0`).join('')
    return (await mustGit(this.dir, ['mktree', '-z', '--missing'], { input })).toString().trim()
  }

  async writeCommit(input: {
    tree: string
    parents: string[]
    message: string
    author: Author
    committer?: Author
  }): Promise<string> {
    const committer = input.committer ?? input.author
    const env: Record<string, string> = {
      GIT_AUTHOR_NAME: input.author.name,
      GIT_AUTHOR_EMAIL: input.author.email,
      GIT_COMMITTER_NAME: committer.name,
      GIT_COMMITTER_EMAIL: committer.email,
      ...(input.author.date ? { GIT_AUTHOR_DATE: input.author.date } : {}),
      ...(committer.date ? { GIT_COMMITTER_DATE: committer.date } : {}),
    }
    const args = ['commit-tree', input.tree, ...input.parents.flatMap((parent) => ['-p', parent])]
    return (await mustGit(this.dir, args, { input: input.message, env })).toString().trim()
  }

  close(): void {
    this.#objects.close()
  }
}

/** `for-each-ref` wants whole path components: everything up to the last slash narrows it, our filter does the rest. */
function patterns(prefix: string): string[] {
  const cut = prefix.lastIndexOf('/')
  return cut > 0 ? [prefix.slice(0, cut)] : []
}
