import type { Sha } from '../../core/model/ids.ts'
import { gitEnv, type Env } from './environment.ts'
import { Git } from './git.ts'

/** A graph with more lines than this is no picture any more. */
const MAX_LINES = 80

/** `git log --graph` from `base` (left out) to `tip`, a line each; the last says how many more there are. */
export async function commitGraph(root: string, env: Env, base: Sha, tip: Sha): Promise<string[]> {
  const git = new Git(root, gitEnv(env))
  const text = await git.text(['log', '--graph', '--boundary', '--format=%h %s', `${base}..${tip}`])
  const lines = text === '' ? [] : text.split('\n').map((line) => line.trimEnd())
  if (lines.length <= MAX_LINES) return lines
  return [...lines.slice(0, MAX_LINES), `… ${lines.length - MAX_LINES} more lines`]
}
