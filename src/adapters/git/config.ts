import { CONFIG, type Said } from './first-look.ts'
import type { Git } from './git.ts'
import type { Identity } from './commit-object.ts'

/** The settings of git that we look at: one `git config --list`, last value wins. */
export class GitConfig {
  readonly #values: ReadonlyMap<string, string>

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values
  }

  /** `asked`: the same question, where it was put before. */
  static async read(git: Git, asked?: Said): Promise<GitConfig> {
    const values = new Map<string, string>()
    const known = await asked
    const output = known?.code === 0 ? known.output : await git.text(CONFIG, { prefix: [] })
    for (const entry of output.split('\0')) {
      const end = entry.indexOf('\n')
      if (entry !== '')
        values.set(end < 0 ? entry : entry.slice(0, end), end < 0 ? 'true' : entry.slice(end + 1))
    }
    return new GitConfig(values)
  }

  /** `key` as git prints it: section and name in lower case, the middle as written. */
  get(key: string): string | undefined {
    return this.#values.get(key)
  }

  entries(): IterableIterator<[string, string]> {
    return this.#values.entries()
  }

  /** Who commits here; undefined where name or address is not configured. */
  author(): Identity | undefined {
    const name = this.get('user.name')
    const email = this.get('user.email')
    return name && email ? { name, email } : undefined
  }

  /** Whether any remote is configured. */
  hasRemotes(): boolean {
    return [...this.#values.keys()].some((key) => /^remote\..+\.url$/.test(key))
  }

  /** The remote that the branch follows, else `origin`, else none. */
  remote(branch: string | undefined): string | undefined {
    const upstream = branch === undefined ? undefined : this.get(`branch.${branch}.remote`)
    // "." is a branch that follows another one here.
    if (upstream !== undefined && upstream !== '.' && this.get(`remote.${upstream}.url`) !== undefined)
      return upstream
    return this.get('remote.origin.url') === undefined ? undefined : 'origin'
  }
}
