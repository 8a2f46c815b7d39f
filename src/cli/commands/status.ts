import { statusText } from '../../core/report/status.ts'
import { columnsOf, printJson, styleOf } from '../output.ts'
import type { Handler } from '../shell.ts'
import { withRun } from '../with-run.ts'

/** `orchestrate status [RUN]`: RunView as JSON on stdout, or a table for people. */
export const statusCommand: Handler = async (input, shell) => {
  const json = input.given.has('--json')
  return withRun(input.args[0], { json, newest: true }, shell, async ({ view }) => {
    const { stderr } = shell
    if (json) printJson(view, shell)
    else stderr.write(statusText(view, columnsOf(stderr), styleOf(stderr, shell), shell.program))
    return 0
  })
}
