/** Reads a bare repository: refs, workflow files, changed paths. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface GitReader {
  /** The commit that `name` means; undefined where there is none. */
  commit(name: string): Promise<string | undefined>
  parents(sha: string): Promise<string[]>
  message(sha: string): Promise<string>
  /** The branch that HEAD names. */
  defaultBranch(): Promise<string>
  /** `.github/workflows/*.yml` and `*.yaml` of a commit. */
  workflows(sha: string): Promise<{ path: string; content: string }[]>
  /** Paths that differ from the common ancestor of both to `head`; undefined where there is none. */
  changed(base: string, head: string): Promise<string[] | undefined>
}

const isWorkflow = (path: string) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)

export function gitReader(gitDir: string): GitReader {
  async function git(...args: string[]): Promise<string | undefined> {
    try {
      const { stdout } = await run('git', ['--git-dir', gitDir, ...args], {
        maxBuffer: 64 * 1024 * 1024,
        env: {
          PATH: process.env['PATH'],
          LC_ALL: 'C',
          GIT_CONFIG_NOSYSTEM: '1',
          GIT_CONFIG_GLOBAL: '/dev/null',
        },
      })
      return stdout
    } catch {
      return undefined
    }
  }
  const lines = (text: string | undefined) => (text ?? '').split('\0').filter((line) => line !== '')

  return {
    commit: async (name) =>
      (await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`))?.trim(),
    parents: async (sha) =>
      ((await git('show', '-s', '--format=%P', sha)) ?? '').trim().split(' ').filter(Boolean),
    message: async (sha) => (await git('show', '-s', '--format=%B', sha)) ?? '',
    defaultBranch: async () => ((await git('symbolic-ref', '--short', 'HEAD')) ?? 'main').trim(),
    async workflows(sha) {
      const paths = lines(await git('ls-tree', '-z', '--name-only', sha, '.github/workflows/')).filter(
        isWorkflow,
      )
      return Promise.all(
        paths.map(async (path) => ({
          path,
          content: (await git('cat-file', 'blob', `${sha}:${path}`)) ?? '',
        })),
      )
    },
    async changed(base, head) {
      const out = await git('diff', '--name-only', '--no-renames', '-z', `${base}...${head}`)
      return out === undefined ? undefined : lines(out)
    },
  }
}
