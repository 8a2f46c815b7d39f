import { DEFAULT_CONFIG, type Config } from '../core/model/config.ts'
import { failure, type Failure } from '../core/model/failure.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import type { Repository } from '../core/ports.ts'
import { CONFIG_FILE, parseConfigFile, type FileConfig } from './config-file.ts'

/**
 * What a run runs with: flags over `.github/orchestrate.yml` at HEAD over the defaults. The contract's commands go
 * between them, in core, since they come from the plan.
 */
export async function readConfig(
  flags: Partial<Config>,
  repository: Pick<Repository, 'resolve' | 'readFile'>,
): Promise<Result<Config>> {
  const head = await repository.resolve('HEAD')
  const text = head === undefined ? undefined : await repository.readFile(head, CONFIG_FILE)
  const file = text === undefined ? ok<FileConfig>({}) : parseConfigFile(text)
  if (!file.ok) return file
  const config = merge(flags, file.value)
  const failures = refuse(config)
  return failures.length > 0 ? err(failures) : ok(config)
}

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
export function refuse(config: Pick<Config, 'agent' | 'agentCommand' | 'sandbox'>): Failure[] {
  return [
    ...(config.sandbox === 'required'
      ? [
          failure(
            'sandbox-not-available',
            'A sandbox is required, and this version has none: agents run with your rights.',
            'Use --sandbox auto, and run it where agents may do no harm: a container or a virtual machine.',
          ),
        ]
      : []),
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
