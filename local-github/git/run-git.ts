/** Runs git in a bare repository: no user's or system's settings, so that it does the same on every machine. */
import { spawn } from 'node:child_process'

export const GIT_ENVIRONMENT: Record<string, string> = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
}

export interface GitOptions {
  input?: string | Buffer
  env?: Record<string, string>
}

export interface GitOutput {
  code: number
  stdout: Buffer
  stderr: string
}

/** Resolves with whatever exit code git had; rejects only where git could not be started. */
export function runGit(dir: string, args: string[], options: GitOptions = {}): Promise<GitOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-C', dir, ...args], { env: { ...GIT_ENVIRONMENT, ...options.env } })
    const out: Buffer[] = []
    const errors: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    child.on('error', reject)
    // Git may end before it read its input; the exit code says what happened.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    child.on('close', (code) =>
      resolve({ code: code ?? -1, stdout: Buffer.concat(out), stderr: Buffer.concat(errors).toString() }),
    )
  })
}

/** As `runGit`, and a failure of git is a bug of ours. */
export async function mustGit(dir: string, args: string[], options: GitOptions = {}): Promise<Buffer> {
  const result = await runGit(dir, args, options)
  if (result.code !== 0) throw new Error(`git ${args.join(' ')} failed (${result.code}): ${result.stderr}`)
  return result.stdout
}
