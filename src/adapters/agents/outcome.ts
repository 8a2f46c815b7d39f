import type { AgentFailure, ProcessOutcome } from '../../core/ports.ts'
import { unreachable } from '../../core/model/result.ts'

/** What a process's end means for the agent's call; undefined where it ended by itself with code 0. */
export function processFailure(outcome: ProcessOutcome, agent: string): AgentFailure | undefined {
  switch (outcome.kind) {
    case 'exit':
      if (outcome.code === 0) return undefined
      return { reason: 'crashed', message: `${agent} ended with exit code ${outcome.code}` }
    case 'signal':
      return { reason: 'killed', message: `${agent} was ended by ${outcome.signal}` }
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
    case 'over-limit':
      return { reason: 'over-limit', message: `${agent} was ended: ${outcome.message}` }
    case 'spawn-failed':
      return {
        reason: outcome.notFound ? 'not-found' : 'crashed',
        message: `${agent} could not be started: ${outcome.message}`,
      }
    case 'cancelled':
      return { reason: 'cancelled', message: `${agent} was cancelled` }
    default:
      return unreachable(outcome)
  }
}

/** What an HTTP status of the model's API means; without one the service was not reached. 413 and 400 are the request's fault. */
export function apiFailure(status: number | undefined): AgentFailure['reason'] {
  if (status === 401 || status === 403) return 'auth'
  if (status === 429 || status === 529) return 'rate-limited'
  return status !== undefined && status >= 400 && status < 500 ? 'refused' : 'unavailable'
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`
