import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, realpath, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Sha } from '../../core/model/ids.ts'
import type { Workspace, Workspaces } from '../../core/ports.ts'
import { asGitError } from './git-error.ts'
import { heldFilters } from './held-filters.ts'
import { GitWorktree, type WorkspaceParts } from './workspace.ts'
import { isPlain, linkWorktree } from './worktree-link.ts'

/** Written into git's folder of a worktree once it is filled: without it nobody but us has been in there. */
const READY = 'orchestrate-ready'

/** An agent that works longer than this leaves us time; one that answers at once is followed by what waits for it. Milliseconds. */
const SOON_MS = 250

/**
 * Worktrees `<run>/<name>` below one folder. Names are ref-safe, so they are file names too. One that was made below another
 * folder (the environment was another then) is found again: git knows where each lies, and our marker says that it is ours.
 */
export class GitWorktrees implements Workspaces {
  /** Asked only when a worktree is made: nothing else needs the folder to be there. */
  readonly #root: () => Promise<string>
  readonly #commonDir: string
  readonly #parts: WorkspaceParts
  readonly #open = new Map<string, GitWorktree>()
  /** Those whose files are being written. */
  readonly #filling = new Map<string, Promise<void>>()
  /** Those that go soon, by path. */
  readonly #leaving = new Map<string, () => Promise<unknown>>()
  #soon: NodeJS.Timeout | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(root: () => Promise<string>, commonDir: string, parts: WorkspaceParts) {
    this.#root = root
    this.#commonDir = commonDir
    this.#parts = parts
  }

  async open(run: string, name: string, commit: Sha): Promise<GitWorktree> {
    for (const [path, remove] of this.#leaving) if (isNamed(path, run, name)) await remove()
    // A folder's name is picked by looking what is free. Files are written side by side.
    const worktree = await this.#inTurn(() => this.#openNow(run, name, commit))
    await this.#filling.get(worktree.path)
    return worktree
  }

  async remove(workspace: Workspace, recorded?: Sha): Promise<boolean> {
    const worktree = this.of(workspace)
    if (!(await worktree.isSaved(recorded))) return false
    this.#open.delete(worktree.path)
    await this.#delete(worktree.path, worktree.gitDir)
    // In turn: a folder must not go while another worktree is being made in it.
    const run = dirname(worktree.path)
    await this.#inTurn(() => rmdir(run).then(() => rmdir(dirname(run)))).catch(() => {})
    return true
  }

  removeSoon(workspace: Workspace, recorded?: Sha): void {
    const { path } = this.of(workspace)
    let going: Promise<unknown> | undefined
    // One that cannot go is found and offered when the next run starts.
    const remove = () =>
      (going ??= this.remove(workspace, recorded)
        .catch(() => false)
        .finally(() => this.#leaving.delete(path)))
    this.#leaving.set(path, remove)
    this.#soon ??= setTimeout(() => void this.settle(), SOON_MS).unref()
  }

  async settle(): Promise<void> {
    clearTimeout(this.#soon)
    this.#soon = undefined
    await Promise.all([...this.#leaving.values()].map((remove) => remove()))
  }

  async list(run?: string): Promise<{ run: string; name: string; path: string }[]> {
    const found: { run: string; name: string; path: string }[] = []
    for (const gitDir of await this.#gitDirs()) {
      const path = await pathOf(gitDir)
      if (path === undefined || !existsSync(path) || !existsSync(join(gitDir, READY))) continue
      if (this.#leaving.has(path)) continue
      const worktree = { run: basename(dirname(path)), name: basename(path), path }
      if (run === undefined || run === worktree.run) found.push(worktree)
    }
    return found.sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  /** The worktree behind a workspace that this object opened. */
  of(workspace: Workspace): GitWorktree {
    const worktree = this.#open.get(workspace.path)
    if (worktree === undefined) throw new Error(`not an open workspace: ${workspace.path}`)
    return worktree
  }

  async #openNow(run: string, name: string, commit: Sha): Promise<GitWorktree> {
    try {
      const path = await this.#pathFor(run, name)
      const known = this.#open.get(path)
      const there = known !== undefined && existsSync(path) ? known : await this.#reopen(path)
      // One that is there stays as it was left: a person may have worked in it, and `reset` saves before it changes.
      if (there !== undefined) there.fresh = false
      const worktree = there ?? (await this.#create(path, commit))
      this.#open.set(path, worktree)
      return worktree
    } catch (error) {
      throw asGitError(error, 'worktree')
    }
  }

  /** Where it lies already, else where it is made. */
  async #pathFor(run: string, name: string): Promise<string> {
    const there = (await this.list(run)).find((worktree) => worktree.name === name)
    if (there !== undefined) return there.path
    const folder = join(await this.#root(), run)
    await mkdir(folder, { recursive: true })
    return join(await realpath(folder), name)
  }

  /** One that is there and was complete; what is half there goes, what we did not make is moved aside. */
  async #reopen(path: string): Promise<GitWorktree | undefined> {
    const gitDir = await this.#gitDirOf(path)
    if (gitDir === undefined) {
      if (existsSync(path)) await moveAside(path)
      return undefined
    }
    if (!existsSync(join(gitDir, READY)) || !existsSync(path)) {
      await this.#delete(path, gitDir)
      return undefined
    }
    // Whoever removed or bent the worktree's own pointer: agents and hooks need it right.
    await rm(join(path, '.git'), { recursive: true, force: true })
    await writeFile(join(path, '.git'), `gitdir: ${gitDir}\n`)
    return await this.#worktree(path, gitDir)
  }

  async #create(path: string, commit: Sha): Promise<GitWorktree> {
    const gitDir = isPlain(this.#commonDir)
      ? await linkWorktree(this.#commonDir, path, commit)
      : await this.#add(path, commit)
    const worktree = await this.#worktree(path, gitDir, true)
    const filled = this.#fill(worktree, commit)
    // Whoever opens it waits for it and gets the error.
    filled.catch(() => {})
    this.#filling.set(path, filled)
    return worktree
  }

  async #worktree(path: string, gitDir: string, fresh = false): Promise<GitWorktree> {
    return new GitWorktree(path, gitDir, this.#parts, heldFilters(await this.#parts.config()), fresh)
  }

  async #add(path: string, commit: Sha): Promise<string> {
    await this.#parts.git.run(['worktree', 'add', '--quiet', '--detach', '--no-checkout', path, commit])
    const gitDir = await this.#gitDirOf(path)
    if (gitDir === undefined) throw new Error(`git made no folder for the worktree ${path}`)
    return gitDir
  }

  async #fill(worktree: GitWorktree, commit: Sha): Promise<void> {
    try {
      await worktree.fill(commit)
      await writeFile(join(worktree.gitDir, READY), '')
    } catch (error) {
      // The next one to open it finds it half there and begins again.
      this.#open.delete(worktree.path)
      throw asGitError(error, 'worktree')
    } finally {
      this.#filling.delete(worktree.path)
    }
  }

  async #delete(path: string, gitDir: string): Promise<void> {
    // The marker first: killed in the middle, the rest is what a half-made worktree looks like.
    await rm(join(gitDir, READY), { force: true })
    // Node takes 0.1 ms of our one thread for each file. What git refuses (an agent bent its pointer back) is left to Node.
    await this.#parts.git.run(['worktree', 'remove', '--force', '--force', path], { codes: [0, 1, 128, 255] })
    await rm(path, { recursive: true, force: true, maxRetries: 3 })
    await rm(gitDir, { recursive: true, force: true })
  }

  /** One after the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    return turn
  }

  async #gitDirs(): Promise<string[]> {
    const folder = join(this.#commonDir, 'worktrees')
    return (await readdir(folder).catch(() => [])).map((name) => join(folder, name))
  }

  async #gitDirOf(path: string): Promise<string | undefined> {
    for (const gitDir of await this.#gitDirs()) if ((await pathOf(gitDir)) === path) return gitDir
    return undefined
  }
}

const isNamed = (path: string, run: string, name: string): boolean =>
  basename(path) === name && basename(dirname(path)) === run

/** Where a worktree lies, from git's folder for it (gitrepository-layout(5): `worktrees/<id>/gitdir`). */
async function pathOf(gitDir: string): Promise<string | undefined> {
  const text = await readFile(join(gitDir, 'gitdir'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : dirname(resolve(gitDir, text.trim()))
}

/** Out of the way, and kept: we do not know who made it. An empty folder just goes. */
async function moveAside(path: string): Promise<void> {
  const gone = await rmdir(path).then(
    () => true,
    () => false,
  )
  if (gone) return
  for (let n = 1; ; n++) {
    const aside = `${path}.aside-${n}`
    if (existsSync(aside)) continue
    await rename(path, aside)
    return
  }
}
