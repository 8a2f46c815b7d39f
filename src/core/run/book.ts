import { ENGINE, runEvent, SCHEMA, type RunEvent, type Unstamped } from '../model/event.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { Sha } from '../model/ids.ts'
import { runRef } from '../model/ledger-refs.ts'
import { err, ok, type Result } from '../model/result.ts'
import { foldChain, readEvent } from '../model/read-event.ts'
import type { Appended, Clock, LedgerEntry, LedgerStore, Random, RefMove } from '../ports.ts'
import { type Command, decide } from './decide.ts'
import { evolve, type RunState } from './state.ts'

export { runRef }

/**
 * The run's chain as a state that can be asked and told: reads, validates, folds; a command is decided on the newest state
 * and appended by compare-and-swap. Whoever loses the race reads again and decides again.
 */
export class RunBook {
  readonly run: string
  readonly #store: LedgerStore
  readonly #clock: Clock
  readonly #random: Random
  #head: Sha | undefined
  #state: RunState | undefined
  #queue: Promise<unknown> = Promise.resolve()

  constructor(run: string, deps: { ledger: LedgerStore; clock: Clock; random: Random }) {
    this.run = run
    this.#store = deps.ledger
    this.#clock = deps.clock
    this.#random = deps.random
  }

  /** The state as last seen. */
  get state(): RunState {
    if (!this.#state) throw new Error('the book was not opened')
    return this.#state
  }

  get head(): Sha | undefined {
    return this.#head
  }

  /**
   * Why this engine may read the run but not write it: its records mean what another major version took them for. Undefined
   * where it may write.
   */
  readOnly(): Failure | undefined {
    const { engine } = this.state
    if (major(engine) === major(ENGINE)) return undefined
    return failure(
      'ledger-newer',
      `Run ${this.run} was begun by Orchestrate ${engine}, and this is ${ENGINE}: it can be read, and nothing is written.`,
      `Go on with a version ${major(engine)} of Orchestrate, or start a new run.`,
    )
  }

  /** Reads the chain. A run that does not exist is a failure, and so is a chain that cannot be trusted. */
  async open(): Promise<Result<RunState>> {
    const read = await this.#store.read(runRef(this.run))
    if (!read.ok) return read
    if (read.value.entries.length === 0) {
      return err([
        failure(
          'unknown-run',
          `There is no run ${this.run}.`,
          '`orchestrate status` shows where runs stand.',
        ),
      ])
    }
    const folded = foldRun(this.run, read.value.entries)
    if (!folded.ok) return err([folded.error])
    this.#head = read.value.head
    this.#state = folded.value
    return ok(folded.value)
  }

  /** Starts the chain, with `files` beside the event. `hold`: where it is shared, it goes out with the approval that follows. */
  async create(
    event: Omit<Extract<RunEvent, { type: 'run-created' }>, 'schema' | 'engine' | 'at'>,
    { hold = false, files = new Map() }: { hold?: boolean; files?: ReadonlyMap<string, string> } = {},
  ): Promise<Result<RunState>> {
    const stamped = this.#stamp(event)
    const appended = await this.#append(stamped, undefined, { hold }, files)
    if (!appended.ok && appended.failure) return err([appended.failure])
    if (!appended.ok) {
      return err([
        failure('refused', `Run ${this.run} exists already.`, 'Try again: a run gets a new name each time.'),
      ])
    }
    this.#state = evolve(undefined, stamped)
    return ok(this.#state)
  }

  /**
   * Decides `command` and appends what follows. The failure says why it was refused. `along`: refs that a shared ledger moves
   * with the event or not at all.
   */
  tell(command: Command, along: readonly RefMove[] = []): Promise<Result<RunState, Failure>> {
    // One at a time from this process: its phases need not race each other.
    const told = this.#queue.then(() => this.#tell(command, along))
    this.#queue = told.catch(() => undefined)
    return told
  }

  async #tell(command: Command, along: readonly RefMove[]): Promise<Result<RunState, Failure>> {
    const readOnly = this.readOnly()
    if (readOnly) return err(readOnly)
    for (let tries = 0; ; tries++) {
      const decision = decide(this.state, command)
      if (!decision.ok) return decision
      const appended = await this.#appendAll(decision.value, along)
      if (appended === 'done') return ok(this.state)
      if (appended !== 'beaten') {
        await this.open()
        return err(appended)
      }
      if (tries >= 50)
        return err(
          failure('git-failed', 'Other processes keep writing to the ledger.', 'Try again in a minute.'),
        )
      await this.#jitter(tries)
      const read = await this.open()
      if (!read.ok)
        return err(
          read.error[0] ??
            failure(
              'ledger-unreadable',
              'The ledger cannot be read.',
              '`orchestrate verify` names the first gap.',
            ),
        )
    }
  }

  async #appendAll(
    events: Unstamped<RunEvent>[],
    along: readonly RefMove[],
  ): Promise<'done' | 'beaten' | Failure> {
    for (const [i, event] of events.entries()) {
      const stamped = this.#stamp(event)
      const hold = i < events.length - 1
      const appended = await this.#append(stamped, this.#head, hold ? { hold } : { along })
      if (!appended.ok) return appended.failure ?? 'beaten'
      this.#state = evolve(this.#state, stamped)
    }
    return 'done'
  }

