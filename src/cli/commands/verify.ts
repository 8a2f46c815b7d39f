import { exitCode } from '../../core/model/failure.ts'
import { verifyRun } from '../../core/pipeline.ts'
import { count } from '../../core/text/display.ts'
import { printFailures, printJson, styleOf } from '../output.ts'
import type { Handler } from '../shell.ts'
import { withRun } from '../with-run.ts'

/** `orchestrate verify RUN`: replays the ledger; exit 1 names the first gap. */
export const verifyCommand: Handler = async (input, shell) => {
  const json = input.given.has('--json')
  return withRun(input.args[0], { json }, shell, async ({ ports, view }) => {
    const verified = await verifyRun(view.run, ports)
    if (json)
      printJson(
        verified.ok ? { ok: true, ...verified.value } : { ok: false, failures: verified.error },
        shell,
      )
    if (!verified.ok) return json ? exitCode(verified.error) : printFailures(verified.error, shell)
    const { events, phases } = verified.value
    if (!json) {
      const { good } = styleOf(shell.stderr, shell)
      shell.stderr.write(
        `${good('✔')} Run ${view.run}: ${count(events, 'event')} of ${count(phases, 'phase')} are chained, no step is missing.\n`,
      )
    }
    return 0
  })
}
