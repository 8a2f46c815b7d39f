/** Who works in a job, and what holds them: an agent, and the project's own commands. */
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createAgent } from '../adapters/agents/create-agent.ts'
import { modelEndpoints } from '../adapters/agents/endpoints.ts'
import { gatewayOnDemand } from '../adapters/gateway/on-demand.ts'
import type { OpenRepository } from '../adapters/git/repository.ts'
import { boundsOf } from '../adapters/process/bounds.ts'
import { createCommandRunner } from '../adapters/process/command-runner.ts'
import { hostsOf } from '../adapters/sandbox/build-profile.ts'
import { type CageDoor, cageDoor } from '../adapters/sandbox/door.ts'
import { holdBehind } from '../adapters/sandbox/hold.ts'
import { heldAgent } from '../adapters/sandbox/held-agent.ts'
import { type Config, UNCAGED_VARIABLE } from '../core/model/config.ts'
import { failure, type Failure } from '../core/model/failure.ts'
import { list } from '../core/text/display.ts'
import { redactor, secretsIn } from '../core/text/redact.ts'
import { clock, type Surroundings } from './surroundings.ts'
import type { Job } from './job.ts'

/**
 * A job holds a token that can write, and whoever runs with its rights can take it. So nothing runs without a cage unless the
 * repository's administrators accept that; a file on a branch is not enough.
 */
export function workersOf(
  { inputs, env, workspace, program, log }: Surroundings,
  repository: Pick<OpenRepository, 'commonDir' | 'holdHooks'>,
  home: string,
): Pick<Job, 'agent' | 'commands' | 'dismiss'> {
  const accepted = inputs.uncaged
  const endpoints = modelEndpoints({ ...env, ...inputs.keys })
  const gateway = gatewayOnDemand({
    ...{ endpoints, env, now: clock.now, random: Math.random },
    prices: () => prices,
  })
  // All runs of a job have the configuration of one.
  let prices: Config['prices']
  const temp = env['RUNNER_TEMP'] ?? tmpdir()
  const projectHome = join(temp, 'orchestrate-home')
  const redact = redactor(secretsOf({ inputs, env }))
  // One cage a process: all runs of a job have the configuration of one.
  let door: CageDoor | undefined
  const doorFor = (config: Config): CageDoor => {
    if (door !== undefined) return door
    const made = cageDoor({
      mode: accepted ? config.sandbox : 'required',
      env: { ...env, HOME: home },
      hide: [join(temp, 'orchestrate'), join(temp, 'orchestrate-report')],
      gitDir: repository.commonDir,
      ...(inputs.sandboxRuntime === '' ? {} : { runtime: inputs.sandboxRuntime }),
    })
    let told = false
    door = {
      async open() {
        const opened = await made.open()
        if (!told)
          log(
            opened.standing.held ? 'Agents, builds and tests are caged.' : `No cage: ${opened.standing.why}`,
          )
        told = true
        return opened
      },
      close: () => made.close(),
    }
    repository.holdHooks(holdBehind(door, hostsOf(config), boundsOf(config.limits), projectHome))
    return door
  }
  return {
    agent: (config, planRoot) => {
      prices = config.prices
      return heldAgent(
        ({ cage, tmpDir }) =>
          createAgent(config, {
            ...{ gateway, env, tmpDir, cage, endpoints, hosts: hostsOf(config), redact, prices },
            bounds: boundsOf(config.limits),
            cwd: workspace,
            node: process.execPath,
            scripted: {
              script: join(planRoot, 'scripted.json'),
              program: join(dirname(program), 'scripted-agent.js'),
            },
          }),
        doorFor(config),
        accepted ? [] : uncagedProblems(config),
      )
    },
    commands: (config) =>
      createCommandRunner(env, {
        door: doorFor(config),
        home: projectHome,
        hosts: hostsOf(config),
        bounds: boundsOf(config.limits),
        uncaged: accepted ? config.uncaged : [],
      }),
    dismiss: async () => await door?.close(),
  }
}

/** What nobody may read in logs, transcripts and reports of a job. */
export const secretsOf = ({ inputs, env }: Pick<Surroundings, 'inputs' | 'env'>): string[] => [
  inputs.token,
  ...Object.values(inputs.keys),
  ...secretsIn(env),
]

/** What asks for processes without a cage beside the job's token. */
export function uncagedProblems({ sandbox, uncaged }: Pick<Config, 'sandbox' | 'uncaged'>): Failure[] {
  const asked = [
    ...(sandbox === 'off' ? ['sandbox: off'] : []),
    ...(uncaged.length === 0 ? [] : [`uncaged: [${list([...uncaged])}]`]),
  ]
  if (asked.length === 0) return []
  return [
    failure(
      'sandbox-not-available',
      `The run was approved with \`${asked.join('` and `')}\`, and this job holds a token that can write: what runs without a cage could take it.`,
      `Change .github/orchestrate.yml on the base branch, or let an administrator set the repository's variable ${UNCAGED_VARIABLE} to \`accept\`.`,
    ),
  ]
}
