import { removeMerged } from '../execute/worktrees.ts'
import { failure } from '../model/failure.ts'
import type { Ended } from '../pipeline-types.ts'
import { totalUsage } from '../run/state.ts'
import { count } from '../text/display.ts'
import { ended } from './ended.ts'
import { execute } from './execute.ts'
import type { Execution } from './execution.ts'
import { viewOf } from './view.ts'

/** Stage 6 with its frame: what a dead run left is ended first, and the end is told. */
export async function carryOn(execution: Execution & { resumed: boolean }): Promise<Ended> {
  const { book, ports, config, resumed } = execution
  const { reporter, clock, sweeper } = ports
  // Where jobs share a run, what runs beside us may be theirs.
  if (resumed && execution.job === undefined) {
    // Agents of a process that was killed may still write: they end before anything is looked at.
    const swept = await sweeper.sweep(book.run)
    if (swept > 0)
      reporter.emit({
        type: 'note',
        message: `Ended ${count(swept, 'process', 'processes')} that an earlier start of this run left behind.`,
      })
    const { workspaces } = ports.repository
    for (const { state, planned, attempt, ...phase } of book.state.phases.values()) {
      if (state !== 'merged' || !('merge' in phase) || phase.merge === undefined) continue
      await removeMerged(workspaces, { run: book.run, phase: planned.id, attempt, head: phase.merge })
    }
  }
  const startedAt = clock.now()
  reporter.emit({
    type: 'run-started',
    run: book.run,
    at: startedAt,
    phases: viewOf(book.state).phases.map(({ id, title, after, state }) => ({ id, title, after, state })),
    agent: config.agent,
    resumed,
  })
  const failures = await execute(execution)
  await ports.repository.workspaces.settle()
  if (ports.signal.aborted && failures.length === 0) {
    failures.push(
      failure(
        'interrupted',
        `Run ${book.run} was interrupted.`,
        `\`orchestrate resume ${book.run}\` goes on from the last recorded step.`,
      ),
    )
  }
  const view = viewOf(book.state)
  const at = clock.now()
  reporter.emit({
    type: 'run-ended',
    run: book.run,
    state: view.state,
    at,
    durationMs: at - startedAt,
    usage: totalUsage(book.state),
  })
  return ended(failures, view)
}
