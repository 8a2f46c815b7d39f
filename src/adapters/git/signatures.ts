import type { Sha } from '../../core/model/ids.ts'
import type { Signatures } from '../../core/ports.ts'
import type { Git } from './git.ts'

/** Git's letters: https://git-scm.com/docs/git-log (`%G?`). Expired ones were good when they were made. */
const KINDS: Readonly<Record<string, 'good' | 'bad' | 'unknown'>> = {
  G: 'good',
  X: 'good',
  Y: 'good',
  U: 'unknown',
  E: 'unknown',
  B: 'bad',
  R: 'bad',
}

/** Of the commits of a chain, by its first parents. Git asks gpg or ssh-keygen for those that carry a signature, and only for those. */
export async function signatures(git: Git, head: Sha): Promise<Signatures> {
  const output = await git.text(['log', '--first-parent', '--no-show-signature', '--format=%G?', head])
  const letters = output.split('\n').filter((letter) => letter !== '')
  const count = (kind: 'good' | 'bad' | 'unknown'): number =>
    letters.filter((letter) => KINDS[letter] === kind).length
  return { commits: letters.length, good: count('good'), bad: count('bad'), unknown: count('unknown') }
}