  async #append(
    event: RunEvent,
    expected: Sha | undefined,
    shared: { along?: readonly RefMove[]; hold?: boolean },
    beside: ReadonlyMap<string, string> = new Map(),
  ): Promise<Appended> {
    const files = new Map<string, string>(beside)
    if ('phase' in event && event.phase !== undefined)
      files.set(`phases/${encodeURIComponent(event.phase)}.json`, json(event))
    else files.set(`${event.type}.json`, json(event))
    const done = await this.#store.append({
      ref: runRef(this.run),
      expected,
      subject: subjectOf(event),
      event,
      files,
      at: event.at,
      ...shared,
    })
    if (done.ok) this.#head = done.head
    return done
  }

  #stamp<E extends Unstamped<RunEvent>>(event: E): RunEvent {
    return { schema: SCHEMA, engine: ENGINE, at: this.#clock.now(), ...event } as RunEvent
  }

  /** A short random wait, so that writers who collided do not collide again. */
  async #jitter(tries: number): Promise<void> {
    const ms = (parseInt(this.#random.hex(1), 16) % 16) + Math.min(tries * 5, 100)
    await new Promise((resolve) => setTimeout(resolve, ms))
  }
}

const major = (version: string): string => version.split('.')[0] ?? ''

/** Validates and folds the entries of a run's chain. */
export function foldRun(run: string, entries: LedgerEntry[]): Result<RunState, Failure> {
  const folded = foldChain(entries, runEvent, evolve)
  if (!folded.ok) return folded
  return folded.value
    ? ok(folded.value)
    : err(failure('unknown-run', `There is no run ${run}.`, '`orchestrate status` shows where runs stand.'))
}

export const readRunEvent = (entry: LedgerEntry): Result<RunEvent, Failure> => readEvent(runEvent, entry)

function subjectOf(event: RunEvent): string {
  switch (event.type) {
    case 'run-created':
      return `run created: ${event.title || event.planDir}`
    case 'run-approved':
      return `approved by ${event.by}: phases ${event.scope.join(', ')}`
    case 'phase-claimed':
      return `phase ${event.phase} claimed, attempt ${event.attempt}`
    case 'phase-taken-over':
      return `phase ${event.phase} taken over, attempt ${event.attempt}`
    case 'phase-waits':
      return `phase ${event.phase} waits until ${new Date(event.until).toISOString()}: ${event.why}`
    case 'phase-goes-on':
      return `phase ${event.phase} goes on, attempt ${event.attempt}`
    case 'phase-lost':
      return `phase ${event.phase} lost: its jobs keep dying`
    case 'run-checked':
      return `plan branch checked: build ${event.build}, test ${event.test}`
    case 'phase-stopped':
      return `phase ${event.phase} stopped: ${event.problem.reason}`
    case 'phase-merged':
      return `phase ${event.phase} merged as ${event.merge.slice(0, 10)}`
    case 'decided':
      return `${event.by} decided: ${event.decision}${event.phase === undefined ? '' : ` phase ${event.phase}`}`
    case 'run-landed':
      return `landed ${event.sha.slice(0, 10)} on ${event.branch}`
  }
}

const json = (event: object): string => `${JSON.stringify(event, null, 2)}\n`
