import type { Agent, AgentActivity, AgentRequest } from '../../core/ports.ts'
import type { AgentAdapter, AgentSurroundings, Endpoint, OutputReader } from './adapter.ts'
import type { AgentFiles } from './agent-files.ts'
import { aboutBinary, type BinaryCheck, binaryProblems } from './binary.ts'
import { claudeKey, claudeModel } from './claude-model.ts'
import { judgeClaude } from './claude-judge.ts'
import { ClaudeStream } from './claude-stream.ts'
import { claudeSeller } from './cloud-models.ts'
import { leanSchema } from './lean-schema.ts'
import { openAgent } from './run-agent.ts'
import { toolchainHomes } from './toolchain-homes.ts'

export interface ClaudeOptions extends AgentSurroundings {
  /** A key of the provider, or whatever a gateway at `baseUrl` takes in its place. */
  apiKey: string | undefined
  /** Undefined: the provider itself. */
  baseUrl?: string | undefined
  /** Whether the key is the token of a person's subscription. */
  subscription?: boolean
  /** A path, or a name on PATH. */
  binary?: string
  /** How often it tries a refused call of the API again, by itself. With its own default of 10 an outage takes minutes. */
  maxRetries?: number
}

const READING = ['Read', 'Grep', 'Glob']
/**
 * With a shell nothing more is needed to search: the program itself offers no Grep and no Glob to a model that has Bash, and their
 * descriptions would be 4 kB of every request.
 */
const EDITING = ['Read', 'Edit', 'Write', 'Bash']
/** `Edit` rules cover `Write` too; a bare `Write` would allow paths outside the working directory. */
const EDITING_ALLOWED = ['Read', 'Edit(/**)', 'Bash']

/** Starts a worker. */
const LEADING = 'Agent'

/** Tool results are printed as one line and may be large; a result line is far smaller. */
const MAX_LINE_BYTES = 2 * 1024 * 1024
/** Interrupted it still prints what the call cost, which SIGTERM does not give. */
const END_BY = [
  { signal: 'SIGINT', waitMs: 3_000 },
  { signal: 'SIGTERM', waitMs: 5_000 },
] as const

/** Claude Code as the agent. Its artifact is the structured answer, so that a reviewer needs no tool that writes. */
export function claudeAdapter(options: ClaudeOptions): AgentAdapter {
  return {
    name: 'claude',
    capabilities: {
      artifact: 'structured',
      readOnly: true,
      budget: true,
      subagents: true,
      cost: true,
      protocol: claudeSeller(options.env),
    },
    launch: (request, files, endpoint) => ({
      file: options.binary ?? 'claude',
      args: claudeArguments(request, files.system),
      env: environment(options, request, files, endpoint),
      input: request.prompt.user,
      endBy: END_BY,
    }),
    reader,
    about: () => aboutBinary(checkOf(options)),
    preflight: () => binaryProblems(checkOf(options)),
  }
}

export const createClaudeAgent = (options: ClaudeOptions): Agent =>
  openAgent(claudeAdapter(options), options, { baseUrl: options.baseUrl, apiKey: options.apiKey })

function reader(onActivity: (activity: AgentActivity) => void): OutputReader {
  const stream = new ClaudeStream(onActivity)
  return {
    maxLineBytes: MAX_LINE_BYTES,
    line: (text) => stream.line(text),
    isKept: (text) => stream.isKept(text),
    denied: stream.denied,
    get usage() {
      return stream.usage
    },
    get answer() {
      const answer = stream.result?.structured_output
      return answer === undefined || answer === null ? undefined : JSON.stringify(answer)
    },
    judge: ({ outcome, tail }) => judgeClaude(outcome, stream.result, tail),
  }
}

/**
 * Everything here but the budget follows from the role (step, access, model), since tools, schema and system prompt are
 * the prefix that the provider caches.
 */
