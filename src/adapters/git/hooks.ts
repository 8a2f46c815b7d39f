import { access, constants, copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import type { Repository } from '../../core/ports.ts'
import type { ProcessEnd, ProcessSpec } from '../process/run-process.ts'
import { RUN_VARIABLE } from '../process/sweep.ts'
import type { GitConfig } from './config.ts'
import { hookEnv, type Env } from './environment.ts'
import { Git } from './git.ts'
import { GitError } from './git-error.ts'
import type { GitWorktree } from './workspace.ts'

type HookResult = Awaited<ReturnType<Repository['runHook']>>

/** A hook that tests the whole project takes minutes; one that waits for an answer never ends. */
const HOOK_MS = 15 * 60_000
const TAIL = 16_000

/** Starts a process where it can do no harm, with these directories to write to; undefined where nothing holds it. */
export type Hold = (spec: ProcessSpec, write: readonly string[]) => Promise<ProcessEnd | undefined>

/** Runs the project's own hooks as `git commit` would: in the worktree, with what is to be committed staged. */
export class Hooks {
  readonly #root: string
  readonly #commonDir: string
  readonly #env: Env
  readonly #config: () => Promise<GitConfig>
  readonly #git: Git
  #folder: Promise<string> | undefined
  #hold: Hold | undefined

  constructor(parts: {
    git: Git
    root: string
    commonDir: string
    env: Env
    config: () => Promise<GitConfig>
  }) {
    this.#git = parts.git
    this.#root = parts.root
    this.#commonDir = parts.commonDir
    this.#env = parts.env
    this.#config = parts.config
  }

  /** What hooks are to run in from now on: an agent may have written them. */
  holdIn(hold: Hold): void {
    this.#hold = hold
  }

  async run(name: 'pre-commit' | 'commit-msg', worktree: GitWorktree, message?: string): Promise<HookResult> {
    this.#folder ??= this.#findFolder()
    const folder = await this.#folderFor(worktree, await this.#folder, name)
    if (folder === undefined) return { ok: true, ran: false }
    if (name === 'pre-commit') {
      await worktree.stage()
      return this.#call(worktree, folder, name)
    }
    const temporary = await mkdtemp(join(worktree.gitDir, 'orchestrate-message-'))
    try {
      const path = join(temporary, 'COMMIT_EDITMSG')
      await writeFile(path, `${(message ?? '').trimEnd()}\n`)
      const result = await this.#call(worktree, folder, name, path)
      return result.ok ? { ok: true, ran: true, message: (await readFile(path, 'utf8')).trimEnd() } : result
    } finally {
      await rm(temporary, { recursive: true, force: true })
    }
  }

  /**
   * Where this hook is. A relative core.hooksPath counts from the directory that the hook runs in; husky leaves what it generates there
   * out of git, and cannot make it anew from a cage: then the checkout's is taken, which its owner has set up.
   */
  async #folderFor(worktree: GitWorktree, folder: string, name: string): Promise<string | undefined> {
    const places = [
      resolve(worktree.path, folder),
      ...(isAbsolute(folder) ? [] : [resolve(this.#root, folder)]),
    ]
    for (const place of places) {
      const runnable = await access(join(place, name), constants.X_OK).then(
        () => true,
        () => false,
      )
      if (runnable) return place
    }
    return undefined
  }

  async #call(
    worktree: GitWorktree,
    folder: string,
    name: string,
    messageFile?: string,
  ): Promise<HookResult> {
    const held = await this.#held(worktree, folder, name, messageFile)
    if (held !== undefined) return held
    const git = new Git(worktree.path, hookEnv(this.#env))
    try {
      const result = await git.run(hookRun(name, messageFile), {
        env: this.#place(worktree),
        prefix: ['-c', 'core.fsmonitor=false', '-c', `core.hooksPath=${folder}`],
        codes: Array.from({ length: 256 }, (_, code) => code),
        timeoutMs: HOOK_MS,
      })
      if (result.code === 0) return { ok: true, ran: true }
      // `git hook run` sends what the hook prints to stderr.
      return red(result.code, `${result.stdout.toString('utf8')}${result.stderr}`)
    } catch (error) {
      if (error instanceof GitError && error.kind !== 'not-found') return { ok: false, output: error.message }
      throw error
    }
  }

  /**
   * Told where its directory is: the worktree's `.git` file may have been bent by an agent. And for which run it works, so that
   * one that outlives us is found and ended by whoever resumes.
   */
  #place(worktree: GitWorktree): Record<string, string> {
    return {
      GIT_DIR: worktree.gitDir,
      GIT_WORK_TREE: worktree.path,
      [RUN_VARIABLE]: basename(dirname(worktree.path)),
    }
  }

  /** In a cage nothing of git's can be written to: what a hook stages goes to a copy of the index, and is taken over from there. */
  async #held(
    worktree: GitWorktree,
    folder: string,
    name: string,
    messageFile: string | undefined,
  ): Promise<HookResult | undefined> {
    if (this.#hold === undefined) return undefined
    const temporary = await mkdtemp(join(tmpdir(), 'orchestrate-hook-'))
    const at = (file: string): string => join(temporary, file)
    const index = join(worktree.gitDir, 'index')
    try {
      await mkdir(at('objects'))
      await copyFile(index, at('index'))
      if (messageFile !== undefined) await copyFile(messageFile, at('COMMIT_EDITMSG'))
      const end = await this.#hold(
        {
          file: 'git',
          args: [
            ...['-c', 'core.fsmonitor=false', '-c', `core.hooksPath=${folder}`],
            ...hookRun(name, messageFile === undefined ? undefined : at('COMMIT_EDITMSG')),
          ],
          cwd: worktree.path,
          env: {
            ...plain(hookEnv(this.#env)),
            ...this.#place(worktree),
            GIT_INDEX_FILE: at('index'),
            GIT_OBJECT_DIRECTORY: at('objects'),
            GIT_ALTERNATE_OBJECT_DIRECTORIES: join(this.#commonDir, 'objects'),
            TMPDIR: temporary,
          },
          limits: { wallMs: HOOK_MS },
          signal: new AbortController().signal,
          tailBytes: TAIL,
        },
        [worktree.path, temporary],
      )
      if (end === undefined) return undefined
      if (end.outcome.kind !== 'exit')
        return {
          ok: false,
          output: `The hook ended by ${'message' in end.outcome ? end.outcome.message : end.outcome.kind}.\n${end.tail}`,
        }
      if (end.outcome.code !== 0) return red(end.outcome.code, end.tail)
      // Loose objects alone, and none that is there: git checks each against its name when it reads it.
      await cp(at('objects'), join(this.#commonDir, 'objects'), {
        ...{ recursive: true, force: false },
        filter: (from) => from === at('objects') || LOOSE.test(from.slice(at('objects').length)),
      })
      await copyFile(at('index'), index)
      if (messageFile !== undefined) await copyFile(at('COMMIT_EDITMSG'), messageFile)
      return { ok: true, ran: true }
    } finally {
      await rm(temporary, { recursive: true, force: true, maxRetries: 3 })
    }
  }

  async #findFolder(): Promise<string> {
    const configured = (await this.#config()).get('core.hookspath')
    if (configured === undefined) return join(this.#commonDir, 'hooks')
    // Git knows what "~" and "%(prefix)" stand for.
    return this.#git.text(['config', '--type=path', '--get', 'core.hooksPath'], { prefix: [] })
  }
}

const LOOSE = /^\/[0-9a-f]{2}(\/[0-9a-f]+)?$/

const hookRun = (name: string, messageFile: string | undefined): string[] => [
  ...['hook', 'run', name],
  ...(messageFile === undefined ? [] : ['--', messageFile]),
]

const red = (code: number, output: string): HookResult => {
  const said = output.trim().slice(-TAIL)
  return { ok: false, output: said === '' ? `The hook ended with code ${code}.` : said }
}

const plain = (env: Env): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
