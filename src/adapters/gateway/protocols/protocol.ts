import type { IncomingHttpHeaders } from 'node:http'
import type { Usage } from '../../../core/model/step.ts'

/** What one provider's API looks like from between: who asks, what it may cost, what it did cost. */
export interface ModelProtocol {
  /** Whose it is, for people. */
  readonly title: string
  /** Where it is reached when nobody says otherwise: the address as the provider's own programs take it. */
  readonly provider: string
  /** What stands in its place in the gateway's address. */
  readonly prefix: string
  /** Paths below `prefix` that a call may ask for: talking to a model, and nothing that manages an account. */
  readonly paths: RegExp
  /** The key in a request, wherever this API has it. */
  keyOf(headers: IncomingHttpHeaders, url: URL): string | undefined
  /** The headers by which the provider knows us. */
  authorization(key: string): Record<string, string>
  /** What stands in a request that decides its cost. `body` is undefined where it is no JSON. */
  ask(body: unknown, path: string): Asked
  /** The same request with a lower bound on the answer; undefined where it cannot be bounded so low. */
  bounded(body: unknown, maxOutputTokens: number): unknown
  /** Reads one JSON value of the answer: an event of a stream, or the whole body. */
  read(value: unknown, so: Metered): Metered
  /** An error in this API's own words, so that the agent's program understands it. `room`: there is none for now. */
  refusal(kind: 'budget' | 'key' | 'path' | 'room', message: string): { status: number; body: object }
}

export interface Asked {
  model: string | undefined
  /** Undefined: as many as the model can give. */
  maxOutputTokens: number | undefined
  /** False for requests that cost nothing (counting tokens, listing models). */
  charged: boolean
}

/** What an answer told of its cost so far. */
export interface Metered {
  usage: Usage
  /** Characters that were said; for an answer that broke off before its usage came. */
  characters: number
}

export const NOTHING: Metered = { usage: {}, characters: 0 }

export function bearer(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

/** Members that have a value, so that what came before is not overwritten by nothing. */
export function told(usage: { [K in keyof Usage]: Usage[K] | null }): Usage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => typeof value === 'number'))
}
