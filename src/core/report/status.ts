import type { RunView } from '../pipeline-types.ts'
import type { Style } from '../text/style.ts'
import { summaryText } from './summary.ts'

/** `orchestrate status`: where a run stands, without its commit graph. */
export function statusText(view: RunView, columns: number, style: Style, program: string): string {
  const where = [
    `plan ${view.planDir === '' ? '.' : view.planDir}`,
    `branch ${view.branch}`,
    view.landed === undefined ? 'not landed' : `landed as ${view.landed.slice(0, 10)}`,
  ].join(' · ')
  return `${style.dim(where)}\n\n${summaryText(view, { columns, style, program })}`
}
