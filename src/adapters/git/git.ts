import { spawn } from 'node:child_process'
import { asGitError, failedCommand, GitError } from './git-error.ts'

/**
 * Before every command: no hook and no file-system monitor of the checkout runs, and nothing is packed behind our back.
 * Not used where the user's own hooks are what is wanted.
 */
export const QUIET: readonly string[] = [
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'gc.auto=0',
  '-c',
  'maintenance.auto=false',
]

export interface GitOptions {
  cwd?: string
  /** Added to the environment of the `Git`. */
  env?: Readonly<Record<string, string>>
  input?: string | Buffer
  /** Exit codes that are answers, not errors; 0 only where it is left out. */
  codes?: readonly number[]
  /** Stops reading (and the process) once stdout is longer. */
  maxBytes?: number
  timeoutMs?: number
  /** Arguments before the command instead of `QUIET`. */
  prefix?: readonly string[]
  /** A git command without need of quotes that follows where this one succeeds: one process of ours less. */
  then?: string
}

export interface GitResult {
  code: number
  stdout: Buffer
  stderr: string
  /** True where stdout was cut at `maxBytes`. */
  truncated: boolean
}

/**
 * Runs single git commands. Each is a session of its own, so that Ctrl-C on the terminal ends us and not a command half-way
 * through its files. Throws GitError for anything that `codes` does not name.
 */
export class Git {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>

  constructor(cwd: string, env: Readonly<Record<string, string>>) {
    this.cwd = cwd
    this.env = env
  }

  /** Stdout as text, without the last line end. */
  async text(args: readonly string[], options: GitOptions = {}): Promise<string> {
    return (await this.run(args, options)).stdout.toString('utf8').replace(/\n$/, '')
  }

  async run(args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
    const result = await this.#spawn(args, options)
    if (result.truncated || (options.codes ?? [0]).includes(result.code)) return result
    throw failedCommand(args.join(' ').slice(0, 200), result.stderr, options.cwd ?? this.cwd)
  }

  #spawn(args: readonly string[], options: GitOptions): Promise<GitResult> {
    return new Promise((resolve, reject) => {
      const shown = args.join(' ').slice(0, 200)
      const command = [...(options.prefix ?? QUIET), ...args]
      const [file, words] =
        options.then === undefined
          ? ['git', command]
          : ['sh', ['-c', `git "$@" && exec git ${QUIET.join(' ')} ${options.then}`, 'sh', ...command]]
      const child = spawn(file, words, {
        cwd: options.cwd ?? this.cwd,
        env: { ...this.env, ...options.env },
        stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        detached: true,
        windowsHide: true,
      })
      const killAll = () => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
        } catch {
          child.kill('SIGKILL')
        }
      }
      const out: Buffer[] = []
      let bytes = 0
      let truncated = false
      let stderr = ''
      let late = false
      const timer =
        options.timeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              late = true
              killAll()
            }, options.timeoutMs)
      child.stdout?.on('data', (chunk: Buffer) => {
        if (truncated) return
        out.push(chunk)
        bytes += chunk.length
        if (options.maxBytes !== undefined && bytes > options.maxBytes) {
          truncated = true
          killAll()
        }
      })
      child.stderr?.on('data', (chunk: Buffer) => {
        stderr = (stderr + chunk.toString('utf8')).slice(-64_000)
      })
      // A child that ends before it read everything breaks the pipe; its exit code and stderr tell why.
      child.stdin?.on('error', () => {})
      if (options.input !== undefined) child.stdin?.end(options.input)
      child.on('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer)
        reject(
          error.code === 'ENOENT'
            ? new GitError('not-found', shown, error.message)
            : asGitError(error, shown),
        )
      })
      child.on('close', (code, signal) => {
        clearTimeout(timer)
        if (late) {
          const said = stderr === '' ? '' : `\n${stderr}`
          reject(new GitError('timeout', shown, `no answer within ${options.timeoutMs ?? 0} ms${said}`))
          return
        }
        if (signal !== null && !truncated) {
          reject(new GitError('failed', shown, `${stderr}\nended by ${signal}`))
          return
        }
        resolve({ code: code ?? 0, stdout: Buffer.concat(out), stderr, truncated })
      })
    })
  }
}
