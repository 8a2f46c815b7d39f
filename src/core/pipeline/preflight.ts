import { checkCheckout } from '../gate/checkout.ts'
import type { Config } from '../model/config.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { Ports } from '../pipeline-types.ts'
import type { CheckoutFacts } from '../ports.ts'
import type { CheckCommands } from './prepare.ts'

/** What would stop the run later, looked at before a cent is spent: checkout, agent, tools. All problems at once. */
export async function preflight(
  facts: CheckoutFacts,
  planDir: string,
  commands: CheckCommands,
  config: Config,
  ports: Ports,
): Promise<Failure[]> {
  const failures = checkCheckout(facts, planDir, config)
  failures.push(...(await ports.agent.preflight()))
  for (const kind of ['build', 'test'] as const) {
    const command = commands[kind]?.command
    if (command === undefined || startsInTheProject(command)) continue
    if (!(await ports.commands.exists(command, facts.root))) {
      const word = command.trim().split(/\s+/)[0] ?? command
      failures.push(
        failure(
          'command-not-found',
          `There is no program "${word}", which the ${kind} command starts with: \`${command}\` (from ${commands[kind]?.why ?? 'the configuration'}).`,
          `Install ${word}, or say another command with --${kind}-cmd.`,
        ),
      )
    }
  }
  return failures
}

/** A path of the project may be what a phase is to create: it is looked for when it is run. */
const startsInTheProject = (command: string): boolean =>
  /^\s*\.{0,2}\//.test(command) && !/^\s*\//.test(command)