export function claudeArguments(request: AgentRequest, systemFile: string): string[] {
  const edit = request.access === 'edit'
  const { run = Infinity, phase = Infinity, step = Infinity } = request.limits.budgets ?? {}
  const budget = Math.min(run, phase, step)
  const tools = edit ? EDITING : READING
  const leading = request.workers === undefined ? [] : [LEADING]
  return [
    '-p',
    ...['--output-format', 'stream-json', '--verbose', '--include-partial-messages'],
    ...(request.model === undefined ? [] : ['--model', request.model]),
    // The checkout configures nothing: no settings, hooks, servers, skills, instructions of its own.
    ...[
      '--setting-sources',
      '',
      '--strict-mcp-config',
      '--disable-slash-commands',
      '--no-session-persistence',
    ],
    // Commits are ours, so nothing has to be said about signing them.
    ...['--settings', JSON.stringify({ attribution: { commit: '', pr: '' } })],
    ...['--tools', [...tools, ...leading].join(','), '--permission-mode', 'dontAsk'],
    ...['--allowed-tools', ...(edit ? EDITING_ALLOWED : READING), ...leading],
    ...(request.workers === undefined ? [] : ['--agents', JSON.stringify(agentsOf(request.workers))]),
    ...['--system-prompt-file', systemFile],
    ...['--json-schema', JSON.stringify(leanSchema(request.schema))],
    ...(budget === Infinity ? [] : ['--max-budget-usd', Math.max(budget, 0.01).toFixed(4)]),
  ]
}

/** Workers of a lead, in the form of `--agents`. Their tools are what a step of that access has; what those may touch holds for them too. */
const agentsOf = (workers: NonNullable<AgentRequest['workers']>): object =>
  Object.fromEntries(
    Object.entries(workers).map(([name, { description, prompt, access }]) => [
      name,
      { description, prompt, tools: access === 'edit' ? EDITING : READING },
    ]),
  )

/** What it gets besides the allow-list and the variables of the work. */
function environment(
  options: ClaudeOptions,
  request: AgentRequest,
  files: AgentFiles,
  endpoint: Endpoint,
): Record<string, string> {
  // A command that it runs may be silent for this long; longer would look like an agent that hangs.
  const longest = Math.round(request.limits.idleMs * 0.8)
  return {
    ...toolchainHomes(options.env),
    HOME: files.home,
    TMPDIR: `${files.home}/tmp`,
    CLAUDE_CONFIG_DIR: `${files.home}/.claude`,
    CLAUDE_CODE_TMPDIR: `${files.home}/tmp`,
    ...claudeModel(options, endpoint),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_MAX_RETRIES: String(options.maxRetries ?? 2),
    // What runs in the background outlives the answer that was to wait for it. A lead starts several workers in one message instead.
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    // Agent teams are an experiment of the program: where somebody has enabled them, a lead has them too.
    ...(request.workers !== undefined && isSet(options.env[AGENT_TEAMS]) ? { [AGENT_TEAMS]: '1' } : {}),
    // Would make the first system block differ from call to call.
    CLAUDE_CODE_ATTRIBUTION_HEADER: '0',
    BASH_DEFAULT_TIMEOUT_MS: String(Math.min(120_000, longest)),
    BASH_MAX_TIMEOUT_MS: String(longest),
  }
}

const AGENT_TEAMS = 'CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS'
const isSet = (value: string | undefined): boolean => value === '1' || value === 'true'

const checkOf = (options: ClaudeOptions): BinaryCheck => ({
  title: 'Claude Code',
  agent: 'claude',
  binary: options.binary ?? 'claude',
  install: 'npm install -g @anthropic-ai/claude-code',
  tested: ['2.1.227', '2.1.330'],
  // Measured by the conformance suite: 2.0.0 refuses our flags, by which hooks of the checkout are kept out; 2.1.122 and 2.1.176 take
  // them, and do not end a call whose answer was taken.
  least: { version: '2.1.227', why: 'does not work with what keeps hooks of the checkout out' },
  around: options,
  key: claudeKey(options.env, options.apiKey),
})
