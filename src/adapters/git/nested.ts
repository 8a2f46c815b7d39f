import { join } from 'node:path'
import type { Git } from './git.ts'

/** What a workspace's git is told about itself. */
export interface At {
  cwd: string
  env: Readonly<Record<string, string>>
}

/**
 * What to add for a repository inside the workspace (`folder` without the last slash): itself where it has a commit, which
 * makes it a submodule's entry as with `git add`. Without a commit git has no way to name it, and would leave everything in
 * it out without a word; then its files are added as what they are to us, ordinary files.
 */
export async function nestedPaths(git: Git, at: At, folder: string): Promise<string[]> {
  const inside = join(at.cwd, folder)
  const head = await git.run(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], {
    cwd: inside,
    env: { GIT_CEILING_DIRECTORIES: at.cwd },
    codes: [0, 1, 128],
  })
  if (head.code === 0) return [folder]
  // With the folder as the root of the work tree its own `.git` is nothing to git, and its .gitignore counts.
  const files = await git.text(['ls-files', '-z', '--others', '--exclude-standard'], {
    cwd: inside,
    env: {
      ...at.env,
      GIT_WORK_TREE: inside,
      GIT_INDEX_FILE: join(at.env['GIT_DIR'] ?? '', 'orchestrate-none'),
    },
  })
  const paths = files
    .split('\0')
    .flatMap((file) => (file === '' || file.endsWith('/') ? [] : [`${folder}/${file}`]))
  if (paths.length === 0) return []
  const ignored = await git.text(['check-ignore', '-z', '--no-index', '--stdin'], {
    ...at,
    env: { ...at.env, GIT_LITERAL_PATHSPECS: '0' },
    input: paths.join('\0'),
    codes: [0, 1],
  })
  const skip = new Set(ignored.split('\0'))
  return paths.filter((path) => !skip.has(path))
}
