import type { Reporter } from '../../core/ports.ts'

/** Each event as one line of JSON, for machines. */
export function jsonReporter(stdout: { write(text: string): unknown }): Reporter {
  return { emit: (event) => void stdout.write(`${JSON.stringify(event)}\n`) }
}
