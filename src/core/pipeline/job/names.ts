import { runPrefix } from '../../model/forge-names.ts'
import { refSegment, type Sha } from '../../model/ids.ts'

/** `pr12-greeting-1a2b3c4`, and with `-2` and so on where a run of that name has ended. At most 60 characters. */
export function jobRunName(pull: number, planDir: string, head: Sha, nth: number): string {
  const last =
    planDir
      .replace(/\.(?:md|json|ya?ml)$/iu, '')
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .at(-1) ?? 'plan'
  const slug = refSegment(last, 30).replaceAll('.', '-')
  return `${runPrefix(pull)}${slug}-${head.slice(0, 7)}${nth === 1 ? '' : `-${nth}`}`
}
