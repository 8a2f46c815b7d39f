import { sha, type Sha } from '../../core/model/ids.ts'
import type { Repository } from '../../core/ports.ts'
import type { Git } from './git.ts'

type Logged = Awaited<ReturnType<Repository['log']>>[number]

/** Commits of `to` that are not in `from`, oldest first. A trailer that stands twice gives its values joined by ", ". */
export async function readLog(git: Git, from: Sha, to: Sha): Promise<Logged[]> {
  const format = '%H%x1f%P%x1f%s%x1f%(trailers:only,unfold)'
  const flags = ['--topo-order', '--reverse', '--no-show-signature', '--encoding=UTF-8']
  const output = await git.text(['log', '-z', ...flags, `--format=tformat:${format}`, `${from}..${to}`])
  return output
    .split('\0')
    .filter((each) => each !== '')
    .map((each) => {
      const [commit = '', parents = '', subject = '', trailers = ''] = each.split('\x1f')
      return {
        sha: sha(commit),
        parents: parents
          .split(' ')
          .filter((parent) => parent !== '')
          .map(sha),
        subject,
        trailers: parseTrailers(trailers),
      }
    })
}

function parseTrailers(text: string): Record<string, string> {
  const trailers: Record<string, string> = {}
  for (const each of text.split('\n')) {
    const colon = each.indexOf(':')
    if (colon <= 0) continue
    const name = each.slice(0, colon)
    const value = each.slice(colon + 1).trim()
    trailers[name] = trailers[name] === undefined ? value : `${trailers[name]}, ${value}`
  }
  return trailers
}
