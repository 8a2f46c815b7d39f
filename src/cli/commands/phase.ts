import { failure } from '../../core/model/failure.ts'
import { runPhase } from '../../core/pipeline.ts'
import { phaseResultText } from '../../core/report/phase-result.ts'
import { STEPS } from '../flags.ts'
import type { Handler } from '../shell.ts'
import { startRun } from './run.ts'

/** `orchestrate phase --phase N --plan-dir DIR`: one phase, its PHASE_RESULT on stdout. */
export const phaseCommand: Handler = async (input, shell) => {
  const phase = typeof input.options['phase'] === 'string' ? input.options['phase'] : undefined
  const dir = typeof input.options['planDir'] === 'string' ? input.options['planDir'] : undefined
  let step: (typeof STEPS)[number] | undefined
  return startRun(
    dir ?? '.',
    input,
    shell,
    async (request, ports) => {
      const ended = await runPhase(
        { ...request, phase: phase ?? '', ...(step === undefined ? {} : { step }) },
        ports,
      )
      const result = ended.view?.phases.find((one) => one.id === phase)?.result
      if (result !== undefined && !input.given.has('--json')) shell.stdout.write(phaseResultText(result))
      return ended
    },
    (flags) => {
      for (const [flag, value, example] of [
        ['--phase', phase, '--phase 2'],
        ['--plan-dir', dir, '--plan-dir plan'],
      ] as const) {
        if (value === undefined) {
          flags.failures.push(
            failure('missing-argument', `\`phase\` needs ${flag}.`, `For example: ${example}`),
          )
        }
      }
      step = flags.one('--step', STEPS)
    },
  )
}
