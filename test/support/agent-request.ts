import type { AgentRequest } from '../../src/core/ports.ts'

/** A request for tests of agents; what matters to a test is given. */
export function agentRequest(cwd: string, more: Partial<AgentRequest> = {}): AgentRequest {
  return {
    run: 'run-1',
    phase: '1',
    attempt: 1,
    step: 'implement',
    unit: '1.1',
    cwd,
    prompt: { system: 'You implement.', user: 'Write a file.' },
    access: 'edit',
    schema: { type: 'object' },
    nonce: 'nonce-1',
    limits: { wallMs: 60_000, extraMs: 0, idleMs: 60_000 },
    ...more,
  }
}
