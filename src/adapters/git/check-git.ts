import { failure, type Failure } from '../../core/model/failure.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import { gitEnv, type Env } from './environment.ts'
import { type Said, VERSION } from './first-look.ts'
import { Git } from './git.ts'
import { GitError, gitFailure } from './git-error.ts'

/** 2.38 brought `git merge-tree --write-tree` and `git cat-file -z`. */
export const NEEDED_GIT = '2.38'

/**
 * Whether a usable git is on PATH; its version. Failures: `git-not-found`, `git-too-old`, `git-failed`. `asked`: the same question,
 * where it was put before.
 */
export async function checkGit(env: Env, cwd: string, asked?: Said): Promise<Result<{ version: string }>> {
  try {
    const known = await asked
    const said = known?.code === 0 ? known.output : await new Git(cwd, gitEnv(env)).text(VERSION)
    const found = tooOld(said)
    return found === undefined ? ok({ version: /\d[\w.-]*/.exec(said)?.[0] ?? said }) : err([found])
  } catch (error) {
    if (error instanceof GitError) return err([gitFailure(error)])
    throw error
  }
}

/** The failure for what `git version` printed; undefined where it is new enough. */
export function tooOld(said: string): Failure | undefined {
  const version = /(\d+)\.(\d+)(\.\d+)?/.exec(said)
  const [major = 0, minor = 0] = [Number(version?.[1]), Number(version?.[2])]
  const [neededMajor = 0, neededMinor = 0] = NEEDED_GIT.split('.').map(Number)
  if (version !== null && (major > neededMajor || (major === neededMajor && minor >= neededMinor)))
    return undefined
  return failure(
    'git-too-old',
    `git ${version?.[0] ?? `"${said}"`} was found; ${NEEDED_GIT} or newer is needed.`,
    'Update git: https://git-scm.com/downloads',
  )
}
