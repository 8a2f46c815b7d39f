import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCommandAgent } from '../../src/adapters/agents/command.ts'
import { routedAgent } from '../../src/adapters/agents/routed-agent.ts'
import { openPlanSource } from '../../src/adapters/files/plan-source.ts'
import { openProjectFiles } from '../../src/adapters/files/project-files.ts'
import { openRepository } from '../../src/adapters/git/repository.ts'
import { createCommandRunner } from '../../src/adapters/process/command-runner.ts'
import { createSweeper } from '../../src/adapters/process/sweep.ts'
import { type Config, DEFAULT_CONFIG } from '../../src/core/model/config.ts'
import type { PhaseResult } from '../../src/core/model/phase-result.ts'
import type { ProgressEvent } from '../../src/core/model/progress-event.ts'
import {
  decideRun,
  landRun,
  type PersonsDecision,
  resumeRun,
  runPhase,
  runPlan,
  runStatus,
  verifyRun,
} from '../../src/core/pipeline.ts'
import type { StepRole } from '../../src/core/model/step.ts'
import type { Ended, Ports, RunRequest, RunView } from '../../src/core/pipeline-types.ts'
import type { Agent, Person } from '../../src/core/ports.ts'
import { FakeAgentRig, answerWell, type FakeCall } from './fake-agent.ts'
import { afterThisTest, tempDir, type TempRepo, tempRepo, testEnv } from './git.ts'

/** Nobody sits there. */
const NOBODY: Person = { choose: async () => undefined, ask: async () => undefined }

/** A real repository with a committed plan, a driven agent, and the whole pipeline over real adapters. */
export interface RunRig {
  repo: TempRepo
  agent: FakeAgentRig
  events: ProgressEvent[]
  config: Config
  abort: AbortController
  person: Person
  /** All six stages with `--yes`. */
  run(over?: Partial<RunRequest> & { config?: Partial<Config> }): Promise<Ended>
  phase(phase: string, step?: string): Promise<Ended>
  resume(over?: Partial<Config>): Promise<Ended>
  decide(decision: PersonsDecision): Promise<Ended>
  land(): Promise<Ended>
  view(): Promise<RunView>
  /** Throws what verify found wrong. */
  verify(): Promise<{ events: number; phases: number }>
  result(phase: string): PhaseResult | undefined
  /** Calls of the agent as `step` or `step unit`, in order. */
  calls(): string[]
  ports(): Promise<Ports>
}

export interface RigOptions {
  /** Files of the plan directory `plan/`. */
  plan?: Record<string, string>
  /** What is run, from the root: a plan's directory or its one file; `plan` where nothing is said. */
  at?: string
  /** Other files of the first commit. */
  files?: Record<string, string>
  config?: Partial<Config>
  /** Answers calls; `answerWell` where nothing is said. */
  answer?: (call: FakeCall) => unknown
  /** A bare repository as `origin`. */
  remote?: boolean
  /** Where the repository is made; undefined is a directory of its own. */
  path?: string
  /** Another agent in place of the driven one. */
  otherAgent?: Agent
  /** Every call of the driven agent is a process, for what is about processes; or those of some kinds of steps. */
  processes?: boolean | readonly StepRole[]
  /** What of the world outside there is besides: the network, a cache. */
  outside?: Pick<Ports, 'web' | 'sheets' | 'context7'>
  /** Where worktrees are made; in `.git` where nothing is said. */
  workspacesRoot?: string
}

export async function runRig(options: RigOptions): Promise<RunRig> {
  const repo = tempRepo(options.path === undefined ? {} : { path: options.path })
  const plan = Object.fromEntries(
    Object.entries(options.plan ?? {}).map(([path, text]) => [`plan/${path}`, text]),
  )
  repo.commit({ ...options.files, ...plan }, 'Write the plan')
  if (options.remote === true) {
    const bare = join(tempDir(), 'origin.git')
    mkdirSync(bare)
    repo.git('init', '--quiet', '--bare', '--initial-branch=main', bare)
    repo.git('remote', 'add', 'origin', bare)
    repo.git('push', '--quiet', '-u', 'origin', 'main')
  }
  const agent = await FakeAgentRig.create()
  afterThisTest(() => agent.close())
  agent.auto(options.answer ?? answerWell)
  return rigAt(repo, agent, options.config ?? {}, options)
}

