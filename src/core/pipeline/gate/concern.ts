import type { Statement } from '../../forge.ts'
import type { RunState } from '../../run/state.ts'

/**
 * What a review is about, as far as the ledger tells. `plan`: nothing has been merged, or only files of the plan are spoken of;
 * then it does what every such review does, and nothing more. `unclear`: of several phases it names none. The job that takes it
 * up looks line by line who wrote what.
 */
export function concernOf(
  { remarks = [], commit }: Statement,
  run: RunState | undefined,
): 'plan' | 'phases' | 'unclear' {
  if (run === undefined || run.merges.length === 0) return 'plan'
  if (remarks.length > 0) return remarks.every(({ path }) => isPlan(path, run)) ? 'plan' : 'phases'
  const isOne = new Set(run.merges.map(({ phase }) => phase)).size === 1
  // The tip is where the pull request as a whole is reviewed.
  return isOne || (commit !== undefined && commit !== run.planTip && commit !== run.base)
    ? 'phases'
    : 'unclear'
}

const isPlan = (path: string, { planDir, index }: RunState): boolean =>
  planDir === ''
    ? path === index || path.startsWith('specs/')
    : path === planDir || path.startsWith(`${planDir}/`)
