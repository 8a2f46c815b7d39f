import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { sha, type Sha } from '../../core/model/ids.ts'
import { Coprocess, type Parse } from './coprocess.ts'
import type { Git } from './git.ts'
import { codeOf, GitError } from './git-error.ts'
import type { ObjectStore } from './object-store.ts'

export interface RefUpdate {
  ref: string
  /** Undefined: the ref must not exist. */
  from: Sha | undefined
  /** Undefined: the ref is deleted. */
  to: Sha | undefined
}

/** Another process holds a ref's lock for microseconds; git itself waits 100 ms, so five tries are a second at least. */
const LOCK_TRIES = 5

/** Refs: listed, resolved, and changed all together or not at all. */
export class RefStore {
  readonly #git: Git
  readonly #objects: ObjectStore
  readonly #process: Coprocess
  #last: Promise<unknown> = Promise.resolve()

  readonly #commonDir: string

  constructor(git: Git, objects: ObjectStore, commonDir: string) {
    this.#git = git
    this.#objects = objects
    this.#commonDir = commonDir
    this.#process = new Coprocess(['update-ref', '--stdin'], git.cwd, git.env)
  }

  /** What a full ref name points at, undefined where there is none. */
  async get(ref: string): Promise<Sha | undefined> {
    return (await this.#objects.info(ref))?.sha
  }

  async list(prefix: string): Promise<{ ref: string; sha: Sha }[]> {
    // for-each-ref takes whole segments only; the rest of the prefix is compared here.
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    if (await hasNone(this.#commonDir, folder)) return []
    const text = await this.#git.text([
      'for-each-ref',
      '--format=%(objectname) %(refname)',
      ...(folder === '' ? [] : [folder]),
    ])
    return text
      .split('\n')
      .filter((each) => each !== '')
      .map((each) => ({ sha: sha(each.slice(0, each.indexOf(' '))), ref: each.slice(each.indexOf(' ') + 1) }))
      .filter((each) => each.ref.startsWith(prefix))
  }

  /**
   * All or none. False where a ref is not at `from`. Throws GitError `ref-conflict` where a name cannot be (its folder is
   * a ref, or it is the folder of one): trying again would not help.
   */
  update(updates: readonly RefUpdate[]): Promise<boolean> {
    // One transaction at a time: a failed one ends the process, and others in its pipe with it.
    const turn = this.#last.then(() => this.#update(updates))
    this.#last = turn.catch(() => {})
    return turn
  }

  /** Makes `ref` itself (also one that points at another ref) point at `to`, whatever it was: for a worktree's HEAD. */
  detach(ref: string, to: Sha): Promise<void> {
    const turn = this.#last.then(() =>
      this.#process.request(`start\noption no-deref\nupdate ${ref} ${to}\nprepare\ncommit\n`, committed),
    )
    this.#last = turn.catch(() => {})
    return turn
  }

  close(): Promise<void> {
    return this.#process.close()
  }

  async #update(updates: readonly RefUpdate[]): Promise<boolean> {
    if (updates.length === 0) return true
    const text = updates.map(command).join('')
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#process.request(`start\n${text}prepare\ncommit\n`, committed)
        return true
      } catch (error) {
        if (!(error instanceof GitError)) throw error
        // Which words git uses for "it has moved" differs by version; where the refs stand does not.
        for (const update of updates) {
          if ((await this.get(update.ref)) !== update.from) return false
        }
        if (error.kind !== 'locked' || attempt === LOCK_TRIES) throw error
        await wait(20 * attempt)
      }
    }
  }
}

/**
 * Whether there certainly is no ref below `folder`, by gitrepository-layout(5): neither a file of its own nor a line in
 * `packed-refs`. Spares most repositories a process at every start. Refs in a table are git's own to read.
 */
async function hasNone(commonDir: string, folder: string): Promise<boolean> {
  if (!folder.startsWith('refs/') || existsSync(join(commonDir, 'reftable'))) return false
  if (existsSync(join(commonDir, folder))) return false
  const packed = await readFile(join(commonDir, 'packed-refs'), 'latin1').catch((error: unknown) =>
    codeOf(error) === 'ENOENT' ? '' : undefined,
  )
  return packed !== undefined && !packed.includes(` ${folder}`)
}

function command({ ref, from, to }: RefUpdate): string {
  if (/[\s\0]/.test(ref)) throw new Error(`not a ref: ${JSON.stringify(ref)}`)
  if (from === undefined) return to === undefined ? verifyAbsent(ref) : `create ${ref} ${to}\n`
  return to === undefined ? `delete ${ref} ${from}\n` : `update ${ref} ${to} ${from}\n`
}

/** `verify` without a value: the ref must not exist. */
const verifyAbsent = (ref: string): string => `verify ${ref}\n`

const committed: Parse<void> = (buffer) => {
  const end = buffer.indexOf('commit: ok\n')
  return end < 0 ? { need: 0 } : { value: undefined, used: end + 'commit: ok\n'.length }
}
