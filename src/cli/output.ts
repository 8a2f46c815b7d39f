import { exitCode, type Failure } from '../core/model/failure.ts'
import type { Ended } from '../core/pipeline-types.ts'
import { renderFailures } from '../core/report/failures.ts'
import { COLOURED, PLAIN, type Style } from '../core/text/style.ts'
import type { Shell } from './shell.ts'

/** Colours where the stream is a terminal that has them. Node hears NO_COLOR, FORCE_COLOR and TERM. */
export const hasColor = (stream: NodeJS.WriteStream, { env }: Shell): boolean =>
  stream.isTTY === true && stream.hasColors({ ...env })

export const styleOf = (stream: NodeJS.WriteStream, shell: Shell): Style =>
  hasColor(stream, shell) ? COLOURED : PLAIN

/** Columns for text that is laid out: the terminal's, at most 120; 100 where there is none. */
export const columnsOf = (stream: NodeJS.WriteStream): number =>
  stream.isTTY === true ? Math.min(120, Math.max(40, stream.columns)) : 100

export function printFailures(failures: readonly Failure[], shell: Shell): number {
  shell.stderr.write(renderFailures(failures, styleOf(shell.stderr, shell)))
  return exitCode(failures)
}

/** The end of a command: failures for people, or one JSON line with everything. */
export function printEnded(ended: Ended, json: boolean, shell: Shell): number {
  if (json) shell.stdout.write(`${JSON.stringify({ type: 'ended', ...ended })}\n`)
  shell.stderr.write(renderFailures(ended.failures, styleOf(shell.stderr, shell)))
  return ended.exit
}

export function printJson(value: unknown, shell: Shell): void {
  shell.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
}

export function printDefect(error: unknown, { stderr, version, nodeVersion }: Shell): number {
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
  stderr.write(
    `error: Orchestrate has a defect: ${trace}\n` +
      `  hint: Nothing that was committed is lost; \`orchestrate resume\` goes on. Please report this with the text above\n` +
      `        (orchestrate ${version}, Node ${nodeVersion}).\n`,
  )
  return 1
}
