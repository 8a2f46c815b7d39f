import { sha, type Sha } from '../../core/model/ids.ts'
import type { Git } from './git.ts'

/** The commit that wrote each of the lines, first line first. Empty where the file, or one of the lines, is not there. */
export async function blame(
  git: Git,
  commit: Sha,
  path: string,
  { from, to }: { from: number; to: number },
): Promise<Sha[]> {
  // 128: no such path, or fewer lines.
  const args = ['blame', '--porcelain', '-L', `${from},${to}`, commit, '--', path]
  const output = await git.text(args, { codes: [0, 128] })
  // Each line of the file has a header `<commit> <line before> <line now>`; the text itself follows behind a tab.
  return [...output.matchAll(/^([0-9a-f]{40,64}) \d+ \d+(?: \d+)?$/gm)].map(([, id = '']) => sha(id))
}

/** Commits of `to` that are not in `from` and changed `path`, newest first. */
export async function touching(git: Git, from: Sha, to: Sha, path: string): Promise<Sha[]> {
  const output = await git.text([
    '--literal-pathspecs',
    'log',
    '--format=tformat:%H',
    '--topo-order',
    `${from}..${to}`,
    '--',
    path,
  ])
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map(sha)
}
