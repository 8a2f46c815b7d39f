import { constants } from 'node:fs'
import { copyFile, lstat, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { sha, type Sha } from '../../core/model/ids.ts'
import { MOST_RECORDED, TooMuch } from '../../core/model/too-much.ts'
import type { Clock, Workspace } from '../../core/ports.ts'
import type { GitConfig } from './config.ts'
import { commitObject } from './commit-object.ts'
import type { Git } from './git.ts'
import { asGitError } from './git-error.ts'
import { nestedPaths } from './nested.ts'
import type { ObjectStore } from './object-store.ts'
import type { RefStore } from './refs.ts'
import { clearStaleLock } from './stale-lock.ts'
import { parseStatus, STATUS_FLAGS } from './status.ts'

export interface WorkspaceParts {
  git: Git
  objects: ObjectStore
  refs: RefStore
  clock: Clock
  config: () => Promise<GitConfig>
}

/** What an agent's own git commands may have left half-way. */
const LEFTOVERS = [
  'MERGE_HEAD',
  'MERGE_MSG',
  'MERGE_MODE',
  'CHERRY_PICK_HEAD',
  'REVERT_HEAD',
  'rebase-merge',
  'rebase-apply',
  'sequencer',
]

/**
 * A worktree of ours. It has two indexes: the worktree's own, which agents and hooks see and may change, and a private
 * one that always holds what the last snapshot found. Against the private one `git status` names exactly what changed
 * since, ignored files never get in, and nothing an agent does with `git add` or `git commit` confuses us.
 *
 * Git is told where its directory is and never reads the worktree's `.git` file: an agent could point that at a
 * configuration of its own and have our git run its programs.
 */
export class GitWorktree implements Workspace {
  readonly path: string
  /** `<common dir>/worktrees/<id>`. */
  readonly gitDir: string
  /** Until it is opened again. */
  fresh: boolean
  readonly #parts: WorkspaceParts
  readonly #env: Readonly<Record<string, string>>
  readonly #privateIndex: string
  /** The tree that the private index holds; undefined until it was asked for. */
  #tree: Sha | undefined
  /** A commit that HEAD was set to by us. */
  #ownHead: Sha | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** `settings`: configuration by environment, for git commands that touch its files. */
  constructor(
    path: string,
    gitDir: string,
    parts: WorkspaceParts,
    settings: Readonly<Record<string, string>>,
    fresh = false,
  ) {
    this.path = path
    this.fresh = fresh
    this.gitDir = gitDir
    this.#parts = parts
    this.#privateIndex = join(gitDir, 'orchestrate-index')
    this.#env = { ...settings, GIT_DIR: gitDir, GIT_WORK_TREE: path, GIT_INDEX_FILE: this.#privateIndex }
  }

  snapshot(): Promise<Sha> {
    return this.#inTurn(() => this.#snapshot())
  }

  reset(commit: Sha, saveAs: string, recorded?: Sha): Promise<Sha | undefined> {
    return this.#inTurn(async () => {
      const saved = await this.#save(commit, saveAs, recorded).catch((error: unknown) => this.#drop(error))
      await this.#fill(commit)
      return saved
    })
  }

  checkoutTree(tree: Sha): Promise<void> {
    return this.#inTurn(async () => {
      if ((await this.#snapshot()) === tree) return
      await this.#readTree(tree, tree)
    })
  }

  moveHead(commit: Sha): Promise<void> {
    return this.#inTurn(async () => {
      const { objects } = this.#parts
      const same = (await this.#indexTree()) === (await objects.treeOf(commit))
      await this.#setHead(commit)
      await this.#publishIndex()
      // From the private index, so that what git knows of unchanged files stays known and they are not read again.
      const env = { ...this.#env, GIT_INDEX_FILE: join(this.gitDir, 'index') }
      if (!same) await this.#parts.git.text(['read-tree', '--reset', commit], { cwd: this.path, env })
    })
  }

  /** Fills a worktree that was just added at `commit` and holds nothing yet. */
  fill(commit: Sha): Promise<void> {
    return this.#inTurn(async () => {
      await this.#readTree(commit, await this.#parts.objects.treeOf(commit))
      this.#ownHead = commit
      await this.#publishIndex()
    })
  }

  /** Makes the worktree's own index hold what `snapshot` finds, for a hook that looks at what is staged. */
  stage(): Promise<Sha> {
    return this.#inTurn(async () => {
      const tree = await this.#snapshot()
      await this.#publishIndex()
      return tree
    })
  }

  /** True where everything here is in a commit that some ref keeps, or is the tree that is recorded otherwise. */
  isSaved(recorded?: Sha): Promise<boolean> {
    return this.#inTurn(async () => {
      try {
        return (await this.#unsaved(undefined, recorded)) === undefined
      } catch (error) {
        if (error instanceof TooMuch) return false
        throw error
      }
    })
  }

  async head(): Promise<Sha> {
    const text = (await readFile(join(this.gitDir, 'HEAD'), 'utf8').catch(() => '')).trim()
    if (/^[0-9a-f]{40,64}$/.test(text)) return sha(text)
    return sha(await this.#run(['rev-parse', '--verify', 'HEAD^{commit}']))
  }

  async #snapshot(): Promise<Sha> {
    const before = await this.#indexTree()
    const output = await this.#run([...STATUS_FLAGS, '--untracked-files=all'])
    const { unstaged, untracked } = parseStatus(output)
    const nested = await Promise.all(
      untracked
        .filter((path) => path.endsWith('/'))
        .map((path) => nestedPaths(this.#parts.git, this.#options(), path.slice(0, -1))),
    )
    const paths = [...unstaged, ...untracked.filter((path) => !path.endsWith('/')), ...nested.flat()]
    if (paths.length === 0) return before
    await refuseTooMuch(this.path, paths)
    this.#tree = undefined
    const update = ['update-index', '-z', '--add', '--remove', '--replace', '--stdin']
    const written = await this.#parts.git.text(update, {
      ...this.#options(),
      input: `${paths.join('\0')}\0`,
      then: 'write-tree',
    })
    return (this.#tree = sha(written))
  }

  async #indexTree(): Promise<Sha> {
    if (this.#tree !== undefined) return this.#tree
    const lock = `${this.#privateIndex}.lock`
    await clearStaleLock(lock, this.path, this.#parts.clock)
    const written = await this.#parts.git.run(['write-tree'], { ...this.#options(), codes: [0, 128] })
    if (written.code !== 0) {
      // Gone or garbled: begin with what HEAD holds; the next status compares every file.
      await rm(this.#privateIndex, { force: true })
      await this.#run(['read-tree', 'HEAD'])
      return (this.#tree = await this.#parts.objects.treeOf(await this.head()))
    }
    return (this.#tree = sha(written.stdout.toString('latin1').trim()))
  }

  /** What stands here and is in no commit that is kept: its tree, and the HEAD it came from. */
  async #unsaved(commit: Sha | undefined, recorded?: Sha): Promise<{ tree: Sha; head: Sha } | undefined> {
    const { objects } = this.#parts
    const tree = await this.#snapshot()
    if (commit !== undefined && tree === (await objects.treeOf(commit))) return undefined
    const head = await this.head()
    const same = tree === recorded || tree === (await objects.treeOf(head))
    return same && (await this.#isKept(head)) ? undefined : { tree, head }
  }

  /** An agent may have committed by itself: such commits hang on nothing but this worktree's HEAD. */
  async #isKept(head: Sha): Promise<boolean> {
    if (head === this.#ownHead) return true
    const refs = await this.#parts.git.text(['for-each-ref', '--count=1', `--contains=${head}`])
    return refs !== ''
  }

  async #save(commit: Sha, saveAs: string, recorded?: Sha): Promise<Sha | undefined> {
    const { objects, refs, clock } = this.#parts
    const unsaved = await this.#unsaved(commit, recorded)
    if (unsaved === undefined) return undefined
    const content = commitObject({
      tree: unsaved.tree,
      parents: [unsaved.head],
      message: `Save what was in ${basename(this.path)} and in no commit`,
      at: clock.now() / 1000,
    })
    const saved = await objects.writeCommit(content, unsaved.tree)
    for (let n = 1; ; n++) {
      const ref = n === 1 ? saveAs : `${saveAs}-${n}`
      if (await refs.update([{ ref, from: undefined, to: saved }])) return saved
    }
  }

  /** What is too much to be saved goes, but for what git ignores. */
  async #drop(error: unknown): Promise<undefined> {
    if (!(error instanceof TooMuch)) throw error
    await this.#run(['clean', '-ffdq'])
    this.#tree = undefined
  }

  async #fill(commit: Sha): Promise<void> {
    const tree = await this.#parts.objects.treeOf(commit)
    if (this.#tree !== tree) await this.#readTree(commit, tree)
    await this.#setHead(commit)
    await this.#publishIndex()
    await Promise.all(LEFTOVERS.map((name) => rm(join(this.gitDir, name), { recursive: true, force: true })))
  }

  /** Detached, whatever it was. */
  async #setHead(commit: Sha): Promise<void> {
    await this.#parts.refs.detach(`worktrees/${basename(this.gitDir)}/HEAD`, commit)
    this.#ownHead = commit
  }

  /** Every file that the last snapshot saw and `treeish` lacks goes, every other becomes what it is there. */
  async #readTree(treeish: Sha, tree: Sha): Promise<void> {
    this.#tree = undefined
    await this.#run(['read-tree', '-u', '--reset', treeish])
    this.#tree = tree
  }

  /** Replaces the worktree's own index by the private one, under git's own lock. */
  async #publishIndex(): Promise<void> {
    const index = join(this.gitDir, 'index')
    const lock = `${index}.lock`
    await clearStaleLock(lock, this.path, this.#parts.clock)
    try {
      await copyFile(this.#privateIndex, lock, constants.COPYFILE_EXCL)
      await rename(lock, index)
    } catch (error) {
      throw asGitError(error, 'index')
    }
  }

  #options(): { cwd: string; env: Readonly<Record<string, string>> } {
    return { cwd: this.path, env: this.#env }
  }

  #run(args: readonly string[]): Promise<string> {
    return this.#parts.git.text(args, this.#options())
  }

  /** One after the other: several agents may end at the same moment. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    return turn
  }
}

/** Files that are asked for their size at one time. */
const AT_ONCE = 256

/** What is gone costs nothing. */
async function refuseTooMuch(root: string, paths: readonly string[]): Promise<void> {
  const most = MOST_RECORDED
  let [files, bytes] = [0, 0]
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    const stats = await Promise.all(
      paths.slice(at, at + AT_ONCE).map((path) => lstat(join(root, path)).catch(() => undefined)),
    )
    for (const stat of stats) {
      files += stat === undefined ? 0 : 1
      bytes += stat?.size ?? 0
    }
    if (files <= most.files && bytes <= most.bytes) continue
    const what = files > most.files ? `more than ${most.files} files` : `more than ${most.bytes / 1e6} MB`
    throw new TooMuch(`${what} are new or changed in ${root}, e.g. ${paths[0] ?? ''}`)
  }
}
