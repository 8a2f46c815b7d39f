import { ClaimLost, phaseRef } from '../execute/phase-book.ts'
import type { PhaseInput } from '../execute/phase-context.ts'
import { ForeignCommit } from '../execute/record-step.ts'
import type { Sha } from '../model/ids.ts'
import type { RefMove, SharedLedger } from '../ports.ts'
import { runRef } from '../run/book.ts'
import { fullStop } from '../text/sentence.ts'
import type { Execution } from './execution.ts'

/** Pushes of a phase while it works; its end is always told. */
const CHECKPOINTS = 4
/** Where each event of the run is a push as well: claim, these, merge (or stop), end. Six in all. */
const SHARED_CHECKPOINTS = 3

interface PhaseRef {
  ref: string
  sha: Sha
}

/** How what happens in a phase gets to the remote. */
export interface Publisher {
  /** The run as it stands, after a change of its own. */
  run(): Promise<void>
  /** Counts the checkpoints of one phase. */
  phase(input: PhaseInput): { checkpoint(refs: PhaseRef[]): Promise<void> }
  /** What a phase came to, before its process ends in the middle of it. */
  save(input: PhaseInput): Promise<void>
  /** Refs of a phase that have to be at the remote with the event that ends its attempt. */
  along(input: PhaseInput): Promise<RefMove[]>
}

export const publisherOf = (execution: Execution, holder: string): Publisher =>
  execution.ports.shared === undefined
    ? bestEffort(execution)
    : shared(execution, execution.ports.shared, holder)

/** On one machine the ledger here is the truth; a remote, where there is one, hears of it. Told once when it does not. */
function bestEffort({ book, ports }: Execution): Publisher {
  let queue: Promise<void> = Promise.resolve()
  let warned = false
  let remote: boolean | undefined
  const push = async (refs: PhaseRef[]): Promise<void> => {
    remote ??= await ports.repository.publishes()
    if (!remote || book.head === undefined) return
    const all = [
      { ref: runRef(book.run), sha: book.head },
      { ref: planRef(book.run), sha: book.state.planTip },
      ...refs,
    ]
    const done = await ports.repository.publish(all)
    if (done.ok) ports.reporter.emit({ type: 'published', refs: all.length, at: ports.clock.now() })
    else if (!warned) {
      warned = true
      ports.reporter.emit({
        type: 'warning',
        message: `The remote did not take a checkpoint: ${fullStop(done.message)}`,
        hint: 'Work goes on; the ledger in this repository is complete.',
      })
    }
  }
  /** One after the other, each with the run's chain and the plan branch as they are then. */
  const publish = (refs: PhaseRef[]): Promise<void> => (queue = queue.then(() => push(refs)))
  return {
    run: () => publish([]),
    along: async () => [],
    save: async () => undefined,
    phase(input) {
      let checkpoints = 0
      return {
        async checkpoint(refs) {
          checkpoints++
          const merged = book.state.phases.get(input.phase.id)?.state === 'merged'
          if (checkpoints <= CHECKPOINTS || merged) await publish(refs)
        },
      }
    },
  }
}

/** Jobs share the run by the remote: its chain is there as soon as it is written, a phase's own refs from time to time. */
function shared({ book, ports }: Execution, ledger: SharedLedger, holder: string): Publisher {
  const { reporter, clock, repository } = ports
  const checkpoint = async (input: PhaseInput, refs: PhaseRef[]): Promise<void> => {
    const done = await ledger.checkpoint(refs)
    if (done.ok) {
      reporter.emit({ type: 'published', refs: refs.length, at: clock.now() })
      return
    }
    if (!done.lost) {
      const { message, hint } = done.failure
      reporter.emit({
        type: 'warning',
        message,
        hint: `${hint} Work goes on; the next checkpoint tries again.`,
      })
      return
    }
    await ledger.fetch(book.run)
    await book.open()
    const phase = book.state.phases.get(input.phase.id)
    const ours = phase?.state === 'running' && phase.attempt === input.attempt && phase.holder === holder
    if (ours || phase?.state === 'merged') throw new ForeignCommit(done.failure.message)
    throw new ClaimLost(phaseRef(input.run, input.phase.id, input.attempt))
  }
  const refsOf = async (input: PhaseInput): Promise<PhaseRef[]> => {
    const refs = [`refs/heads/${input.branch}`, phaseRef(input.run, input.phase.id, input.attempt)]
    const found = await Promise.all(
      refs.map(async (ref) => {
        const sha = await repository.resolve(ref)
        return sha === undefined ? [] : [{ ref, sha }]
      }),
    )
    return found.flat()
  }
  return {
    run: async () => undefined,
    save: async (input) => {
      await ledger.checkpoint(await refsOf(input))
    },
    // What the remote has of a phase's own refs is what we last put there: the ledger knows its lease.
    along: async (input) => (await refsOf(input)).map(({ ref, sha }) => ({ ref, from: undefined, to: sha })),
    phase(input) {
      let checkpoints = 0
      return {
        async checkpoint(refs) {
          checkpoints++
          const merged = book.state.phases.get(input.phase.id)?.state === 'merged'
          if (checkpoints <= SHARED_CHECKPOINTS || merged) await checkpoint(input, refs)
        },
      }
    },
  }
}

export const planRef = (run: string): string => `refs/heads/orchestrate/${run}/plan`
