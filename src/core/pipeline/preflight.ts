import { checkCheckout } from '../gate/checkout.ts'
import { chooseScope } from '../gate/scope.ts'
import type { Config } from '../model/config.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { Ports, RunRequest } from '../pipeline-types.ts'
import type { CheckoutFacts } from '../ports.ts'
import type { CheckCommands, Prepared } from './prepare.ts'

/** What would stop the run later, looked at before a cent is spent: checkout, agent, tools. All problems at once. */
export async function preflight(
  facts: CheckoutFacts,
  planDir: string,
  commands: CheckCommands,
  config: Config,
  ports: Ports,
): Promise<Failure[]> {
  const [agent, build, test] = await Promise.all([
    ports.agent.preflight(),
    missing('build', commands, facts, ports),
    missing('test', commands, facts, ports),
  ])
  return [...checkCheckout(facts, planDir, config), ...agent, ...build, ...test]
}

async function missing(
  kind: 'build' | 'test',
  commands: CheckCommands,
  facts: CheckoutFacts,
  ports: Ports,
): Promise<Failure[]> {
  const { command, why = 'the configuration' } = commands[kind] ?? {}
  if (command === undefined || startsInTheProject(command)) return []
  if (await ports.commands.exists(command, facts.root)) return []
  const word = command.trim().split(/\s+/)[0] ?? command
  return [
    failure(
      'command-not-found',
      `There is no program "${word}", which the ${kind} command starts with: \`${command}\` (from ${why}).`,
      `Install ${word}, or say another command with --${kind}-cmd.`,
    ),
  ]
}

/** What is wrong with the phases that are asked for. A run that is resumed has its own, which may be completed meanwhile. */
export function scopeProblems({ plan }: Prepared, { config, resume }: RunRequest): Failure[] {
  const scope = chooseScope(plan, config.phases, config)
  if (scope.ok) return []
  return resume === true ? scope.error.filter(({ reason }) => reason === 'unknown-phase') : scope.error
}

/** A path of the project may be what a phase is to create: it is looked for when it is run. */
const startsInTheProject = (command: string): boolean =>
  /^\s*\.{0,2}\//.test(command) && !/^\s*\//.test(command)
