import type { Reporter } from '../../core/ports.ts'
import { line } from '../../core/report/line.ts'

/** Steady lines for logs and for terminals that cannot redraw. */
export function plainReporter(stderr: { write(text: string): unknown }): Reporter {
  return {
    emit(event) {
      const text = line(event)
      if (text !== undefined) stderr.write(`${text}\n`)
    },
  }
}
