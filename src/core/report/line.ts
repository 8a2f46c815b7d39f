import { unreachable } from '../model/result.ts'
import type { ProgressEvent } from '../model/progress-event.ts'
import { clean, oneLine } from '../text/clean.ts'
import { count } from '../text/display.ts'
import { cost, duration, severities, stopwatch } from '../text/format.ts'
import { runWord, waitingText } from './words.ts'

/**
 * A progress event as one steady line for logs, without times of day; undefined for what only a live view shows. A step
 * is told when it ends, a check too: a log is read afterwards.
 */
export function line(event: ProgressEvent): string | undefined {
  switch (event.type) {
    case 'stage':
      return event.note === undefined ? undefined : join(event.stage, event.note)
    case 'run-started':
      return join(
        `run ${event.run}`,
        event.resumed ? 'resumed' : 'started',
        count(event.phases.length, 'phase'),
        `agent ${event.agent}`,
      )
    case 'phase-started':
      return join(
        `phase ${event.phase}`,
        event.attempt > 1 ? `attempt ${event.attempt} started` : 'started',
        event.title,
        event.branch,
      )
    case 'step-waiting':
      return join(`phase ${event.phase}`, stepName(event), waitingText(event, event.at))
    case 'step-finished':
      return join(
        `phase ${event.phase}`,
        stepName(event),
        event.ok ? 'done' : 'failed',
        event.note,
        duration(event.durationMs),
        event.usage.costUsd === undefined ? undefined : cost(event.usage),
      )
    case 'check-finished':
      return join(
        `phase ${event.phase}`,
        event.check,
        event.outcome === 'no-command' ? `no ${event.check} command: nothing was checked` : event.outcome,
        event.command,
        event.counts === undefined ? undefined : tests(event.counts),
        event.outcome === 'no-command' ? undefined : duration(event.durationMs),
      )
    case 'findings': {
      const total = Object.values(event.counts).reduce((sum, n) => sum + n, 0)
      return join(
        `phase ${event.phase}`,
        event.step,
        total === 0 ? 'no findings' : `${count(total, 'finding')} (${severities(event.counts)})`,
      )
    }
    case 'commit':
      return join(`phase ${event.phase}`, `commit ${event.sha.slice(0, 8)}`, event.subject)
    case 'phase-stopped':
      return join(`phase ${event.phase}`, 'needs you', event.reason, event.message, event.hint)
    case 'phase-merged':
      return join(`phase ${event.phase}`, `merged ${event.sha.slice(0, 8)}`)
    case 'phase-skipped':
      return join(`phase ${event.phase}`, 'skipped')
    case 'published':
      return join('published', count(event.refs, 'ref'))
    case 'warning':
      return join('warning', event.message, event.hint)
    case 'execution-plan':
      return event.text
    case 'note':
      return clean(event.message)
    case 'landed':
      return join('landed', event.branch, event.sha.slice(0, 8))
    case 'run-ended':
      return join(
        `run ${event.run}`,
        runWord(event.state),
        duration(event.durationMs),
        event.usage.costUsd === undefined ? undefined : cost(event.usage),
      )
    case 'diagnostics':
    case 'step-started':
    case 'step-activity':
    case 'check-started':
    case 'phase-result':
      return undefined
    default:
      return unreachable(event)
  }
}

/** What an agent does now, so long after its step began. */
export const activityLine = (
  event: Extract<ProgressEvent, { type: 'step-activity' }>,
  elapsedMs: number,
): string =>
  join(
    `phase ${event.phase}`,
    stepName(event),
    stopwatch(elapsedMs),
    event.costUsd === undefined ? undefined : cost(event),
    event.retries === undefined ? undefined : count(event.retries, 'retry', 'retries'),
    event.text,
  )

const stepName = ({ step, unit }: { step: string; unit: string }): string =>
  unit === '' ? step : `${step} ${unit}`

const join = (...parts: (string | undefined)[]): string =>
  parts.flatMap((part) => (part === undefined || part === '' ? [] : [oneLine(part)])).join(' · ')

const tests = ({ passed, failed, skipped }: { passed: number; failed: number; skipped: number }): string =>
  [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(', ')
