import { resolve } from 'node:path'
import { writeOver } from '../../adapters/files/write-text.ts'
import { failure } from '../../core/model/failure.ts'
import { runHtml } from '../../core/report/html.ts'
import { printFailures } from '../output.ts'
import type { Handler } from '../shell.ts'
import { withRun } from '../with-run.ts'

/** `orchestrate report RUN -o FILE.html` */
export const reportCommand: Handler = async (input, shell) => {
  const { output } = input.options
  if (typeof output !== 'string') {
    const hint = `${shell.program} report RUN -o report.html`
    return printFailures([failure('missing-argument', '`report` needs -o FILE.', `Usage: ${hint}`)], shell)
  }
  return withRun(input.args[0], { json: false }, shell, async ({ view }) => {
    const file = resolve(shell.cwd, output)
    const problem = await writeOver(file, runHtml(view))
    if (problem !== undefined) {
      return printFailures(
        [
          failure(
            'no-write-permission',
            `The report could not be written: ${problem}`,
            'Name another file with -o.',
          ),
        ],
        shell,
      )
    }
    shell.stderr.write(`Written: ${file}\n`)
    return 0
  })
}
