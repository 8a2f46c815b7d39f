import type { AgentFailure, ProcessOutcome } from '../../core/ports.ts'
import type { ClaudeResult } from './claude-stream.ts'
import { apiFailure, processFailure } from './outcome.ts'

const SAID_CHARACTERS = 500

/**
 * Whether a call of claude is done. Exit 0 alone says nothing (interrupts and unmet schemas give it too), and `subtype`
 * neither (API errors call themselves "success"): done is exit 0, a result line, no error, and a turn that was completed.
 */
export function judgeClaude(
  outcome: ProcessOutcome,
  result: ClaudeResult | undefined,
  tail: string,
): AgentFailure | undefined {
  const failed = processFailure(outcome, 'claude')
  // Ended by us, or never started: what it printed on the way out does not count.
  if (failed !== undefined && outcome.kind !== 'exit') return failed
  if (result === undefined) {
    const said = tail.trim().slice(-SAID_CHARACTERS)
    const { reason, message } = failed ?? {
      reason: 'malformed' as const,
      message: 'claude ended without a result',
    }
    return { reason, message: said === '' ? message : `${message}: ${said}` }
  }
  const said = (result.errors?.join('; ') ?? result.result ?? '').trim().slice(0, SAID_CHARACTERS)
  if (result.subtype === 'error_max_budget_usd') {
    return { reason: 'over-budget', message: `claude stopped at its budget: ${said || 'all is spent'}` }
  }
  if (result.terminal_reason === 'api_error' || typeof result.api_error_status === 'number') {
    const status = result.api_error_status ?? undefined
    const shown = status === undefined ? '' : ` (status ${status})`
    return { reason: apiFailure(status), message: `the model's API failed${shown}: ${said}` }
  }
  if (result.subtype.includes('structured_output') || result.terminal_reason?.startsWith('malformed')) {
    return { reason: 'malformed', message: `claude never answered by the schema: ${said}` }
  }
  if (failed !== undefined || result.is_error || result.terminal_reason !== 'completed') {
    const why = [result.subtype, result.terminal_reason].filter(Boolean).join(', ')
    return { reason: 'crashed', message: `claude did not complete (${why}): ${said}` }
  }
  return undefined
}
