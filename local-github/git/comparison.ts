/** Two commits compared as a pull request compares them: from their merge base. Kept, since commits never change. */
import { diffFiles, EMPTY_TREE, type FileChange } from './diff.ts'
import type { GitRepository } from './repository.ts'

export interface Comparison {
  mergeBase: string | undefined
  files: FileChange[]
  /** Commits of the head that the base does not have, oldest first. */
  commits: string[]
  behindBy: number
}

export interface Mergeability {
  /** The tree of the merge; undefined where both conflict. */
  tree: string | undefined
}

const MAX_KEPT = 200

/** One value per pair of commits, the oldest forgotten first. */
class Kept<T> {
  readonly #values = new Map<string, Promise<T>>()

  get(key: string, make: () => Promise<T>): Promise<T> {
    const found = this.#values.get(key)
    if (found) return found
    const made = make()
    this.#values.set(key, made)
    // What failed is tried again by whoever asks next.
    made.catch(() => this.#values.delete(key))
    const oldest = this.#values.keys().next()
    if (this.#values.size > MAX_KEPT && !oldest.done) this.#values.delete(oldest.value)
    return made
  }
}

export class Comparisons {
  readonly #git: GitRepository
  readonly #compared = new Kept<Comparison>()
  readonly #merges = new Kept<Mergeability>()

  constructor(git: GitRepository) {
    this.#git = git
  }

  compare(base: string, head: string): Promise<Comparison> {
    return this.#compared.get(`${base}...${head}`, async () => {
      const git = this.#git
      const [mergeBase, commits, behind] = await Promise.all([
        git.mergeBase(base, head),
        git.revList(['--reverse', '--topo-order', head, `^${base}`]),
        git.revList([base, `^${head}`]),
      ])
      const files = await diffFiles(git, mergeBase ?? EMPTY_TREE, head)
      return { mergeBase, files, commits, behindBy: behind.length }
    })
  }

  merge(base: string, head: string): Promise<Mergeability> {
    return this.#merges.get(`${base}...${head}`, async () => ({
      tree: await this.#git.mergeTree(base, head),
    }))
  }
}
