import { plannedPhases, policyOf } from '../gate/planned.ts'
import { type Config, DEFAULT_CONFIG } from '../model/config.ts'
import { type Failure, failure } from '../model/failure.ts'
import { refSegment, type Sha } from '../model/ids.ts'
import type { Plan } from '../model/plan.ts'
import { err, ok, type Result } from '../model/result.ts'
import { withModel } from '../model/routing.ts'
import type { Ports } from '../pipeline-types.ts'
import { RunBook } from '../run/book.ts'
import { open as openPhases, type RunState } from '../run/state.ts'
import type { Approval } from './approve.ts'
import { toRecord } from './recorded.ts'
import type { Prepared } from './prepare.ts'

/** A run that somebody may go on with: approved, and not at its end. */
export function unfinished(state: RunState): boolean {
  if (state.state !== 'approved') return false
  return openPhases(state).length > 0 || (state.policy.land !== 'none' && state.planTip !== state.landedTip)
}

/** `<plan's directory>-<4 hex digits>`: says which plan, and is new each time. */
export function nameRun(plan: Plan, ports: Ports): string {
  const last =
    plan.path
      .replace(/\.(?:md|json|ya?ml)$/iu, '')
      .split('/')
      .filter((part) => part !== '')
      .at(-1) ?? plan.title
  return `${refSegment(last || 'plan', 30)}-${ports.random.hex(2)}`
}

/** All runs of this repository, newest first. One that cannot be read is left out here; asked for by name it says why. */
export async function allRuns(ports: Ports): Promise<RunBook[]> {
  return (await readRuns(ports)).books
}

async function readRuns(ports: Ports): Promise<{ books: RunBook[]; unreadable: Failure[] }> {
  const books: RunBook[] = []
  const unreadable: Failure[] = []
  for (const run of await ports.ledger.runs()) {
    const book = new RunBook(run, ports)
    const opened = await book.open()
    if (opened.ok) books.push(book)
    else unreadable.push(...opened.error)
  }
  return { books: books.sort((a, b) => b.state.startedAt - a.state.startedAt), unreadable }
}

/**
 * The run that is meant: the named one, else the only unfinished one, else the only one there is; `newest`: else the newest of
 * those that have ended.
 */
export async function theRun(
  run: string | undefined,
  ports: Ports,
  { newest = false }: { newest?: boolean } = {},
): Promise<Result<RunBook, Failure[]>> {
  if (run !== undefined) {
    const book = new RunBook(run, ports)
    const opened = await book.open()
    if (opened.ok || opened.error[0]?.reason !== 'unknown-run') return opened.ok ? ok(book) : opened
    const names = await ports.ledger.runs()
    const hint = names.length === 0 ? '`orchestrate run DIR` starts one.' : `Runs here: ${names.join(', ')}.`
    return err([failure('unknown-run', `There is no run ${run}.`, hint)])
  }
  let { books, unreadable } = await readRuns(ports)
  if (books.length === 0 && (await ports.repository.fetchRuns()) > 0)
    ({ books, unreadable } = await readRuns(ports))
  if (books.length === 0 && unreadable.length > 0) return err(unreadable)
  const going = books.filter((book) => unfinished(book.state))
  const [only] = going.length > 0 ? going : books
  if (!only)
    return err([
      failure('unknown-run', 'There is no run in this repository.', '`orchestrate run DIR` starts one.'),
    ])
  if (going.length > 1 || (going.length === 0 && books.length > 1 && !newest)) {
    const names = (going.length > 0 ? going : books).map((book) => book.run)
    const hint = `Name the one you mean, e.g. \`orchestrate status ${names[0]}\` or \`orchestrate retry 2 --run ${names[0]}\`.`
    return err([failure('several-runs', `There are several runs: ${names.join(', ')}.`, hint)])
  }
  return ok(only)
}

/** Writes the run and its approval into the ledger. From here on the run exists. */
export async function createRun(
  input: {
    run: string
    prepared: Prepared
    approval: Approval
    facts: { branch: string | undefined; head: Sha | undefined }
    actor: string
  },
  ports: Ports,
): Promise<Result<RunBook, Failure[]>> {
  const { run, facts, actor } = input
  const { plan } = input.prepared
  const { config, scope, source } = input.approval
  if (facts.head === undefined)
    return err([
      failure(
        'no-commits',
        'The repository has no commit yet.',
        'Commit the plan first: `git add`, `git commit`.',
      ),
    ])
  const book = new RunBook(run, ports)
  const { files, ...recorded } = toRecord(input.prepared)
  const created = await book.create(
    {
      type: 'run-created',
      run,
      planDir: plan.path,
      index: plan.index,
      ...{ title: plan.title, words: plan.words },
      branch: facts.branch ?? '',
      base: facts.head,
      digest: plan.digest,
      phases: plannedPhases(plan, scope, { run, parallel: config.parallel }),
      policy: policyOf(plan, config),
      ...recorded,
      ...(input.prepared.spent === undefined ? {} : { spent: input.prepared.spent }),
      config: { ...config },
    },
    { files },
  )
  if (!created.ok) return created
  const told = await book.tell({
    type: 'approve',
    by: actor,
    head: facts.head,
    digest: plan.digest,
    scope,
    source,
  })
  return told.ok ? ok(book) : err([told.error])
}

/** The configuration that the run was approved with, and what a person says now over it. */
export function configOf(state: RunState, now: Partial<Config>): Config {
  // Written by `createRun` from a checked Config; anything missing (an older engine) falls back to the default.
  const config = { ...DEFAULT_CONFIG, ...(state.config as Partial<Config>), ...now }
  return now.model === undefined ? config : withModel(config, now.model)
}
