import { failure } from '../../core/model/failure.ts'
import { sha, type Sha } from '../../core/model/ids.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import type { LedgerEntry, LedgerStore } from '../../core/ports.ts'
import { commitObject, parseCommit, type ParsedCommit } from './commit-object.ts'
import type { Git } from './git.ts'
import { eventOfMessage } from './ledger-message.ts'
import type { ObjectBatch } from './object-batch.ts'
import type { ObjectStore } from './object-store.ts'
import type { RefStore } from './refs.ts'
import type { Edit } from './tree.ts'

const RUN_REF = /^refs\/orchestrate\/([^/]+)\/run$/

/**
 * Chains of commits. A commit's message is its subject, an empty line and the event as JSON in one line; its tree holds the
 * files of all entries so far, a later one of the same name in place of the earlier.
 */
export class GitLedgerStore implements LedgerStore {
  readonly #git: Git
  readonly #objects: ObjectStore
  readonly #refs: RefStore
  /** Commits of chains that were read or written here: a chain only grows, so each is parsed once. */
  readonly #known = new Map<Sha, { parent: Sha | undefined; event: unknown }>()

  constructor(git: Git, objects: ObjectStore, refs: RefStore) {
    this.#git = git
    this.#objects = objects
    this.#refs = refs
  }

  async read(ref: string): Promise<Result<{ head: Sha | undefined; entries: LedgerEntry[] }>> {
    const head = await this.#refs.get(ref)
    const entries: LedgerEntry[] = []
    for (let at = head; at !== undefined;) {
      if (!this.#known.has(at)) await this.#load(at)
      const entry = this.#known.get(at)
      if (entry === undefined)
        return err([
          failure(
            'ledger-unreadable',
            `Commit ${at} of ${ref} is no entry of a ledger: its message does not end in one line of JSON.`,
            'Somebody wrote to this ref by hand, or objects are missing. Fetch the ref again, or move it back to the last good commit.',
          ),
        ])
      entries.push({ commit: at, event: entry.event })
      at = entry.parent
    }
    return ok({ head, entries: entries.reverse() })
  }

  async append(
    input: Parameters<LedgerStore['append']>[0],
  ): Promise<{ ok: true; head: Sha } | { ok: false }> {
    const parent = input.expected ?? input.parent
    const batch = this.#objects.batch()
    const edits = editsOf(batch, input.files ?? new Map())
    const before = parent === undefined ? undefined : await this.#objects.treeOf(parent)
    const tree = before !== undefined && edits.size === 0 ? before : await batch.editTree(before, edits)
    const json = JSON.stringify(input.event)
    const head = batch.commit(
      commitObject({
        tree,
        parents: parent === undefined ? [] : [parent],
        message: `${input.subject.replace(/\s+/g, ' ').trim()}\n\n${json}`,
        at: input.at,
      }),
      tree,
    )
    await batch.written()
    if (!(await this.#refs.update([{ ref: input.ref, from: input.expected, to: head }]))) return { ok: false }
    // As a reader would get it: what JSON cannot keep is gone.
    this.#known.set(head, { parent, event: JSON.parse(json) })
    return { ok: true, head }
  }

  async file(commit: Sha, path: string): Promise<string | undefined> {
    const found = await this.#objects.contents(`${commit}:${path}`)
    return found?.type === 'blob' ? found.content.toString('utf8') : undefined
  }

  async runs(): Promise<string[]> {
    const refs = await this.#refs.list('refs/orchestrate/')
    return refs.flatMap(({ ref }) => RUN_REF.exec(ref)?.[1] ?? [])
  }

  /** Reads `head` and its ancestors by first parent, down to what is known. Stops at what is no entry. */
  async #load(head: Sha): Promise<void> {
    const first = await this.#commit(head)
    if (first === undefined) return
    const parent = first.parents[0]
    if (!this.#keep(head, first) || parent === undefined || this.#known.has(sha(parent))) return
    // Further back it is one process for the list and one pass over the commits.
    const listed = await this.#git.run(['rev-list', '--first-parent', parent], { codes: [0, 128] })
    const commits = listed.stdout
      .toString('latin1')
      .split('\n')
      .filter((each) => each !== '')
      .map(sha)
      .filter((each) => !this.#known.has(each))
    const parsed = await Promise.all(commits.map((each) => this.#commit(each)))
    for (const [i, each] of commits.entries()) {
      const commit = parsed[i]
      if (commit === undefined || !this.#keep(each, commit)) return
    }
  }

  async #commit(commit: Sha): Promise<ParsedCommit | undefined> {
    const object = await this.#objects.contents(commit)
    return object?.type === 'commit' ? parseCommit(object.content.toString('utf8')) : undefined
  }

  #keep(commit: Sha, { parents, message }: ParsedCommit): boolean {
    const entry = eventOfMessage(message)
    if (entry === undefined) return false
    const parent = parents[0]
    this.#known.set(commit, { parent: parent === undefined ? undefined : sha(parent), event: entry.event })
    return true
  }
}

const editsOf = (batch: ObjectBatch, files: ReadonlyMap<string, string | { tree: Sha }>): Map<string, Edit> =>
  new Map(
    [...files].map(([path, value]): [string, Edit] =>
      typeof value === 'string'
        ? [path, { kind: 'blob', sha: batch.blob(value) }]
        : [path, { kind: 'tree', sha: value.tree }],
    ),
  )
