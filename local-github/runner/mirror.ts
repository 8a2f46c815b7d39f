/** Where a repository can be read: the bare one itself, or a mirror of it where the server does not say where it lies. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { LocalGitHub } from '../types.ts'

const run = promisify(execFile)

export interface GitDirs {
  /** Up to date as of now. */
  of(repository: string): Promise<string>
}

export function createGitDirs(
  github: Pick<LocalGitHub, 'cloneUrl' | 'gitDir' | 'jobToken' | 'revokeToken'>,
  root: string,
): GitDirs {
  return {
    async of(repository) {
      const own = github.gitDir?.(repository)
      if (own !== undefined) return own
      const dir = join(root, `${repository}.git`)
      const token = github.jobToken(repository, { contents: 'read', metadata: 'read' })
      const env = { PATH: process.env['PATH'], GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_GLOBAL: '/dev/null' }
      try {
        const url = github.cloneUrl(repository, token)
        await mkdir(dirname(dir), { recursive: true })
        if (!existsSync(dir)) await run('git', ['clone', '--quiet', '--mirror', '--', url, dir], { env })
        else
          await run('git', ['--git-dir', dir, 'fetch', '--quiet', '--prune', url, '+refs/*:refs/*'], { env })
      } finally {
        github.revokeToken(token)
      }
      return dir
    },
  }
}
