import { cp, mkdir, mkdtemp, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { gitEnv, type Env } from '../git/environment.ts'
import { Git } from '../git/git.ts'
import { failure } from '../../core/model/failure.ts'
import { err, ok, type Result } from '../../core/model/result.ts'

/** Where the plan lies in the repository of the demo. */
export const DEMO_PLAN = 'plan'

export interface DemoOptions {
  /** `demo/` of the package. */
  from: string
  /** Where to build it; undefined is a new directory below `tmpDir`. */
  dir: string | undefined
  tmpDir: string
  env: Env
}

/** A real repository with a small project and a plan for it, committed. Returns its root. */
export async function createDemoRepository({ from, dir, tmpDir, env }: DemoOptions): Promise<Result<string>> {
  const root = dir ?? (await mkdtemp(join(await realpath(tmpDir), 'orchestrate-demo-')))
  if (dir !== undefined) {
    const made = await mkdir(dir).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    )
    if (made !== undefined) {
      const there = made.code === 'EEXIST'
      return err([
        failure(
          there ? 'bad-value' : 'no-write-permission',
          there ? `${dir} is there already.` : `${dir} could not be made: ${made.message}`,
          'Name a directory that does not exist yet.',
        ),
      ])
    }
  }
  await cp(join(from, 'project'), root, { recursive: true })
  await cp(join(from, 'plan'), join(root, DEMO_PLAN), { recursive: true })
  const git = new Git(root, gitEnv(env))
  await git.run(['init', '--quiet', '--initial-branch=main'])
  // Local to this repository, so that the demo runs where git knows no name.
  await git.run(['config', 'user.name', 'Orchestrate Demo'])
  await git.run(['config', 'user.email', 'demo@orchestrate.invalid'])
  await git.run(['config', 'commit.gpgsign', 'false'])
  await git.run(['add', '--all'])
  await git.run(['commit', '--quiet', '--message', 'Start with a small project and a plan for it'])
  return ok(root)
}
