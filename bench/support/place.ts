import { spawnSync } from 'node:child_process'
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

declare const BENCH_ROOT: string

export const root = BENCH_ROOT
export const orchestrate = join(root, 'build', 'orchestrate.js')

/** The environment of everything that is measured: nothing of the user's own configuration. */
export function cleanEnv(home: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    TMPDIR: tmpdir(),
    LC_ALL: 'C',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
  }
}

/** A directory of its own that is gone afterwards. */
export async function inTemp<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'orchestrate-bench-')))
  try {
    return await work(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Runs a program to its end with its output in a file; throws with that output where it fails. Milliseconds. */
export function wall(
  file: string,
  args: readonly string[],
  options: { cwd: string; env: Record<string, string>; output: string },
): number {
  const out = openSync(options.output, 'w')
  const start = performance.now()
  const { status, error } = spawnSync(file, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', out, out],
  })
  const taken = performance.now() - start
  closeSync(out)
  if (status !== 0) {
    const end = readFileSync(options.output, 'utf8').slice(-2_000)
    throw new Error(`${file} ${args.join(' ')} ended with ${status ?? error?.message}:\n${end}`)
  }
  return taken
}

/** A repository with one commit of these files. */
export function makeRepository(dir: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  git(dir, 'init', '--quiet', '--initial-branch=main')
  git(dir, 'config', 'user.name', 'Ada Example')
  git(dir, 'config', 'user.email', 'ada@example.org')
  git(dir, 'add', '--all')
  git(dir, 'commit', '--quiet', '--message', 'Begin')
  return dir
}

export function git(cwd: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd, env: cleanEnv(cwd), encoding: 'utf8' })
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  return stdout.trim()
}

/** A fresh copy of a repository: what each measurement begins with. */
export function copyRepository(from: string, to: string): string {
  cpSync(from, to, { recursive: true, preserveTimestamps: true })
  // The index holds inode numbers of the original.
  git(to, 'update-index', '--refresh')
  return to
}
