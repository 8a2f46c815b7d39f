import type { ProgressEvent } from '../../core/model/progress-event.ts'
import type { Reporter } from '../../core/ports.ts'
import { activityLine, line } from '../../core/report/line.ts'

/** So often at most a step tells what its agent does: a log of hours is still read. Milliseconds. */
const ACTIVITY_MS = 15_000

/** Steady lines for logs and for terminals that cannot redraw. */
export function plainReporter(stderr: { write(text: string): unknown }): Reporter {
  const told = new Map<string, { began: number; last: number }>()
  const now = (event: ProgressEvent): string | undefined => {
    if (event.type === 'step-started') told.set(keyOf(event), { began: event.at, last: event.at })
    if (event.type === 'step-finished') told.delete(keyOf(event))
    if (event.type !== 'step-activity') return line(event)
    const step = told.get(keyOf(event))
    if (step === undefined || event.text === '' || event.at - step.last < ACTIVITY_MS) return undefined
    step.last = event.at
    return activityLine(event, event.at - step.began)
  }
  return {
    emit(event) {
      const text = now(event)
      if (text !== undefined) stderr.write(`${text}\n`)
    },
  }
}

const keyOf = ({ phase, step, unit }: { phase: string; step: string; unit: string }): string =>
  [phase, step, unit].join('\n')
