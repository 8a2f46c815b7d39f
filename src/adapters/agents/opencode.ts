import * as z from 'zod'
import { addUsage, type Usage } from '../../core/model/step.ts'
import { failure } from '../../core/model/failure.ts'
import type { AgentRequest } from '../../core/ports.ts'
import { type AgentAdapter, type AgentSurroundings, type Endpoint, TEXT_ONLY } from './adapter.ts'
import type { AgentFiles } from './agent-files.ts'
import { askedInText } from './answer-in-text.ts'
import { aboutBinary, type BinaryCheck, binaryProblems } from './binary.ts'
import { TextStream, type Told } from './text-stream.ts'
import { toolchainHomes } from './toolchain-homes.ts'

export interface OpencodeOptions extends AgentSurroundings {
  apiKey: string | undefined
  /** A path, or a name on PATH. */
  binary?: string
}

/** Seen with 1.18.33, also with its options against it; the conformance suite tells when a version no longer does. */
const RUNS_PLUGINS = failure(
  'agent-not-available',
  'opencode runs plugins of the checkout before anything else: it is not started.',
  'Choose another agent. In a repository whose every branch you trust, run it by --agent command --agent-command CMD.',
)

const PROVIDER = 'https://api.openai.com/v1'
/** What is asked where no model is chosen: it has no default for a provider that it does not know. */
const MODEL = 'gpt-5'

/** OpenCode as the agent, with a model behind OpenAI's Chat Completions API. Its shell is held by the cage alone. */
export function opencodeAdapter(options: OpencodeOptions): AgentAdapter {
  const binary = options.binary ?? 'opencode'
  const check: BinaryCheck = {
    title: 'OpenCode',
    agent: 'opencode',
    binary,
    install: 'npm install -g opencode-ai',
    tested: ['1.18.33', '1.18.33'],
    around: options,
    key: { name: 'OPENAI_API_KEY', value: options.apiKey },
  }
  return {
    name: 'opencode',
    capabilities: { ...TEXT_ONLY, protocol: 'openai' },
    launch: (request, files, endpoint) => ({
      file: binary,
      args: ['run', '--format', 'json', '--pure', '--agent', 'orchestrate', '--dir', request.cwd],
      env: environment(options, request, files, endpoint),
      input: askedInText(request),
    }),
    reader: (onActivity) => new TextStream('opencode', reader(), onActivity),
    about: () => aboutBinary(check),
    preflight: async () => [...(await binaryProblems(check)), RUNS_PLUGINS],
  }
}

/** Source: opencode.ai/docs/config and /docs/permissions. */
function configuration(request: AgentRequest, { baseUrl = PROVIDER, apiKey = '' }: Endpoint): object {
  const { model = MODEL, access } = request
  const edits = access === 'edit' ? 'allow' : 'deny'
  return {
    provider: {
      orchestrate: {
        npm: '@ai-sdk/openai-compatible',
        options: { baseURL: baseUrl, apiKey },
        models: { [model]: {} },
      },
    },
    model: `orchestrate/${model}`,
    small_model: `orchestrate/${model}`,
    enabled_providers: ['orchestrate'],
    share: 'disabled',
    autoupdate: false,
    snapshot: false,
    permission: { edit: edits, bash: edits, webfetch: 'deny', external_directory: 'deny', task: 'deny' },
    agent: {
      orchestrate: {
        mode: 'primary',
        prompt: request.prompt.system,
        tools:
          access === 'edit'
            ? { task: false }
            : { task: false, write: false, edit: false, patch: false, bash: false },
      },
    },
  }
}

const environment = (
  options: OpencodeOptions,
  request: AgentRequest,
  { home }: AgentFiles,
  endpoint: Endpoint,
): Record<string, string> => ({
  ...toolchainHomes(options.env),
  HOME: home,
  TMPDIR: `${home}/tmp`,
  XDG_CONFIG_HOME: `${home}/.config`,
  XDG_DATA_HOME: `${home}/.local/share`,
  XDG_CACHE_HOME: `${home}/.cache`,
  XDG_STATE_HOME: `${home}/.local/state`,
  OPENCODE_CONFIG_CONTENT: JSON.stringify(configuration(request, endpoint)),
  // Without it plugins and servers of the checkout run before anything else does.
  OPENCODE_DISABLE_PROJECT_CONFIG: '1',
  OPENCODE_DISABLE_CLAUDE_CODE: '1',
  OPENCODE_DISABLE_EXTERNAL_SKILLS: '1',
  OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  OPENCODE_DISABLE_AUTOUPDATE: '1',
})

const tokens = z.number().nonnegative().optional()
const line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), part: z.object({ text: z.string() }) }),
  z.object({
    type: z.literal('tool_use'),
    part: z.object({
      tool: z.string(),
      state: z.object({
        status: z.string(),
        input: z.record(z.string(), z.unknown()).optional(),
        error: z.string().optional(),
      }),
    }),
  }),
  z.object({
    type: z.literal('step_finish'),
    part: z.object({
      reason: z.string().optional(),
      tokens: z
        .object({
          input: tokens,
          output: tokens,
          reasoning: tokens,
          cache: z.object({ read: tokens, write: tokens }).optional(),
        })
        .optional(),
    }),
  }),
  z.object({
    type: z.literal('error'),
    error: z.object({
      name: z.string().optional(),
      data: z.object({ message: z.string().optional(), statusCode: z.number().optional() }).nullish(),
    }),
  }),
])

/** What it says where its own rules do not let a tool do something. */
const DENIED = /reject|denied|not allowed|prevents you|permission/i

function reader(): (value: unknown) => Told {
  let used: Usage = {}
  return (value) => {
    const parsed = line.safeParse(value)
    if (!parsed.success) return {}
    const { data } = parsed
    switch (data.type) {
      case 'text':
        return { text: { text: data.part.text, whole: true } }
      case 'tool_use': {
        const { tool, state } = data.part
        const { command, filePath, pattern } = state.input ?? {}
        const target = [command, filePath, pattern].find((one) => typeof one === 'string')
        const denied = state.status === 'error' && DENIED.test(state.error ?? '')
        return { tool: { name: tool, target }, ...(denied ? { denied: tool } : {}) }
      }
      case 'step_finish': {
        const { input, output, reasoning = 0, cache } = data.part.tokens ?? {}
        used = addUsage(used, {
          ...(input === undefined ? {} : { inputTokens: input }),
          ...(output === undefined ? {} : { outputTokens: output + reasoning }),
          ...(cache?.read === undefined ? {} : { cacheReadTokens: cache.read }),
          ...(cache?.write === undefined ? {} : { cacheWriteTokens: cache.write }),
        })
        return { usage: used, ...(data.part.reason === 'tool-calls' ? {} : { done: true }) }
      }
      case 'error': {
        const { name = 'an error', data: more } = data.error
        const status = more?.statusCode
        return { error: { message: more?.message ?? name, ...(status === undefined ? {} : { status }) } }
      }
    }
  }
}
