import { failure } from '../../core/model/failure.ts'
import { ok } from '../../core/model/result.ts'
import { runPhase } from '../../core/pipeline.ts'
import { phaseResultText } from '../../core/report/phase-result.ts'
import { STEPS } from '../choices.ts'
import type { Handler, Input, Shell } from '../shell.ts'
import { startRun } from './run.ts'

/** `orchestrate phase --phase N [--plan-dir DIR]`: one phase, its PHASE_RESULT on stdout. */
export const phaseCommand: Handler = async (input, shell) => {
  const phase = text(input, 'phase')
  let step: (typeof STEPS)[number] | undefined
  return startRun(
    () => planDir(phase ?? 'N', input, shell),
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
      if (phase === undefined)
        flags.failures.push(failure('missing-argument', '`phase` needs --phase.', 'For example: --phase 2'))
      step = flags.one('--step', STEPS)
    },
  )
}

const text = ({ options }: Input, name: string): string | undefined => {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** What `--plan-dir` says, or the plan that the repository has. */
async function planDir(phase: string, input: Input, shell: Shell) {
  const dir = text(input, 'planDir')
  if (dir !== undefined) return ok(dir)
  const { choosePlan } = await import('../choose-plan.ts')
  return await choosePlan(
    {
      command: 'phase',
      argument: '--plan-dir',
      typed: (path) => `phase --phase ${phase} --plan-dir ${path}`,
      ask: !input.given.has('--json'),
    },
    shell,
  )
}
