import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Prices } from '../../core/model/config.ts'
import type { Usage } from '../../core/model/step.ts'
import type { Agent, AgentActivity, AgentFailure, AgentOutcome, AgentRequest } from '../../core/ports.ts'
import { agentEnvironment, straightToLoopback } from '../process/environment.ts'
import { LineReader } from '../process/line-reader.ts'
import { runProcess, type ProcessSpec } from '../process/run-process.ts'
import { costOf, priceOf } from '../gateway/prices.ts'
import type { AgentAdapter, AgentSurroundings, Endpoint, Launch, Protocol } from './adapter.ts'
import { makeAgentFiles, readArtifact, type AgentFiles } from './agent-files.ts'
import { workVariables } from './contract-variables.ts'
import { reportedUsage } from './reported-usage.ts'
import { shareTeam, type TeamFiles } from './team-files.ts'

/** The agent that an adapter describes: every call is one process with a clean environment and throw-away files. */
export function openAgent(adapter: AgentAdapter, around: AgentSurroundings, endpoint: Endpoint): Agent {
  const { about } = adapter
  return {
    name: adapter.name,
    metered: adapter.capabilities.protocol !== undefined && around.gateway !== undefined,
    leads: adapter.capabilities.subagents,
    ...(about === undefined ? {} : { about: () => withExperiment(adapter, about()) }),
    preflight: () => adapter.preflight(),
    run: (request, signal, onActivity) => run(adapter, around, endpoint, request, signal, onActivity),
  }
}

async function withExperiment(
  { name, capabilities }: AgentAdapter,
  about: ReturnType<NonNullable<AgentAdapter['about']>>,
): Promise<Awaited<typeof about>> {
  const { warnings, ...found } = await about
  const warning = `${name} is experimental: docs/agents.md says what it does not do as it should.`
  return { ...found, warnings: capabilities.experimental === true ? [...warnings, warning] : warnings }
}

async function run(
  adapter: AgentAdapter,
  around: AgentSurroundings,
  endpoint: Endpoint,
  request: AgentRequest,
  signal: AbortSignal,
  onActivity: (activity: AgentActivity) => void,
): Promise<AgentOutcome> {
  const { protocol } = adapter.capabilities
  const tell = redacted(onActivity, around.redact)
  const door = protocol === undefined ? undefined : await around.gateway?.admit(request, protocol, tell)
  const files = await makeAgentFiles(around.tmpDir, request.schema, request.prompt.system)
  let team: TeamFiles | undefined
  try {
    if (request.board !== undefined) team = await shareTeam(files.dir, request.board, tell)
    const launch = adapter.launch(request, files, door?.endpoint ?? endpoint)
    await furnish(files, launch)
    const reader = adapter.reader(tell)
    const lines = new LineReader(reader.maxLineBytes, (line) => {
      if (reader.isKept?.(line) !== false) tell({ kind: 'output', text: line })
      reader.line(line)
    })
    const write = request.access === 'edit' ? [request.cwd, files.dir] : [files.dir]
    const env = agentEnvironment(around.env, {
      ...workVariables(request),
      ...team?.env,
      // Nothing else that is called temporary can be written to from the cage.
      ...(around.cage === undefined ? {} : { TMPDIR: `${files.home}/tmp` }),
      ...launch.env,
    })
    const spec: ProcessSpec = {
      file: launch.file,
      args: launch.args,
      cwd: request.cwd,
      // The cage has a way of its own to the gateway.
      env: { ...env, ...(door !== undefined && around.cage === undefined ? straightToLoopback(env) : {}) },
      input: launch.input,
      limits: request.limits,
      ...(around.bounds === undefined ? {} : { bounds: { use: around.bounds, dirs: write } }),
      signal,
      ...(launch.endBy === undefined ? {} : { endBy: launch.endBy }),
      onStdout: (chunk) => lines.write(chunk),
    }
    const caged = await around.cage?.wrap(spec, {
      write,
      reach: {
        hosts: [...(adapter.hosts ?? []), ...(around.hosts ?? [])],
        loopback: door === undefined ? [] : [door.port],
      },
    })
    const end = await runProcess(caged?.spec ?? spec)
    lines.end()
    await team?.end()
    const stopped = (await caged?.end()) ?? []
    const written = adapter.capabilities.artifact === 'file'
    const artifact = written ? await readArtifact(files.artifact) : reader.answer
    const denied = [...reader.denied, ...stopped]
    const common = {
      usage: priced(usageOf(written ? reportedUsage(artifact) : {}, reader.usage, door?.usage), {
        ...{ protocol, model: request.model, prices: around.prices },
      }),
      durationMs: end.durationMs,
      tail: end.tail,
      artifact,
      ...(denied.length === 0 ? {} : { denied }),
    }
    const failure = reader.judge(end)
    if (failure === undefined) return { kind: 'completed', ...common }
    // The gateway knows better than the program why its model did not answer, where that is why it failed.
    const why = MODELS_FAULT.has(failure.reason) ? (door?.refusal ?? failure) : failure
    return { kind: 'failed', ...why, ...common }
  } finally {
    door?.close()
    await team?.end()
    await files.remove()
  }
}

type Tell = (activity: AgentActivity) => void

/** Whoever is told what an agent does is told it without our secrets. */
const redacted =
  (onActivity: Tell, redact: AgentSurroundings['redact']): Tell =>
  (activity) => {
    if (redact === undefined) return onActivity(activity)
    if (activity.kind === 'text' || activity.kind === 'output' || activity.kind === 'discovery')
      return onActivity({ ...activity, text: redact(activity.text) })
    if (activity.kind === 'tool' && activity.target !== undefined)
      return onActivity({ ...activity, target: redact(activity.target) })
    return onActivity(activity)
  }

/** What the gateway saw counts over what the program says; of two costs the higher, since either may be an estimate. */
function usageOf(...told: (Usage | undefined)[]): Usage {
  const costs = told.flatMap((usage) => usage?.costUsd ?? [])
  const { estimated: _, ...merged }: Usage = Object.assign({}, ...told)
  if (costs.length === 0) return merged
  // Where the program tells a cost, it knows as well as we do.
  const isEstimate = !told.some((usage) => usage?.costUsd !== undefined && usage.estimated !== true)
  return { ...merged, costUsd: Math.max(...costs), ...(isEstimate ? { estimated: true } : {}) }
}

/** Of a program that tells tokens and no cost, and whose calls we did not see: by the table. */
function priced(
  usage: Usage,
  by: { protocol: Protocol | undefined; model: string | undefined; prices: Prices | undefined },
): Usage {
  if (usage.costUsd !== undefined || by.protocol === undefined || usage.outputTokens === undefined)
    return usage
  const { price } = priceOf(by.protocol, by.model, by.prices)
  return { ...usage, costUsd: costOf(usage, price), estimated: true }
}

/** Failures behind which the model's service may stand. */
const MODELS_FAULT: ReadonlySet<AgentFailure['reason']> = new Set([
  'crashed',
  'malformed',
  'unavailable',
  'rate-limited',
  'refused',
  'auth',
])

async function furnish(files: AgentFiles, { home }: Launch): Promise<void> {
  for (const [path, text] of home ?? []) {
    const file = join(files.home, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text, { mode: 0o600 })
  }
}
