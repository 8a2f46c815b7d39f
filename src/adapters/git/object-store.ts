import { sha, type Sha } from '../../core/model/ids.ts'
import { Coprocess, line, type Parse } from './coprocess.ts'
import { asGitError, GitError } from './git-error.ts'
import { ObjectBatch, type ObjectFormat } from './object-batch.ts'
import { Scratch } from './scratch.ts'
import { applyEdits, editNodes, parseTree, type Edit, type Tree, type TreeStore } from './tree.ts'

export interface ObjectInfo {
  sha: Sha
  type: string
  size: number
}

const MAX_CACHED = 5_000

/**
 * Git's objects, read and written through processes that stay: `cat-file`, `hash-object`, `mktree`. Git itself writes
 * every object, so its permissions, fsync settings and object format hold. `hash-object` reads from files only where it
 * stays alive, hence a small folder of temporary files beside the repository's objects.
 */
export class ObjectStore implements TreeStore {
  readonly #scratch: Scratch
  readonly #reader: Coprocess
  readonly #blobs: Coprocess
  readonly #commits: Coprocess
  readonly #trees: Coprocess
  readonly #treeCache = new Map<Sha, Tree>()
  readonly #treeOf = new Map<Sha, Sha>()
  readonly #format: ObjectFormat

  /** `cwd` is where revisions such as HEAD are read from. */
  constructor(
    cwd: string,
    { commonDir, format }: { commonDir: string; format: ObjectFormat },
    env: Readonly<Record<string, string>>,
  ) {
    this.#format = format
    this.#scratch = new Scratch(commonDir)
    // GIT_DIR, because a folder inside `.git` is no checkout.
    const inside = { ...env, GIT_DIR: commonDir }
    const hash = (type: string) =>
      new Coprocess(['hash-object', '-t', type, '-w', '--no-filters', '--stdin-paths'], commonDir, inside)
    this.#reader = new Coprocess(['cat-file', '--batch-command', '-z'], cwd, env)
    this.#blobs = hash('blob')
    this.#commits = hash('commit')
    // An object of a tree may be on its way through another process.
    this.#trees = new Coprocess(['mktree', '--batch', '--missing', '-z'], commonDir, inside)
  }

  async info(name: string): Promise<ObjectInfo | undefined> {
    if (name === '' || name.includes('\0')) return undefined
    return this.#reader.request(`info ${name}\0`, header(name))
  }

  async contents(name: string): Promise<(ObjectInfo & { content: Buffer }) | undefined> {
    if (name === '' || name.includes('\0')) return undefined
    return this.#reader.request(`contents ${name}\0`, body(name))
  }

  /** The tree of a commit, tag or tree. */
  async treeOf(treeish: Sha): Promise<Sha> {
    const known = this.#treeOf.get(treeish)
    if (known !== undefined) return known
    const found = await this.info(`${treeish}^{tree}`)
    if (found === undefined)
      throw new GitError('failed', 'cat-file', `${treeish} has no tree: it is missing here`)
    remember(this.#treeOf, treeish, found.sha)
    return found.sha
  }

  async readTree(tree: Sha): Promise<Tree> {
    const known = this.#treeCache.get(tree)
    if (known !== undefined) return known
    const object = await this.contents(tree)
    if (object?.type !== 'tree')
      throw new GitError('failed', 'cat-file', `${tree} is not a tree that is here`)
    const parsed = parseTree(object.content, tree.length / 2)
    remember(this.#treeCache, tree, parsed)
    return parsed
  }

  /** Objects to be written together. */
  batch(): ObjectBatch {
    return new ObjectBatch({
      format: this.#format,
      readTree: (tree) => this.readTree(tree),
      blob: (content) => this.#hash(this.#blobs, content),
      tree: (entries) => this.#makeTree(entries),
      commit: (content) => this.#hash(this.#commits, content),
      known: (trees, commits) => {
        for (const [id, entries] of trees) remember(this.#treeCache, id, entries)
        for (const [id, tree] of commits) remember(this.#treeOf, id, tree)
      },
    })
  }

  async writeTree(entries: Tree): Promise<Sha> {
    const written = await this.#makeTree(entries)
    remember(this.#treeCache, written, entries)
    return written
  }

  async #makeTree(entries: Tree): Promise<Sha> {
    const lines = [...entries.values()].map((entry) => {
      const mode = entry.mode.padStart(6, '0')
      const type = mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob'
      return `${mode} ${type} ${entry.sha}\t${entry.name}\0`
    })
    return sha(await this.#trees.request(Buffer.from(`${lines.join('')}\0`, 'latin1'), line))
  }

  /** A tree like `tree` with these edits; a tree without entries where nothing is left. */
  async editTree(tree: Sha | undefined, edits: ReadonlyMap<string, Edit>): Promise<Sha> {
    return (await applyEdits(this, tree, editNodes(edits))) ?? (await this.writeTree(new Map()))
  }

  /** Writes a commit object as it stands. `tree` is noted as its tree. */
  async writeCommit(content: string, tree: Sha): Promise<Sha> {
    const written = await this.#hash(this.#commits, content)
    remember(this.#treeOf, written, tree)
    return written
  }

  async close(): Promise<void> {
    await Promise.all([this.#reader, this.#blobs, this.#commits, this.#trees].map((each) => each.close()))
    this.#scratch.close()
  }

  async #hash(process: Coprocess, content: string | Buffer): Promise<Sha> {
    try {
      return sha(await this.#scratch.with(content, (path) => process.request(`${path}\n`, line)))
    } catch (error) {
      throw asGitError(error, 'hash-object')
    }
  }
}

/** Objects never change, so what is known stays true; only memory is bounded. */
function remember<K, V>(cache: Map<K, V>, key: K, value: V): void {
  if (cache.size >= MAX_CACHED) cache.clear()
  cache.set(key, value)
}

/** `<id> <type> <size>`, or the name that was asked for (it may hold line ends) and what is wrong with it. */
function header(name: string): Parse<ObjectInfo | undefined> {
  const wrong = ['missing', 'ambiguous'].map((word) => Buffer.from(`${name} ${word}\n`))
  return (buffer) => {
    for (const text of wrong) {
      if (buffer.length >= text.length && buffer.subarray(0, text.length).equals(text))
        return { value: undefined, used: text.length }
    }
    const reply = line(buffer)
    if ('need' in reply) return reply
    const match = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(reply.value)
    if (match !== null)
      return { value: { sha: sha(match[1]!), type: match[2]!, size: Number(match[3]) }, used: reply.used }
    // A name with line ends, not all of it here yet; else a word for "no such object" that a newer git may say.
    if (name.includes('\n') && buffer.length < wrong[0]!.length) return { need: wrong[0]!.length }
    return { value: undefined, used: reply.used }
  }
}

function body(name: string): Parse<(ObjectInfo & { content: Buffer }) | undefined> {
  const parseHeader = header(name)
  return (buffer) => {
    const head = parseHeader(buffer)
    if ('need' in head) return head
    if (head.value === undefined) return { value: undefined, used: head.used }
    const end = head.used + head.value.size
    if (buffer.length < end + 1) return { need: end + 1 }
    // A copy: the buffer is a slice of what the pipe gave and must not be kept alive by a small blob.
    return { value: { ...head.value, content: Buffer.from(buffer.subarray(head.used, end)) }, used: end + 1 }
  }
}
