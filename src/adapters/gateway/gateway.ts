/**
 * The gateway between agents and the model: it holds the provider's key, so that no agent has it; it meters every call, refuses
 * before a budget is passed, and waits for all where the provider has no room.
 */
import type { Usage } from '../../core/model/step.ts'
import type { AgentActivity, AgentFailure, AgentRequest } from '../../core/ports.ts'
import type { Endpoint, Protocol } from '../agents/adapter.ts'

/** One agent call's way to its model: an address on loopback and a key that is good for this call alone. */
export interface Door {
  endpoint: Endpoint
  /** The loopback port of `endpoint`, for the cage. */
  port: number
  /** What went through so far, metered from the answers. Cost is the provider's where it tells one, else by the price table. */
  readonly usage: Usage
  /** True where the cost is an estimate by the price table. */
  readonly estimated: boolean
  /** Why the gateway or the provider let a call fail last; undefined where all went through. */
  readonly refusal: AgentFailure | undefined
  /** From here on the key is good for nothing. */
  close(): void
}

export interface Gateway {
  admit(
    request: Pick<AgentRequest, 'run' | 'phase' | 'attempt' | 'step' | 'unit' | 'model' | 'limits'>,
    protocol: Protocol,
    onActivity: (activity: AgentActivity) => void,
  ): Promise<Door>
  close(): Promise<void>
}
