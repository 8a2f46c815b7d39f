import { ENGINE, phaseEvent, SCHEMA, type PhaseEvent, type Unstamped } from '../model/event.ts'
import type { Failure } from '../model/failure.ts'
import type { PhaseId, Sha } from '../model/ids.ts'
import { phaseRef } from '../model/ledger-refs.ts'
import { err, ok, type Result } from '../model/result.ts'
import { foldChain, readEvent } from '../model/read-event.ts'
import type { Clock, LedgerEntry, LedgerStore } from '../ports.ts'
import { callKey, type PhaseProgress } from './phase-progress.ts'
import { evolvePhase } from './phase-state.ts'
import { TEAM_LOG, teamLogText } from './team/team-progress.ts'

export { phaseRef }

/**
 * The chain of one phase attempt, which only the holder of its claim writes. A later attempt that goes on begins on the head
 * of the one before, so that the fold over a chain is the whole story.
 */
export class PhaseBook {
  readonly ref: string
  /** What calls have cost whose step is not recorded yet, by `callKey`. US dollars. */
  readonly underWay = new Map<string, number>()
  readonly #store: LedgerStore
  readonly #clock: Clock
  #head: Sha | undefined
  #before: Sha | undefined
  #progress: PhaseProgress | undefined
  /** Appends wait for each other: parallel steps of a phase write one chain. */
  #queue: Promise<unknown> = Promise.resolve()

  private constructor(ref: string, store: LedgerStore, clock: Clock) {
    this.ref = ref
    this.#store = store
    this.#clock = clock
  }

  /** Opens the chain of `attempt`; where it has no entry yet, the fold of the last one before that has (for one that goes on). */
  static async open(
    at: { run: string; phase: PhaseId; attempt: number },
    deps: { ledger: LedgerStore; clock: Clock },
  ): Promise<Result<PhaseBook>> {
    const book = new PhaseBook(phaseRef(at.run, at.phase, at.attempt), deps.ledger, deps.clock)
    const own = await deps.ledger.read(book.ref)
    if (!own.ok) return own
    let entries = own.value.entries
    book.#head = own.value.head
    // An attempt whose job could not begin left nothing: what counts is what was done before it.
    for (let before = at.attempt - 1; entries.length === 0 && before > 0; before--) {
      const earlier = await deps.ledger.read(phaseRef(at.run, at.phase, before))
      if (!earlier.ok) return earlier
      entries = earlier.value.entries
      book.#before = earlier.value.head
    }
    const folded = foldPhase(entries)
    if (!folded.ok) return err([folded.error])
    book.#progress = folded.value
    return ok(book)
  }

  /** Whether this attempt has begun; until then `progress` is what the attempt before left, if there was one. */
  get begun(): boolean {
    return this.#head !== undefined
  }

  get progress(): PhaseProgress {
    if (!this.#progress) throw new Error('the attempt has not begun')
    return this.#progress
  }

  get earlier(): PhaseProgress | undefined {
    return this.#progress
  }

  get head(): Sha | undefined {
    return this.#head
  }

  /** Appends. A lost compare-and-swap means that somebody else writes this attempt: work here has to end. */
  append(
    event: Unstamped<PhaseEvent>,
    files: ReadonlyMap<string, string | { tree: Sha }> = new Map(),
  ): Promise<PhaseProgress> {
    const appended = this.#queue.then(() => this.#append(event, files))
    this.#queue = appended.catch(() => undefined)
    return appended
  }

  async #append(
    event: Unstamped<PhaseEvent>,
    files: ReadonlyMap<string, string | { tree: Sha }>,
  ): Promise<PhaseProgress> {
    const stamped = { schema: SCHEMA, engine: ENGINE, at: this.#clock.now(), ...event } as PhaseEvent
    const folded = evolvePhase(this.#progress, stamped)
    const done = await this.#store.append({
      ref: this.ref,
      expected: this.#head,
      ...(this.#head === undefined && this.#before !== undefined && continues(stamped)
        ? { parent: this.#before }
        : {}),
      subject: subjectOf(stamped),
      event: stamped,
      files: withTeamLog(files, this.#progress, folded),
      at: stamped.at,
    })
    if (!done.ok) throw new ClaimLost(this.ref)
    this.#head = done.head
    this.#progress = folded
    if (stamped.type === 'step-passed' || stamped.type === 'step-failed' || stamped.type === 'step-cut')
      this.underWay.delete(callKey(stamped.step, stamped.unit))
    return folded
  }
}

/** What a team decided stands among the phase's artifacts, as it is after this entry. */
function withTeamLog(
  files: ReadonlyMap<string, string | { tree: Sha }>,
  before: PhaseProgress | undefined,
  { team }: PhaseProgress,
): ReadonlyMap<string, string | { tree: Sha }> {
  if (team === undefined || team.log.length === before?.team?.log.length) return files
  return new Map([...files, [TEAM_LOG, teamLogText(team)]])
}

const continues = (event: PhaseEvent): boolean =>
  event.type === 'attempt-started' && event.mode === 'continue'

/** Another holder writes this attempt's chain. Not a failure of the phase: whoever holds it goes on. */
export class ClaimLost extends Error {
  override name = 'ClaimLost'
  constructor(ref: string) {
    super(`Another process writes ${ref}.`)
  }
}

/** Validates and folds a phase's chain; no entries give undefined. */
export const foldPhase = (entries: LedgerEntry[]): Result<PhaseProgress | undefined, Failure> =>
  foldChain(entries, phaseEvent, evolvePhase)

export const readPhaseEvent = (entry: LedgerEntry): Result<PhaseEvent, Failure> =>
  readEvent(phaseEvent, entry)

function subjectOf(event: PhaseEvent): string {
  switch (event.type) {
    case 'attempt-started':
      return `phase ${event.phase} attempt ${event.attempt} started (${event.mode})`
    case 'step-started':
      return `${stepName(event)} started`
    case 'step-passed':
      return `${stepName(event)} passed${event.commits.length > 0 ? `: ${event.commits.map((c) => c.sha.slice(0, 10)).join(', ')}` : ''}`
    case 'step-failed':
      return `${stepName(event)} failed: ${event.problem.reason}`
    case 'step-cut':
      return `${stepName(event)} cut off: ${event.why}`
    case 'check-finished':
      return `${event.check} ${event.outcome}${event.command === undefined ? '' : `: ${event.command.split('\n')[0]?.slice(0, 60)}`}`
    case 'synced':
      return `plan branch at ${event.planTip.slice(0, 10)} merged into the phase`
    case 'attempt-stopped':
      return `stopped: ${event.problem.reason}`
    case 'attempt-merged':
      return `merged as ${event.merge.slice(0, 10)}`
  }
}

const stepName = (event: { step: string; unit: string; try: number }): string =>
  `${event.step}${event.unit ? ` ${event.unit}` : ''}${event.try > 1 ? ` (call ${event.try})` : ''}`