/** The same over a repository that is there: a second clone, say. */
export function rigAt(
  repo: TempRepo,
  agent: FakeAgentRig,
  over: Partial<Config>,
  {
    otherAgent,
    workspacesRoot,
    at = 'plan',
    processes = false,
    outside = {},
  }: Pick<RigOptions, 'otherAgent' | 'workspacesRoot' | 'at' | 'processes' | 'outside'> = {},
): RunRig {
  const events: ProgressEvent[] = []
  const config: Config = {
    ...DEFAULT_CONFIG,
    agent: 'command',
    agentCommand: agent.command,
    sandbox: 'off',
    limits: { ...DEFAULT_CONFIG.limits, wallMs: 60_000, extraMs: 0, idleMs: 60_000 },
    ...over,
  }
  const clock = { now: () => Date.now() }
  const rig: RunRig = {
    repo,
    agent,
    events,
    config,
    abort: new AbortController(),
    person: NOBODY,
    run: async (given = {}) =>
      await using(
        async (ports) =>
          await runPlan({ ...(await request()), ...given, config: { ...config, ...given.config } }, ports),
      ),
    phase: async (phase, step) =>
      await using(
        async (ports) =>
          await runPhase({ ...(await request()), phase, ...(step === undefined ? {} : { step }) }, ports),
      ),
    resume: async (now = {}) =>
      await using((ports) => resumeRun(undefined, { ...resumption(), config: { ...config, ...now } }, ports)),
    decide: async (decision) =>
      await using((ports) => decideRun(undefined, decision, { ...resumption(), config }, ports)),
    land: async () => await using((ports) => landRun(undefined, ports)),
    view: async () =>
      await using(async (ports) => {
        const status = await runStatus(undefined, ports)
        if (!status.ok) throw new Error(status.error.map((f) => f.message).join('\n'))
        return status.value
      }),
    verify: async () =>
      await using(async (ports) => {
        const verified = await verifyRun(undefined, ports)
        if (!verified.ok) throw new Error(verified.error.map((f) => f.message).join('\n'))
        return verified.value
      }),
    result: (phase) => {
      const results = events
        .filter((event) => event.type === 'phase-result')
        .map((event) => event.result as PhaseResult)
      return results.filter((result) => result.phase === phase).at(-1)
    },
    calls: () => agent.calls.map((call) => (call.unit === '' ? call.step : `${call.step} ${call.unit}`)),
    ports: async () => (await open()).ports,
  }
  return rig

  async function open(): Promise<{ ports: Ports; close: () => Promise<void> }> {
    const opened = await openRepository({
      cwd: repo.path,
      env: testEnv(),
      clock,
      ...(workspacesRoot === undefined ? {} : { workspacesRoot }),
    })
    if (!opened.ok) throw new Error(opened.error.map((f) => f.message).join('\n'))
    const repository = opened.value
    const ports: Ports = {
      ...outside,
      repository,
      ledger: repository.ledger,
      lock: repository.lock,
      sweeper: createSweeper(),
      files: openProjectFiles({ root: repo.path, home: repo.path }),
      agent:
        otherAgent ??
        (processes !== true && config.agentCommand === agent.command
          ? routedAgent(agent.here, new Map((processes || []).map((role) => [role, asProcess()])))
          : asProcess()),
      commands: createCommandRunner(testEnv()),
      reporter: { emit: (event) => events.push(event) },
      person: rig.person,
      clock,
      random: { hex: (bytes) => randomBytes(bytes).toString('hex') },
      signal: rig.abort.signal,
    }
    return { ports, close: () => repository.close() }
  }

  function asProcess(): Agent {
    return createCommandAgent(config.agentCommand ?? '', {
      env: testEnv(),
      tmpDir: tmpdir(),
      cwd: repo.path,
    })
  }

  async function using<T>(work: (ports: Ports) => Promise<T>): Promise<T> {
    const { ports, close } = await open()
    try {
      return await work(ports)
    } finally {
      await close()
    }
  }

  async function request(): Promise<RunRequest> {
    return { source: await source(at), config, actor: 'Ada Example', yes: true, dryRun: false }
  }

  function resumption() {
    return {
      actor: 'Ada Example',
      yes: true,
      source: (planDir: string) => openPlanSource({ path: planDir, cwd: repo.path, root: repo.path }),
    }
  }

  async function source(dir: string) {
    const opened = await openPlanSource({ path: dir, cwd: repo.path, root: repo.path })
    if (!opened.ok) throw new Error(opened.error.map((f) => f.message).join('\n'))
    return opened.value
  }
}
