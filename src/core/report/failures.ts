import { REASONS, type Failure } from '../model/failure.ts'
import type { Style } from '../text/style.ts'

/**
 * Expected failures as a person reads them, one block each: what was found, where, what to do next.
 *
 *     error: There is no directory /home/kim/plans/x.
 *       hint: Give the directory that holds manifest.md or task_plan.md.
 *
 * What waits for a person's decision is "stopped", not an error.
 */
export function renderFailures(failures: readonly Failure[], style: Style): string {
  return failures.map((failure) => renderFailure(failure, style)).join('')
}

function renderFailure({ reason, message, hint, file, line }: Failure, style: Style): string {
  const label = REASONS[reason] === 'person' ? style.warn('stopped:') : style.bad('error:')
  const [first = '', ...rest] = message.split('\n')
  return [
    `${label} ${style.bold(first)}`,
    ...rest.map((more) => `  ${more}`),
    ...(file === undefined ? [] : [`  at ${file}${line === undefined ? '' : `:${line}`}`]),
    ...hint
      .split('\n')
      .map((text, i) => (i === 0 ? `  ${style.accent('hint:')} ${text}` : `        ${text}`)),
    '',
  ].join('\n')
}
