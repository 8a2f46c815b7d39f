import type { AgentOutcome, ProcessOutcome } from '../../core/ports.ts'
import { unreachable } from '../../core/model/result.ts'

type Failed = Extract<AgentOutcome, { kind: 'failed' }>

/** What a process's end means for the agent's call; undefined where it ended by itself with code 0. */
export function processFailure(
  outcome: ProcessOutcome,
  agent: string,
): Pick<Failed, 'reason' | 'message'> | undefined {
  switch (outcome.kind) {
    case 'exit':
      if (outcome.code === 0) return undefined
      return { reason: 'exit', message: `${agent} ended with exit code ${outcome.code}` }
    case 'signal':
      return { reason: 'signal', message: `${agent} was ended by ${outcome.signal}` }
    case 'timeout':
      return {
        reason: 'timeout',
        message: `${agent} was ended after ${seconds(outcome.afterMs)}: out of time`,
      }
    case 'idle':
      return {
        reason: 'idle',
        message: `${agent} was ended: no output and no changed file for ${seconds(outcome.afterMs)}`,
      }
    case 'spawn-failed':
      return {
        reason: outcome.notFound ? 'not-found' : 'exit',
        message: `${agent} could not be started: ${outcome.message}`,
      }
    case 'cancelled':
      return { reason: 'cancelled', message: `${agent} was cancelled` }
    default:
      return unreachable(outcome)
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`
