import { execa } from 'execa'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const packageRoot = fileURLToPath(new URL('../../', import.meta.url))
export const binary = join(packageRoot, 'build', 'orchestrate.js')
if (!existsSync(binary)) throw new Error('The tests start the built program: run `npm run build` first.')

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  cwd: string
  env?: Record<string, string>
  uid?: number
}

/** A program, run to its end. The environment is the given one, PATH and nothing else. */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, env, uid }: RunOptions,
): Promise<Ran> {
  const ended = await execa(program, args, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, GIT_CONFIG_NOSYSTEM: '1', ...env },
    extendEnv: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    reject: false,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  // Neither a code nor a signal: it was never started, which no test asks for.
  if (ended.exitCode === undefined && ended.signal === undefined) throw ended
  return { code: ended.exitCode ?? null, stdout: ended.stdout, stderr: ended.stderr }
}

/** The built command line, as a process of its own. */
export const orchestrate = (
  cwd: string,
  args: readonly string[],
  options: Omit<RunOptions, 'cwd'> = {},
): Promise<Ran> => run(process.execPath, [binary, ...args], { cwd, ...options })

/** Directories of a test file; `afterAll(dirs.remove)`. */
export class TempDirs {
  readonly #made: string[] = []

  readonly make = async (): Promise<string> => {
    const dir = await realpath(await mkdtemp(join(tmpdir(), 'orchestrate-test-')))
    this.#made.push(dir)
    return dir
  }

  readonly remove = async (): Promise<void> => {
    await Promise.all(this.#made.map((dir) => rm(dir, { recursive: true, force: true })))
  }
}

export async function writeFiles(root: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}

export async function git(cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run('git', args, { cwd })
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  return stdout.trimEnd()
}

/** A repository with these files committed on `main`. */
export async function repository(root: string, files: Record<string, string>): Promise<string> {
  await writeFiles(root, files)
  await git(root, 'init', '--quiet', '--initial-branch=main')
  await git(root, 'config', 'user.name', 'Kim Test')
  await git(root, 'config', 'user.email', 'kim@example.invalid')
  if (Object.keys(files).length > 0) {
    await git(root, 'add', '--all')
    await git(root, 'commit', '--quiet', '--message', 'start')
  }
  return root
}
