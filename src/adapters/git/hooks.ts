import { access, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import type { Repository } from '../../core/ports.ts'
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

/** Runs the project's own hooks as `git commit` would: in the worktree, with what is to be committed staged. */
export class Hooks {
  readonly #commonDir: string
  readonly #env: Env
  readonly #config: () => Promise<GitConfig>
  readonly #git: Git
  #folder: Promise<string> | undefined

  constructor(parts: { git: Git; commonDir: string; env: Env; config: () => Promise<GitConfig> }) {
    this.#git = parts.git
    this.#commonDir = parts.commonDir
    this.#env = parts.env
    this.#config = parts.config
  }

  async run(name: 'pre-commit' | 'commit-msg', worktree: GitWorktree, message?: string): Promise<HookResult> {
    this.#folder ??= this.#findFolder()
    const folder = await this.#folder
    // A relative core.hooksPath (husky's) counts from the directory the hook runs in.
    const file = join(isAbsolute(folder) ? folder : join(worktree.path, folder), name)
    const runnable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (!runnable) return { ok: true, ran: false }
    if (name === 'pre-commit') {
      await worktree.stage()
      return this.#call(worktree, ['hook', 'run', name])
    }
    const temporary = await mkdtemp(join(worktree.gitDir, 'orchestrate-message-'))
    try {
      const path = join(temporary, 'COMMIT_EDITMSG')
      await writeFile(path, `${(message ?? '').trimEnd()}\n`)
      const result = await this.#call(worktree, ['hook', 'run', name, '--', path])
      return result.ok ? { ok: true, ran: true, message: (await readFile(path, 'utf8')).trimEnd() } : result
    } finally {
      await rm(temporary, { recursive: true, force: true })
    }
  }

  async #call(worktree: GitWorktree, args: string[]): Promise<HookResult> {
    const git = new Git(worktree.path, hookEnv(this.#env))
    try {
      const result = await git.run(args, {
        // Told where its directory is: the worktree's `.git` file may have been bent by an agent.
        // And for which run it works, so that one that outlives us is found and ended by whoever resumes.
        env: {
          GIT_DIR: worktree.gitDir,
          GIT_WORK_TREE: worktree.path,
          [RUN_VARIABLE]: basename(dirname(worktree.path)),
        },
        prefix: ['-c', 'core.fsmonitor=false'],
        codes: Array.from({ length: 256 }, (_, code) => code),
        timeoutMs: HOOK_MS,
      })
      if (result.code === 0) return { ok: true, ran: true }
      // `git hook run` sends what the hook prints to stderr.
      const output = `${result.stdout.toString('utf8')}${result.stderr}`.trim().slice(-TAIL)
      return { ok: false, output: output === '' ? `The hook ended with code ${result.code}.` : output }
    } catch (error) {
      if (error instanceof GitError && error.kind !== 'not-found') return { ok: false, output: error.message }
      throw error
    }
  }

  async #findFolder(): Promise<string> {
    const configured = (await this.#config()).get('core.hookspath')
    if (configured === undefined) return join(this.#commonDir, 'hooks')
    // Git knows what "~" and "%(prefix)" stand for.
    return this.#git.text(['config', '--type=path', '--get', 'core.hooksPath'], { prefix: [] })
  }
}
