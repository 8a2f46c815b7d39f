/** What a job on GitHub works with: the checkout, the forge by the job's token, and the ports of a run. */
import { randomBytes } from 'node:crypto'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OpenRepository } from '../adapters/git/repository.ts'
import { webOnDemand } from '../adapters/http/on-demand.ts'
import { createCommandRunner } from '../adapters/process/command-runner.ts'
import { createSweeper } from '../adapters/process/sweep.ts'
import { fileTranscripts } from '../adapters/transcripts/file-transcripts.ts'
import { plainReporter } from '../adapters/reporters/plain.ts'
import type { Forge } from '../core/forge.ts'
import { redactor } from '../core/text/redact.ts'
import type { Config } from '../core/model/config.ts'
import type { Result } from '../core/model/result.ts'
import type { Ports } from '../core/pipeline-types.ts'
import type { JobDeps } from '../core/pipeline/job/deps.ts'
import type { Agent, CommandRunner, Person } from '../core/ports.ts'
import { clock, type Surroundings } from './surroundings.ts'
import { planAt } from './plan-at.ts'
import { secretsOf, workersOf } from './workers.ts'

export { clock, type Surroundings }

const NOBODY: Person = { choose: async () => undefined, ask: async () => undefined }

export interface Job {
  deps: JobDeps
  forge: Forge
  repository: OpenRepository
  /** What the event says it is; undefined where it does not. */
  defaultBranch?: string
  agent(config: Config, planRoot: string): Result<Agent>
  /** Runs builds and tests as the configuration of the run says. */
  commands(config: Config): CommandRunner
  /** Gives back what workers were held by. */
  dismiss(): Promise<void>
}

/** Addresses that the base ref or the runner names may be plain http, and on the runner's own network. */
function documentation(
  sources: readonly string[],
  env: Surroundings['env'],
): Pick<Ports, 'web' | 'context7'> {
  const { CONTEXT7_API_URL: url = 'https://context7.com/api', CONTEXT7_API_KEY: key } = env
  return {
    web: webOnDemand({ trusted: [...sources, url].filter((one) => URL.canParse(one)) }),
    context7: { url, ...(key === undefined ? {} : { key }) },
  }
}

export function jobOf(around: Surroundings, forge: Forge, repository: OpenRepository): Job {
  const { inputs, env, log } = around
  const home = env['HOME'] ?? homedir()
  const plain = plainReporter({ write: (text) => log(text.replace(/\n$/, '')) })
  const deps: JobDeps = {
    forge,
    actor: env['GITHUB_TRIGGERING_ACTOR'] ?? env['GITHUB_ACTOR'] ?? '',
    ...(inputs.appId === undefined ? {} : { app: inputs.appId }),
    me: {
      run: Number(env['GITHUB_RUN_ID'] ?? 1),
      attempt: Number(env['GITHUB_RUN_ATTEMPT'] ?? 1),
      job: inputs.job,
    },
    ports: {
      repository,
      ledger: repository.shared,
      shared: repository.shared,
      lock: repository.lock,
      sweeper: createSweeper(),
      commands: createCommandRunner(env),
      // Uploaded with what else the job leaves, by the step of the workflow that comes after it.
      transcripts: fileTranscripts({
        dir: join(env['RUNNER_TEMP'] ?? tmpdir(), 'orchestrate-report', 'transcripts'),
        clock,
        redact: redactor(secretsOf(around)),
      }),
      reporter: {
        emit(event) {
          plain.emit(event)
          around.onEvent?.(event)
        },
      },
      person: NOBODY,
      clock,
      random: { hex: (bytes) => randomBytes(bytes).toString('hex') },
      signal: around.signal,
    },
    documentation: ({ researchSources }) => documentation(Object.values(researchSources), env),
    planAt: (at) => planAt(repository, home, at),
  }
  return {
    deps,
    forge,
    repository,
    ...workersOf(around, repository, home),
  }
}
