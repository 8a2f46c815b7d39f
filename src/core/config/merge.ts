import { DEFAULT_CONFIG, type Config } from '../model/config.ts'
import { failure, type Failure } from '../model/failure.ts'
import type { FileConfig } from './config-file.ts'

/** Flags over the file over the defaults. The contract's commands go between them, in the pipeline: they come from the plan. */
export function merge(flags: Partial<Config>, file: FileConfig): Config {
  // A command of the file belongs to its agent: `--agent claude` leaves it aside.
  const { agentCommand, ...rest } = file
  const agent = flags.agent ?? rest.agent ?? DEFAULT_CONFIG.agent
  return {
    ...DEFAULT_CONFIG,
    ...rest,
    ...(agentCommand !== undefined && agent === 'command' ? { agentCommand } : {}),
    ...flags,
    limits: { ...DEFAULT_CONFIG.limits, ...rest.limits, ...flags.limits },
  }
}

/** What this version cannot do is said before anything is done. */
export function refuse(config: Pick<Config, 'agent' | 'agentCommand'>): Failure[] {
  return [
    ...(config.agent === 'command' && config.agentCommand === undefined
      ? [
          failure(
            'missing-argument',
            '--agent command needs the program to start.',
            'Give it: --agent-command "node my-agent.mjs".',
          ),
        ]
      : []),
  ]
}
