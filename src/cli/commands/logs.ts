import { failure } from '../../core/model/failure.ts'
import { AGENT_STEPS } from '../../core/model/step.ts'
import { transcriptsText } from '../../core/report/transcript.ts'
import { Flags } from '../flags.ts'
import { printFailures, styleOf } from '../output.ts'
import type { Handler } from '../shell.ts'
import { withRun } from '../with-run.ts'

/** `orchestrate logs [RUN] [--phase N] [--step S]`: what each agent did; as JSON lines on stdout with all that they printed. */
export const logsCommand: Handler = async (input, shell) => {
  const flags = new Flags(input)
  const step = flags.one('--step', AGENT_STEPS)
  const phase = flags.text('--phase')
  const given = flags.result({})
  if (!given.ok) return printFailures(given.error, shell)
  const json = flags.has('--json')
  return withRun(input.args[0], { json, newest: true }, shell, async ({ ports, view, session }) => {
    session.release()
    const all = (await ports.transcripts?.read(view.run)) ?? []
    const chosen = all.filter(
      (one) => (phase === undefined || one.phase === phase) && (step === undefined || one.step === step),
    )
    if (chosen.length === 0) {
      const asked = [
        ...(phase === undefined ? [] : [`phase ${phase}`]),
        ...(step === undefined ? [] : [step]),
      ]
      const of = asked.length === 0 ? '' : ` of ${asked.join(', ')}`
      return printFailures(
        [
          failure(
            'no-transcript',
            `This machine has no transcript${of} of run ${view.run}.`,
            'Jobs keep theirs in the artifacts `orchestrate-RUN-N` of their workflow run; transcripts of the last 20 runs are kept here.',
          ),
        ],
        shell,
      )
    }
    if (json) {
      for (const { lines, ...place } of chosen)
        for (const line of lines) shell.stdout.write(`${JSON.stringify({ ...place, ...line })}\n`)
    } else shell.stderr.write(transcriptsText(chosen, styleOf(shell.stderr, shell)))
    return 0
  })
}
