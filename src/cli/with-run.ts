import { DEFAULT_CONFIG, type Config } from '../core/model/config.ts'
import type { Ended, Ports, RunView } from '../core/pipeline-types.ts'
import { runStatus } from '../core/pipeline.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import { refuse } from '../core/config/merge.ts'
import { printEnded, printFailures } from './output.ts'
import { recordedConfig } from './recorded-config.ts'
import { openSession, type Session, workersOf } from './session.ts'
import type { Shell } from './shell.ts'
import { printSummary } from './summary.ts'

export interface FoundRun {
  session: Session
  ports: Ports
  view: RunView
}

/**
 * Opens the run that is named, or the only one there is, and does `work` with it. Its ports have the agent that the run was
 * approved with, or the one that `flags` name. `newest`: where none is named and all have ended, the newest is meant.
 */
export async function withRun(
  run: string | undefined,
  { json, flags = {}, newest = false }: { json: boolean; flags?: Partial<Config>; newest?: boolean },
  shell: Shell,
  work: (found: FoundRun) => Promise<number>,
): Promise<number> {
  const opened = await openSession('.', json, shell)
  if (!opened.ok) return printFailures(opened.error, shell)
  const session = opened.value
  try {
    const found = await find({ run, newest }, flags, session, shell)
    if (!found.ok) {
      session.release()
      return printFailures(found.error, shell)
    }
    return await work(found.value)
  } finally {
    await session.close()
  }
}

async function find(
  { run, newest }: { run: string | undefined; newest: boolean },
  flags: Partial<Config>,
  session: Session,
  shell: Shell,
): Promise<Result<FoundRun>> {
  const { repository } = session
  // Looking needs no agent, and no adapter starts anything before it is asked to.
  const anybody = workersOf(DEFAULT_CONFIG, '', repository, shell)
  if (!anybody.ok) return anybody
  const ports = session.ports(anybody.value)
  let status = await runStatus(run, ports, { newest })
  // Another clone may have published it.
  if (!status.ok && run !== undefined && status.error.some(({ reason }) => reason === 'unknown-run')) {
    if ((await repository.fetchRuns()) > 0) status = await runStatus(run, ports)
  }
  if (!status.ok) return status
  const view = status.value
  const recorded = await recordedConfig(view.run, repository.ledger)
  const agentConfig = { ...DEFAULT_CONFIG, ...recorded, ...flags }
  const refused = refuse(agentConfig)
  if (refused.length > 0) return err(refused)
  const workers = workersOf(agentConfig, view.planDir, repository, shell)
  return workers.ok ? ok({ session, ports: session.ports(workers.value), view }) : workers
}

/** The end of whatever went on with a run: summary for people, one JSON line for machines, failures, exit code. */
export async function finish(ended: Ended, json: boolean, session: Session, shell: Shell): Promise<number> {
  session.release()
  // Bad input did nothing, so there is nothing to sum up.
  if (json || ended.exit === 2 || ended.view === undefined) return printEnded(ended, json, shell)
  await printSummary(ended.view, session.repository, shell)
  // Phases that stopped stand in the summary, each with what to do about it.
  printFailures(
    ended.failures.filter(({ phase }) => phase === undefined),
    shell,
  )
  return ended.exit
}
