import * as z from 'zod'
import type { AgentRequest } from '../../core/ports.ts'
import { type AgentAdapter, type AgentSurroundings, type Endpoint, TEXT_ONLY } from './adapter.ts'
import type { AgentFiles } from './agent-files.ts'
import { askedInText } from './answer-in-text.ts'
import { aboutBinary, type BinaryCheck, binaryProblems } from './binary.ts'
import { TextStream, type Told } from './text-stream.ts'
import { toolchainHomes } from './toolchain-homes.ts'

export interface CopilotOptions extends AgentSurroundings {
  apiKey: string | undefined
  /** A path, or a name on PATH. */
  binary?: string
}

const PROVIDER = 'https://api.openai.com/v1'
/** It wants a name where the model is not GitHub's own. */
const MODEL = 'gpt-5'

/**
 * GitHub's Copilot CLI as the agent, with a model of one's own behind OpenAI's API: GitHub's models would need a token of GitHub in
 * the agent's process, and no agent gets one.
 */
export function copilotAdapter(options: CopilotOptions): AgentAdapter {
  const binary = options.binary ?? 'copilot'
  const check: BinaryCheck = {
    title: 'Copilot CLI',
    agent: 'copilot',
    binary,
    install: 'npm install -g @github/copilot',
    tested: ['1.0.102', '1.0.102'],
    around: options,
    key: { name: 'OPENAI_API_KEY', value: options.apiKey },
  }
  return {
    name: 'copilot',
    capabilities: { ...TEXT_ONLY, protocol: 'openai' },
    launch: (request, files, endpoint) => ({
      file: binary,
      args: copilotArguments(request),
      env: environment(options, request, files, endpoint),
      // It has instructions of its own before these; what varies stands last.
      input: `${request.prompt.system}\n\n${askedInText(request)}`,
    }),
    reader: (onActivity) => new TextStream('copilot', reader(), onActivity),
    about: () => aboutBinary(check),
    preflight: () => binaryProblems(check),
  }
}

const READING = ['view', 'grep', 'glob']

const copilotArguments = (request: AgentRequest): string[] => [
  ...['--output-format', 'json', '--stream', 'off', '--no-color', '--log-level', 'none'],
  ...[
    '--no-ask-user',
    '--no-auto-update',
    '--no-custom-instructions',
    '--disable-builtin-mcps',
    '--no-remote',
  ],
  // Paths outside the working directory stay refused; the folder is not trusted, so it configures nothing.
  '--disallow-temp-dir',
  ...(request.access === 'edit'
    ? ['--allow-all-tools']
    : ['--available-tools', ...READING, '--deny-tool', 'write', 'shell']),
]

const environment = (
  options: CopilotOptions,
  request: AgentRequest,
  { home }: AgentFiles,
  { baseUrl = PROVIDER, apiKey = '' }: Endpoint,
): Record<string, string> => ({
  ...toolchainHomes(options.env),
  HOME: home,
  TMPDIR: `${home}/tmp`,
  COPILOT_HOME: `${home}/.copilot`,
  COPILOT_OFFLINE: 'true',
  COPILOT_PROVIDER_TYPE: 'openai',
  COPILOT_PROVIDER_WIRE_API: 'responses',
  COPILOT_PROVIDER_BASE_URL: baseUrl,
  COPILOT_PROVIDER_API_KEY: apiKey,
  COPILOT_MODEL: request.model ?? MODEL,
})

const line = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('assistant.message'),
    data: z.object({ content: z.string().nullish() }),
  }),
  z.object({
    type: z.literal('tool.execution_start'),
    data: z.object({ toolName: z.string(), toolCallId: z.string(), arguments: z.unknown().optional() }),
  }),
  z.object({
    type: z.literal('tool.execution_complete'),
    data: z.object({
      toolCallId: z.string(),
      success: z.boolean().optional(),
      error: z.object({ message: z.string().optional(), code: z.string().optional() }).nullish(),
    }),
  }),
  z.object({
    type: z.literal('session.error'),
    data: z.object({ message: z.string(), statusCode: z.number().optional() }),
  }),
  z.object({ type: z.literal('result'), exitCode: z.number().optional() }),
])
const targets = z.object({
  command: z.string().optional(),
  path: z.string().optional(),
  pattern: z.string().optional(),
})

/** What it says where its own rules do not let a tool do something. */
const DENIED = /denied|permission|not allowed/i

function reader(): (value: unknown) => Told {
  const tools = new Map<string, string>()
  return (value) => {
    const parsed = line.safeParse(value)
    if (!parsed.success) return {}
    const told = parsed.data
    switch (told.type) {
      case 'assistant.message':
        return { text: { text: told.data.content ?? '', whole: true } }
      case 'tool.execution_start': {
        tools.set(told.data.toolCallId, told.data.toolName)
        const found = targets.safeParse(told.data.arguments).data
        return { tool: { name: told.data.toolName, target: found?.command ?? found?.path ?? found?.pattern } }
      }
      case 'tool.execution_complete': {
        const { success, error, toolCallId } = told.data
        const denied = success === false && DENIED.test(`${error?.code} ${error?.message}`)
        return denied ? { denied: tools.get(toolCallId) ?? 'a tool' } : {}
      }
      case 'session.error': {
        const { message, statusCode: status } = told.data
        return { error: { message, ...(status === undefined ? {} : { status }) } }
      }
      case 'result':
        return told.exitCode === 0 ? { done: true } : { error: { message: `it ended with ${told.exitCode}` } }
    }
  }
}
