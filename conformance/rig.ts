import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAgent } from '../src/adapters/agents/create-agent.ts'
import { type Endpoints, modelEndpoints } from '../src/adapters/agents/endpoints.ts'
import { startGateway } from '../src/adapters/gateway/start-gateway.ts'
import type { Cage } from '../src/adapters/sandbox/cage.ts'
import { runProcess } from '../src/adapters/process/run-process.ts'
import { openCage } from '../src/adapters/sandbox/open-cage.ts'
import { cageProblems } from '../src/adapters/sandbox/problems.ts'
import { loadRuntime } from '../src/adapters/sandbox/runtime.ts'
import { artifactSchema } from '../src/core/execute/schemas.ts'
import type { AgentName } from '../src/core/model/config.ts'
import type { Agent, AgentOutcome, AgentRequest } from '../src/core/ports.ts'
import { agentRequest } from '../test/support/agent-request.ts'
import { startScriptedModel, type ModelTurn } from '../test/support/scripted-model.ts'
import type { Move, Rig, Script, Sleeper } from './case.ts'
import { closedPort, startFault } from './faults.ts'
import { type Speech, SPEECHES, spoken } from './speech.ts'

const KEY = 'sk-the-real-key-9d41c7'
const TOKEN = 'ghs_a-token-of-the-job-5fe2'
export const MODELS: Record<string, string> = {
  claude: 'sonnet',
  codex: 'gpt-5',
  gemini: 'gemini-2.5-pro',
  opencode: 'gpt-5',
  copilot: 'gpt-5',
}

export interface Place {
  cli: AgentName
  /** Directory in which the program lies by its own name. */
  bin: string
  /** Whether calls run in the cage, as they do by default wherever one can be made. */
  caged: boolean
}

/** What a call is made with; all of it can be handed to another process. */
export interface CallPlan {
  place: Place
  root: string
  cwd: string
  run: string
  modelUrl: string
  more: Partial<AgentRequest>
  maxCalls?: number
}

/** Arguments of the programs that need no more than an address and a key to be started by hand. */
const PLAINLY: Partial<Record<AgentName, string[]>> = { claude: ['-p', '--model', 'sonnet'] }

/** A directory in which a program lies by its own name, as on anybody's PATH. */
export async function binDirectory(parent: string, cli: string, file: string): Promise<string> {
  const dir = join(parent, `bin-${cli}`)
  await mkdir(dir, { recursive: true })
  await symlink(file, join(dir, cli))
  return dir
}

