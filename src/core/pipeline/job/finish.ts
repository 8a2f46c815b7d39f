import type { CommandKind, Config } from '../../model/config.ts'
import { ok, err, type Result } from '../../model/result.ts'
import type { RunBook } from '../../run/book.ts'
import { open, type RunState } from '../../run/state.ts'
import type { CheckCommands } from '../prepare.ts'
import type { JobDeps } from './deps.ts'

/** Characters of what a red command said last that the ledger keeps. */
const TAIL = 8_000

/** Whether the run is at its end and its plan branch was not looked at as a whole yet. */
export const isToBeFinished = (state: RunState): boolean =>
  state.state === 'approved' &&
  open(state).length === 0 &&
  state.planTip !== state.base &&
  state.checked?.sha !== state.planTip

/** The last look: the plan branch is built and tested as a whole, and what came of it is recorded. */
export async function finishRun(
  book: RunBook,
  given: { commands: CheckCommands; config: Config },
  { ports }: Pick<JobDeps, 'ports'>,
): Promise<Result<void>> {
  const { commands, config } = given
  const sha = book.state.planTip
  const workspace = await ports.repository.workspaces.open(book.run, 'final', sha)
  const run = async (command: string, kind: CommandKind): Promise<{ red: boolean; tail: string }> => {
    const { outcome, tail } = await ports.commands.run(command, {
      cwd: workspace.path,
      wallMs: config.limits.checkMs,
      signal: ports.signal,
      env: { ORCHESTRATE_RUN: book.run },
      kind,
    })
    return { red: outcome.kind !== 'exit' || outcome.code !== 0, tail }
  }
  const steps = { build: 'no-command', test: 'no-command' } as {
    build: 'green' | 'red' | 'no-command'
    test: 'green' | 'red' | 'no-command' | 'not-run'
  }
  let tail: string | undefined
  const setUp = commands.setup === undefined ? undefined : await run(commands.setup.command, 'setup')
  if (setUp?.red === true) {
    steps.build = 'red'
    tail = setUp.tail
  }
  for (const kind of ['build', 'test'] as const) {
    const command = commands[kind]?.command
    if (tail !== undefined) {
      if (kind === 'test') steps.test = 'not-run'
      continue
    }
    if (command === undefined) continue
    const done = await run(command, kind)
    steps[kind] = done.red ? 'red' : 'green'
    if (done.red) tail = done.tail
  }
  if (ports.signal.aborted) return ok(undefined)
  const told = await book.tell({
    type: 'check',
    sha,
    ...steps,
    ...(tail === undefined ? {} : { tail: tail.slice(-TAIL) }),
  })
  await ports.repository.workspaces.remove(workspace)
  return told.ok ? ok(undefined) : err([told.error])
}
