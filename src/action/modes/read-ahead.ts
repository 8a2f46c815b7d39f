import { setImmediate as turn } from 'node:timers/promises'
import type { Forge } from '../../core/forge.ts'

/** Turns of the event loop from the call to the bytes: the client loads, looks up the address, connects, writes. */
const TURNS = 4

/** What will be asked for first. */
export interface First {
  pull: number
  statement?: { kind: 'comment' | 'review'; id: number }
}

/**
 * A forge whose first reading of a pull request, and of what somebody said on it, is under way: the answer travels while the code
 * that wants it is loaded. Every later reading is a new one.
 */
export function readAhead(forge: Forge, { pull, statement }: First): Forge {
  const said = statement && once(forge.statement(statement.kind, statement.id, pull))
  const facts = once(forge.pull(pull))
  return {
    ...forge,
    pull: (number) => (number === pull ? facts() : undefined) ?? forge.pull(number),
    statement: (kind, id, of) =>
      (kind === statement?.kind && id === statement.id && of === pull ? said?.() : undefined) ??
      forge.statement(kind, id, of),
  }
}

/** Hands a promise out to the first who asks. */
function once<T>(begun: Promise<T>): () => Promise<T> | undefined {
  // A fault is thrown to who asks for the answer; until then nobody waits for it.
  begun.catch(() => {})
  let left: Promise<T> | undefined = begun
  return () => {
    const given = left
    left = undefined
    return given
  }
}

/**
 * Resolves when a request that was begun has left this process's hands. Newer versions of Node read what is imported in one go:
 * without this the request would wait for all of it.
 */
export async function onItsWay(): Promise<void> {
  for (let turns = 0; turns < TURNS; turns += 1) await turn()
}