/** A rig for one case, and what clears it away. */
export async function openRig(place: Place): Promise<{ rig: Rig; close(): Promise<void> }> {
  const base = place.cli === 'gemini' ? await privateBase() : tmpdir()
  const root = await mkdtemp(join(base, `conformance-${place.cli}-`))
  const cwd = join(root, 'work')
  await Promise.all([mkdir(cwd), mkdir(join(root, 'tmp'))])
  const run = `conformance-${root.slice(-6).toLowerCase()}`
  const speech = speechOf(place.cli)
  const asked: ModelTurn[] = []
  const closing: (() => Promise<void>)[] = []
  const serve = async (script: Script): Promise<string> => {
    const model = await startModel(script, speech, asked)
    closing.push(model.close)
    return model.url
  }
  const rig: Rig = {
    speech,
    root,
    cwd,
    run,
    secrets: [KEY, TOKEN],
    requests: () => asked,
    sleeper,
    async call(script, more = {}, { signal, onActivity, maxCalls } = {}) {
      const modelUrl = await serve(script)
      const plan = { place, root, cwd, run, modelUrl, more, ...(maxCalls === undefined ? {} : { maxCalls }) }
      return await callAgent(plan, signal, onActivity)
    },
    async plainly(script) {
      const args = PLAINLY[place.cli]
      if (args === undefined) return false
      await runProcess({
        ...{ file: join(place.bin, place.cli), args, cwd, input: 'Do it.' },
        env: {
          PATH: process.env['PATH'] ?? '',
          HOME: join(root, 'tmp'),
          ANTHROPIC_API_KEY: KEY,
          ANTHROPIC_BASE_URL: await serve(script),
          CLAUDE_CODE_MAX_RETRIES: '0',
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        },
        limits: { wallMs: 45_000 },
        signal: new AbortController().signal,
      })
      return true
    },
    async callApart(script) {
      const plan: CallPlan = { place, root, cwd, run, modelUrl: await serve(script), more: {} }
      const child = spawn(process.execPath, [process.argv[1] ?? '', '--call', JSON.stringify(plan)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      await once(child, 'spawn')
      return {
        async kill() {
          child.kill('SIGKILL')
          if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
        },
      }
    },
  }
  const close = async (): Promise<void> => {
    for (const one of closing) await one()
    await rm(root, { recursive: true, force: true, maxRetries: 3 })
  }
  return { rig, close }
}

/** Gemini takes no settings from below a directory that others may write to. */
async function privateBase(): Promise<string> {
  const dir = join(homedir(), '.cache', 'orchestrate-conformance')
  await mkdir(dir, { recursive: true, mode: 0o755 })
  return dir
}

/** One call of the real program through our adapter and our gateway. */
export async function callAgent(
  { place, root, cwd, run, modelUrl, more, maxCalls }: CallPlan,
  signal = new AbortController().signal,
  onActivity: Parameters<Agent['run']>[2] = () => {},
): Promise<AgentOutcome> {
  const cage = place.caged ? await cageOf() : undefined
  const endpoints: Endpoints = {
    ...modelEndpoints({}),
    anthropic: { baseUrl: modelUrl, apiKey: KEY },
    openai: { baseUrl: `${modelUrl}/v1`, apiKey: KEY },
    gemini: { baseUrl: modelUrl, apiKey: KEY },
  }
  const gateway = await startGateway({
    endpoints,
    now: Date.now,
    random: Math.random,
    holdMs: 100,
    ...(maxCalls === undefined ? {} : { maxCalls }),
  })
  try {
    const agent = createAgent(
      { agent: place.cli },
      {
        env: {
          ...ourEnvironment(place.bin),
          ANTHROPIC_API_KEY: KEY,
          OPENAI_API_KEY: KEY,
          GEMINI_API_KEY: KEY,
        },
        tmpDir: join(root, 'tmp'),
        cage,
        gateway,
        cwd,
        node: process.execPath,
        endpoints,
        scripted: { script: '', program: '' },
      },
    )
    if (!agent.ok) throw new Error(agent.error.map(({ message }) => message).join('\n'))
    const step = more.step ?? 'implement'
    const model = MODELS[place.cli]
    const schema = artifactSchema(step)
    const limits = { wallMs: 45_000, extraMs: 0, idleMs: 40_000 }
    const request = agentRequest(cwd, { run, step, schema, limits, ...(model ? { model } : {}), ...more })
    const outcome = await agent.value.run(request, signal, onActivity)
    if (process.argv.includes('--tail')) process.stderr.write(`${outcome.tail}\n`)
    return outcome
  } finally {
    await gateway.close()
  }
}

let made: Promise<Cage> | undefined

/** One for all calls of this process, as in a run. */
function cageOf(): Promise<Cage> {
  return (made ??= (async () => {
    const runtime = await loadRuntime(undefined)
    const [problem] = await cageProblems(runtime, process.env)
    if (runtime === undefined || problem !== undefined) throw new Error(problem?.message)
    return openCage({ runtime, env: process.env, hide: [] })
  })())
}

/** Ends what all calls shared. */
export const closeCage = async (): Promise<void> => (await made)?.close()

const ourEnvironment = (bin: string): Record<string, string | undefined> => ({
  PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
  HOME: process.env['HOME'],
  LANG: 'C.UTF-8',
  GITHUB_TOKEN: TOKEN,
  ACTIONS_RUNTIME_TOKEN: TOKEN,
})

function speechOf(cli: string): Speech {
  const speech = SPEECHES[cli]
  if (speech === undefined) throw new Error(`nobody knows how a model makes ${cli} do things`)
  return speech
}

async function startModel(
  script: Script,
  speech: Speech,
  asked: ModelTurn[],
): Promise<{ url: string; close(): Promise<void> }> {
  if (script.fault === 'refused') {
    return { url: `http://127.0.0.1:${await closedPort()}`, close: async () => {} }
  }
  const { moves, tokens } = script
  const model = await startScriptedModel((turn) => {
    asked.push(turn)
    const move = moveAt(moves, turn.turn)
    // Programs ask for titles, summaries and routes in between, without tools: these are not the conversation.
    const answer = spoken(speech, turn.tools.length === 0 && !('status' in move) ? ASIDE : move)
    return 'status' in answer || tokens === undefined ? answer : { ...answer, tokens }
  })
  if (script.fault === undefined) return model
  const between = await startFault(model.url, script.fault)
  return {
    url: between.url,
    close: async () => {
      await between.close()
      await model.close()
    },
  }
}

const ASIDE = { say: 'ok' }

function moveAt(moves: Script['moves'], turn: number): Move {
  if (typeof moves === 'function') return moves(turn)
  return moves[Math.min(turn, moves.length - 1)] ?? ASIDE
}

const STARTED_MS = 40_000
let sleepers = 0

/** Its duration is found nowhere else on this machine. */
function sleeper(): Sleeper {
  const command = `sleep ${80_000 + (sleepers += 1)}.${process.pid}`
  const alive = async (): Promise<number> => (await commandLines()).filter((line) => line === command).length
  return {
    command,
    alive,
    async started() {
      for (const end = Date.now() + STARTED_MS; (await alive()) === 0; await sleep(50)) {
        if (Date.now() > end) throw new Error('the command was never started')
      }
    },
  }
}

async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
  return (await Promise.all(lines)).map((line) => line.split('\0').join(' ').trim())
}
