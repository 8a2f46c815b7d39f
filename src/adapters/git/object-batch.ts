import { createHash } from 'node:crypto'
import { sha, type Sha } from '../../core/model/ids.ts'
import { GitError } from './git-error.ts'
import { applyEdits, editNodes, type Edit, type Tree, type TreeEntry, type TreeStore } from './tree.ts'

export type ObjectFormat = 'sha1' | 'sha256'

/** What a batch needs of the store: git's processes, which answer with the id of what they wrote. */
interface Writers {
  format: ObjectFormat
  readTree(tree: Sha): Promise<Tree>
  blob(content: Buffer): Promise<Sha>
  tree(entries: Tree): Promise<Sha>
  commit(content: Buffer): Promise<Sha>
  /** Told once all of it stands. */
  known(trees: ReadonlyMap<Sha, Tree>, commits: ReadonlyMap<Sha, Sha>): void
}

/**
 * Objects that hang together, written side by side: an object's id follows from its bytes, so none waits for git's word about
 * another. Until `written` nothing may be told of them: no ref, and no process that would read them.
 */
export class ObjectBatch implements TreeStore {
  readonly #writers: Writers
  readonly #trees = new Map<Sha, Tree>()
  readonly #commits = new Map<Sha, Sha>()
  readonly #writing: Promise<void>[] = []

  constructor(writers: Writers) {
    this.#writers = writers
  }

  blob(text: string): Sha {
    const content = Buffer.from(text)
    return this.#write('blob', content, () => this.#writers.blob(content))
  }

  async readTree(tree: Sha): Promise<Tree> {
    return this.#trees.get(tree) ?? (await this.#writers.readTree(tree))
  }

  async writeTree(entries: Tree): Promise<Sha> {
    const id = this.#write('tree', treeContent(entries), () => this.#writers.tree(entries))
    this.#trees.set(id, entries)
    return id
  }

  /** A tree like `tree` with these edits; a tree without entries where nothing is left. */
  async editTree(tree: Sha | undefined, edits: ReadonlyMap<string, Edit>): Promise<Sha> {
    return (await applyEdits(this, tree, editNodes(edits))) ?? (await this.writeTree(new Map()))
  }

  /** A commit object as it stands. */
  commit(text: string, tree: Sha): Sha {
    const content = Buffer.from(text)
    const id = this.#write('commit', content, () => this.#writers.commit(content))
    this.#commits.set(id, tree)
    return id
  }

  /** Resolves when every object stands in the repository. */
  async written(): Promise<void> {
    await Promise.all(this.#writing)
    this.#writers.known(this.#trees, this.#commits)
  }

  #write(type: string, content: Buffer, write: () => Promise<Sha>): Sha {
    const id = idOf(this.#writers.format, type, content)
    const writing = write().then((told) => {
      if (told !== id)
        throw new GitError('failed', 'hash-object', `git calls a ${type} ${told} that is ${id}`)
    })
    // Whoever waits for the batch gets it.
    writing.catch(() => undefined)
    this.#writing.push(writing)
    return id
  }
}

/** gitformat-pack(5), git-hash-object(1): the hash of `<type> <size>\0` and the content. */
const idOf = (format: ObjectFormat, type: string, content: Buffer): Sha =>
  sha(createHash(format).update(`${type} ${content.length}\0`).update(content).digest('hex'))

/** A tree object's bytes: `<mode> <name>\0<id>` by name, where a folder's counts as if "/" stood behind it. */
function treeContent(entries: Tree): Buffer {
  const sorted = [...entries.values()]
    .map((entry) => ({ ...entry, mode: entry.mode.replace(/^0+/, '') }))
    .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
  return Buffer.concat(
    sorted.flatMap(({ mode, name, sha: id }) => [
      Buffer.from(`${mode} ${name}\0`, 'latin1'),
      Buffer.from(id, 'hex'),
    ]),
  )
}

const orderOf = ({ mode, name }: TreeEntry): string => (mode === '40000' ? `${name}/` : name)
