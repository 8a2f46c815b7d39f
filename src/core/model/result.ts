import type { Failure } from './failure.ts'

/** An expected failure is a value. Throwing is for our own bugs. */
export type Result<T, E = Failure[]> = { ok: true; value: T } | { ok: false; error: E }

export const ok = <T>(value: T): { ok: true; value: T } => ({ ok: true, value })
export const err = <E>(error: E): { ok: false; error: E } => ({ ok: false, error })

/** Ends a `switch` over a union: a case that is forgotten fails the type check here. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
