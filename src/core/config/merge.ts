import { DEFAULT_CONFIG, type Config } from '../model/config.ts'
import { failure, type Failure } from '../model/failure.ts'
import { withModel } from '../model/routing.ts'
import { STEP_ROLES } from '../model/step.ts'
import type { FileConfig } from './config-file.ts'

/** Flags over the file over the defaults. The contract's commands go between them, in the pipeline: they come from the plan. */
export function merge(flags: Partial<Config>, file: FileConfig): Config {
  // A command of the file belongs to its agent: `--agent claude` leaves it aside.
  const { agentCommand, ...rest } = file
  const agent = flags.agent ?? rest.agent ?? DEFAULT_CONFIG.agent
  const merged: Config = {
    ...DEFAULT_CONFIG,
    ...rest,
    ...(agentCommand !== undefined && agent === 'command' ? { agentCommand } : {}),
    ...flags,
    limits: { ...DEFAULT_CONFIG.limits, ...rest.limits, ...flags.limits },
  }
  return flags.model === undefined ? merged : withModel(merged, flags.model)
}

/** What this version cannot do is said before anything is done. */
export function refuse(config: Pick<Config, 'agent' | 'agentCommand' | 'agents'>): Failure[] {
  const nameless = STEP_ROLES.filter((role) => {
    const own = config.agents?.[role]
    return own?.agent === 'command' && own.agentCommand === undefined
  })
  return [
    ...nameless.map((role) =>
      failure(
        'missing-argument',
        `agents.${role} is the agent "command", which needs the program to start.`,
        `Write it as agents: {${role}: {agent: command, agent_command: "node my-agent.mjs"}}.`,
      ),
    ),
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
