import type { RunView } from '../pipeline-types.ts'
import { list } from '../text/display.ts'
import type { Style } from '../text/style.ts'
import { summaryText } from './summary.ts'

/** `orchestrate status`: where a run stands, without its commit graph. */
export function statusText(view: RunView, columns: number, style: Style, program: string): string {
  const where = [
    `plan ${view.planDir === '' ? '.' : view.planDir}`,
    `branch ${view.branch}`,
    view.landed === undefined ? 'not landed' : `landed as ${view.landed.slice(0, 10)}`,
    ...running(view, program),
  ].join(' · ')
  const others = view.others ?? []
  const more = others.length === 0 ? '' : `Other runs: ${list(others, 10)}\n`
  // What a dead process left is not running, whatever its last record says.
  const over = view.process === null
  return `${style.dim(where)}\n\n${summaryText(view, { columns, style, program, over })}${more}`
}

/** Whether somebody works on a run that is not at its end: seen from this machine, where another one may. */
function running(view: RunView, program: string): string[] {
  if (view.state !== 'approved' || view.process === undefined) return []
  if (view.process === null) return [`not running here: ${program} resume ${view.run}`]
  return [`running in process ${view.process.pid}`]
}
