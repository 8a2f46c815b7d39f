import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach } from '@jest/globals'
import { sha, type Sha } from '../../src/core/model/ids.ts'
import type { Clock } from '../../src/core/ports.ts'
import { openRepository, type OpenOptions, type OpenRepository } from '../../src/adapters/git/repository.ts'

/** A repository in a directory of its own, gone after the test. */
export interface TempRepo {
  path: string
  /** Runs git there and gives its output without the last line end. Throws with git's words where it fails. */
  git(...args: string[]): string
  /** Writes a file and makes its folders; `executable` sets the mode. */
  write(path: string, text: string | Buffer, executable?: boolean): void
  /** Writes these files (undefined removes one), commits everything, and gives the commit. */
  commit(files: Record<string, string | undefined>, message?: string): Sha
}

const cleanups: (() => void | Promise<void>)[] = []

/** Runs after the test, the last one first. */
export function afterThisTest(work: () => void | Promise<void>): void {
  cleanups.push(work)
}

afterEach(async () => {
  for (const work of cleanups.splice(0).reverse()) await work()
})

/** A directory that is gone after the test. Its name has a blank and letters beyond ASCII: paths have. */
export function tempDir(prefix = 'orchestrate tést-'): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), prefix)))
  afterThisTest(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }))
  return path
}

/** What tests give to adapters: nothing of the machine's own git configuration. */
export const testEnv = (): Record<string, string | undefined> => ({
  PATH: process.env['PATH'],
  HOME: tmpdir(),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
})

export function runGit(cwd: string, ...args: string[]): string {
  const env = { ...testEnv(), LC_ALL: 'C' }
  return execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).replace(
    /\n$/,
    '',
  )
}

/** A repository with a user and a first commit (`README.md`) on `main`; with `empty` no commit, with `bare` no checkout. */
export function tempRepo(
  options: { empty?: boolean; bare?: boolean; path?: string; objectFormat?: 'sha1' | 'sha256' } = {},
): TempRepo {
  const { path = tempDir(), ...kind } = options
  const key = JSON.stringify(kind)
  const like = patterns.get(key) ?? makePattern(kind)
  patterns.set(key, like)
  cpSync(like, path, { recursive: true })
  return atRepo(path)
}

/** A repository of each kind, made once for a test file: copying it takes a fiftieth of what the six processes take. */
const patterns = new Map<string, string>()

afterAll(() => {
  for (const path of patterns.values()) rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  patterns.clear()
})

function makePattern(kind: { empty?: boolean; bare?: boolean; objectFormat?: 'sha1' | 'sha256' }): string {
  const path = mkdtempSync(join(tmpdir(), 'pattern-'))
  const flags = kind.bare ? ['--bare'] : []
  const format = `--object-format=${kind.objectFormat ?? 'sha1'}`
  runGit(path, 'init', '--quiet', '--template=', '--initial-branch=main', format, ...flags)
  // What the template makes, but for its fourteen samples of hooks.
  for (const folder of ['hooks', 'info'])
    mkdirSync(join(path, kind.bare ? '' : '.git', folder), { recursive: true })
  runGit(path, 'config', 'user.name', 'Ada Example')
  runGit(path, 'config', 'user.email', 'ada@example.org')
  if (!kind.empty && !kind.bare) atRepo(path).commit({ 'README.md': '# Project\n' }, 'Begin')
  return path
}

/** The helpers for a repository that is already there. */
export function atRepo(path: string): TempRepo {
  const git = (...args: string[]) => runGit(path, ...args)
  const write = (file: string, text: string | Buffer, executable = false) => {
    const full = join(path, file)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, text)
    if (executable) chmodSync(full, 0o755)
  }
  return {
    path,
    git,
    write,
    commit: (files, message = 'Change') => {
      for (const [file, text] of Object.entries(files)) {
        if (text === undefined) rmSync(join(path, file), { recursive: true, force: true })
        else write(file, text)
      }
      git('add', '--all')
      git('commit', '--quiet', '--allow-empty', '--message', message)
      return sha(git('rev-parse', 'HEAD'))
    },
  }
}

/** A clone with the same user. */
export function tempClone(from: TempRepo, ...args: string[]): TempRepo {
  const path = join(tempDir(), 'clone')
  runGit(dirname(path), 'clone', '--quiet', ...args, from.path, path)
  runGit(path, 'config', 'user.name', 'Grace Example')
  runGit(path, 'config', 'user.email', 'grace@example.org')
  return atRepo(path)
}

export const fixedClock: Clock = { now: () => 1_700_000_000_000 }

/** Opens the adapter on a repository and closes it after the test. Throws where it does not open. */
export async function open(
  repo: TempRepo | string,
  options: Partial<Omit<OpenOptions, 'cwd'>> = {},
): Promise<OpenRepository> {
  const cwd = typeof repo === 'string' ? repo : repo.path
  const clock: Clock = { now: () => Date.now() }
  const opened = await openRepository({ cwd, env: testEnv(), clock, ...options })
  if (!opened.ok) throw new Error(JSON.stringify(opened.error))
  afterThisTest(() => opened.value.close())
  return opened.value
}
