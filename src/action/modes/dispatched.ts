/** Mode plan on `workflow_dispatch`: what a person decided is verified and written down, and what can start now is said. */
import * as z from 'zod'
import { parseSource } from '../../core/gate/approval.ts'
import { parseCommand } from '../../core/gate/command.ts'
import { type Failure, failure } from '../../core/model/failure.ts'
import type { DispatchInputs } from '../../core/model/forge-names.ts'
import { sha } from '../../core/model/ids.ts'
import { programsOf } from '../../core/model/routing.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import { livingHolders } from '../../core/pipeline/job/alive.ts'
import { applyCommand } from '../../core/pipeline/job/apply-command.ts'
import type { JobDeps } from '../../core/pipeline/job/deps.ts'
import { readyPhases, type ReadyPhase } from '../../core/pipeline/job/ready.ts'
import { configOf } from '../../core/pipeline/runs.ts'
import { startRun } from '../../core/pipeline/job/start-run.ts'
import { RunBook } from '../../core/run/book.ts'

export interface Planned {
  run: string
  ready: ReadyPhase[]
  agent: string
}

export async function dispatched(inputs: DispatchInputs, deps: JobDeps): Promise<Result<Planned>> {
  const pull = Number(inputs.pull)
  if (!/^[1-9]\d{0,9}$/.test(inputs.pull)) return err([bad('pull', 'the number of a pull request')])
  const wanted = readPhases(inputs.phases)
  if (wanted === undefined) return err([bad('phases', 'a JSON list of phases or of their ids, or nothing')])
  const book = await bookOf(inputs, pull, deps)
  if (!book.ok) return book
  const { state } = book.value
  const alive = await livingHolders(deps.forge, state, deps.me, deps.ports.clock.now())
  const ready = readyPhases(state, alive)
  return ok({
    run: state.run,
    agent: programsOf(configOf(state, {})),
    ready: wanted.length === 0 ? ready : ready.filter(({ id }) => wanted.includes(id)),
  })
}

async function bookOf(inputs: DispatchInputs, pull: number, deps: JobDeps): Promise<Result<RunBook>> {
  if (inputs.command === '') return await openBook(inputs.run, deps)
  const command = parseCommand(inputs.command)
  if (!command.ok) return command
  const source = parseSource(inputs.source === '' ? 'dispatch' : inputs.source)
  if (source === undefined || source.kind === 'cli')
    return err([bad('source', '`comment:ID`, `review:ID`, `check:ID` or `dispatch`')])
  const order = { pull, command: command.value, source }
  if (command.value.name === 'approve') {
    if (!/^[0-9a-f]{40,64}$/.test(inputs.head))
      return err([bad('head', 'the whole id of the commit that is approved')])
    const given = { ...order, command: command.value, head: sha(inputs.head), planDir: inputs['plan-dir'] }
    return await startRun(given, deps)
  }
  const book = await openBook(inputs.run, deps)
  if (!book.ok) return book
  const applied = await applyCommand(order, book.value, deps)
  return applied.ok ? book : applied
}

/** A run as the remote has it. `fetching`: its refs, where they are on their way already. */
export async function openBook(
  run: string,
  { ports }: Pick<JobDeps, 'ports'>,
  fetching?: Promise<Result<void>>,
): Promise<Result<RunBook>> {
  if (!/^[a-z0-9][a-z0-9-]{0,79}$/.test(run)) return err([bad('run', 'the name of a run')])
  const fetched = await (fetching ?? ports.shared.fetch(run))
  if (!fetched.ok) return fetched
  const book = new RunBook(run, ports)
  const opened = await book.open()
  return opened.ok ? ok(book) : opened
}

/** Ids of phases: a list of them, or of `{"id"}`, as a matrix has it. */
function readPhases(text: string): string[] | undefined {
  try {
    const read = phases.safeParse(JSON.parse(text === '' ? '[]' : text))
    return read.success ? read.data : undefined
  } catch {
    return undefined
  }
}

const phases = z.array(z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]))

const bad = (name: string, takes: string): Failure =>
  failure(
    'bad-value',
    `The workflow was started with an input ${name} that it cannot use.`,
    `It takes ${takes}.`,
  )
