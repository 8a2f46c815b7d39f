import { addUsage, type Usage } from '../../core/model/step.ts'
import type { AgentActivity, AgentFailure, AgentRequest } from '../../core/ports.ts'
import type { Endpoint, Protocol } from '../agents/adapter.ts'
import type { Account } from './accounts.ts'
import type { Door } from './gateway.ts'

export type Admitted = Pick<AgentRequest, 'run' | 'phase' | 'attempt' | 'step' | 'unit' | 'model' | 'limits'>

interface DoorParts {
  request: Admitted
  protocol: Protocol
  endpoint: Endpoint
  port: number
  account: Account
  onActivity: (activity: AgentActivity) => void
  close: () => void
}

/** A door while its step runs: what went through it, and what was refused. */
export class OpenDoor implements Door {
  readonly request: Admitted
  readonly protocol: Protocol
  readonly endpoint: Endpoint
  readonly port: number
  readonly account: Account
  usage: Usage = {}
  estimated = false
  /** How often its model was asked. */
  calls = 0
  refusal: AgentFailure | undefined
  readonly #onActivity: (activity: AgentActivity) => void
  readonly #close: () => void

  constructor({ request, protocol, endpoint, port, account, onActivity, close }: DoorParts) {
    this.request = request
    this.protocol = protocol
    this.endpoint = endpoint
    this.port = port
    this.account = account
    this.#onActivity = onActivity
    this.#close = close
  }

  /** One call is paid. */
  charge(usage: Usage): void {
    this.usage = addUsage(this.usage, usage)
    this.estimated = true
    this.#onActivity({ kind: 'usage', usage: this.usage })
  }

  waits(attempt: number, delayMs: number, status: number): void {
    this.#onActivity({ kind: 'retry', attempt, delayMs: Math.round(delayMs), status })
  }

  close(): void {
    this.#close()
  }
}
