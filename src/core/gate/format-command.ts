import type { GateCommand, GateFlags } from '../model/gate-command.ts'
import { unreachable } from '../model/result.ts'

/** The one line that means this command: what a dispatch carries and a record holds. `parseCommand` reads it back. */
export function formatCommand(command: GateCommand): string {
  const parts = (...words: (string | undefined)[]): string =>
    [`/${command.name}`, ...words].filter((word) => word !== undefined && word !== '').join(' ')
  switch (command.name) {
    case 'orchestrate':
      return parts(command.dir, ...formatFlags(command.flags))
    case 'approve':
      return parts(command.head, ...formatFlags(command.flags))
    case 'retry':
    case 'resume':
      return parts(command.phase, ...formatFlags(command.flags))
    case 'fix':
      return parts(command.phase, ...formatFlags(command.flags), command.text)
    case 'continue':
      return parts(...formatFlags(command.flags))
    case 'skip':
    case 'why-not':
      return parts(command.phase)
    case 'adjust':
    case 'land':
    case 'abort':
    case 'status':
      return parts()
    default:
      return unreachable(command)
  }
}

function formatFlags(flags: GateFlags): string[] {
  const value = (flag: string, given: string | number | undefined): string[] =>
    given === undefined ? [] : [`${flag} ${given}`]
  const { dispatch, subprocess } = flags
  return [
    ...value('--phases', flags.phases?.join(',')),
    ...(flags.parallel === true ? ['--parallel'] : []),
    ...(flags.withOptional === true ? ['--with-optional'] : []),
    ...(flags.installSkills === true ? ['--install-skills'] : []),
    ...value('--max-cost', flags.maxCostUsd),
    ...value('--model', flags.model),
    ...value('--agent', flags.agent),
    ...value('--max-parallel', flags.maxParallel),
    ...value('--max-parallel-phases', flags.maxParallelPhases),
    ...value('--land', flags.land),
    ...(dispatch === undefined ? [] : [dispatch === 'team' ? '--team' : '--no-team']),
    ...(subprocess === undefined ? [] : [subprocess ? '--subprocess' : '--no-subprocess']),
  ]
}
