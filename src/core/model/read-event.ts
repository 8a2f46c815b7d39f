import type { z } from 'zod'
import { fullStop } from '../text/sentence.ts'
import { SCHEMA } from './event.ts'
import { type Failure, failure } from './failure.ts'
import type { Sha } from './ids.ts'
import { err, ok, type Result } from './result.ts'

/** An entry of a ledger chain as an event. Why not: a newer engine wrote it, or it is garbled. Nothing is ever guessed. */
export function readEvent<E>(
  schema: z.ZodType<E>,
  entry: { commit: Sha; event: unknown },
): Result<E, Failure> {
  const parsed = schema.safeParse(entry.event)
  if (parsed.success) return ok(parsed.data)
  const written = typeof entry.event === 'object' && entry.event !== null ? entry.event : {}
  if ('schema' in written && written.schema !== SCHEMA) {
    return err(
      failure(
        'ledger-newer',
        `Ledger entry ${entry.commit.slice(0, 10)} has schema ${String(written.schema)}, and this version knows ${SCHEMA}.`,
        'Use the version of Orchestrate that began the run.',
      ),
    )
  }
  const [issue] = parsed.error.issues
  return err(
    misfit(entry.commit, issue ? `${issue.path.join('.') || 'event'}: ${issue.message}` : 'no event'),
  )
}

/** An event that is whole and does not fit what came before it. */
export const misfit = (commit: Sha, what: string): Failure =>
  failure(
    'ledger-unreadable',
    `Ledger entry ${commit.slice(0, 10)} does not fit: ${fullStop(what)}`,
    `Nothing was guessed and nothing was written. \`git show ${commit.slice(0, 10)}\` shows it; \`orchestrate verify\` names the first gap.`,
  )

/** Folds a chain. `evolve` throws on an event that does not fit. */
export function foldChain<E, S>(
  entries: readonly { commit: Sha; event: unknown }[],
  schema: z.ZodType<E>,
  evolve: (state: S | undefined, event: E) => S,
): Result<S | undefined, Failure> {
  let state: S | undefined
  for (const entry of entries) {
    const event = readEvent(schema, entry)
    if (!event.ok) return event
    try {
      state = evolve(state, event.value)
    } catch (error) {
      return err(misfit(entry.commit, error instanceof Error ? error.message : String(error)))
    }
  }
  return ok(state)
}
