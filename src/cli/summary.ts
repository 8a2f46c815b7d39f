import { commitGraph } from '../adapters/git/commit-graph.ts'
import type { OpenRepository } from '../adapters/git/repository.ts'
import { sha } from '../core/model/ids.ts'
import type { RunView } from '../core/pipeline-types.ts'
import { summaryText } from '../core/report/summary.ts'
import { columnsOf, styleOf } from './output.ts'
import type { Shell } from './shell.ts'

/** Commit graph, table of phases, deferred items and what to do next, on stderr. */
export async function printSummary(
  view: RunView,
  repository: Pick<OpenRepository, 'root'>,
  shell: Shell,
): Promise<void> {
  const { stderr } = shell
  const graph = await commitGraph(repository.root, shell.env, sha(view.base), sha(view.planTip))
  const options = {
    columns: columnsOf(stderr),
    style: styleOf(stderr, shell),
    program: shell.program,
    over: true,
  }
  stderr.write(`\n${summaryText(view, { ...options, graph })}`)
}
