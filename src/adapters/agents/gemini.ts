import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import * as z from 'zod'
import { failure, type Failure } from '../../core/model/failure.ts'
import type { AgentRequest } from '../../core/ports.ts'
import { type AgentAdapter, type AgentSurroundings, type Endpoint, TEXT_ONLY } from './adapter.ts'
import type { AgentFiles } from './agent-files.ts'
import { askedInText } from './answer-in-text.ts'
import { aboutBinary, type BinaryCheck, binaryProblems } from './binary.ts'
import { TextStream, type Told } from './text-stream.ts'
import { toolchainHomes } from './toolchain-homes.ts'

export interface GeminiOptions extends AgentSurroundings {
  apiKey: string | undefined
  /** A path, or a name on PATH. */
  binary?: string
}

const READING = [
  'read_file',
  'read_many_files',
  'list_directory',
  'glob',
  'grep_search',
  'search_file_content',
]
const EDITING = [...READING, 'write_file', 'replace', 'run_shell_command']

/** Google's Gemini CLI as the agent. Its shell is held by the cage alone; a read-only step has no shell. */
export function geminiAdapter(options: GeminiOptions): AgentAdapter {
  const binary = options.binary ?? 'gemini'
  const check: BinaryCheck = {
    title: 'Gemini CLI',
    agent: 'gemini',
    binary,
    install: 'npm install -g @google/gemini-cli',
    tested: ['0.61.0', '0.61.0'],
    around: options,
    key: { name: 'GEMINI_API_KEY', value: options.apiKey },
  }
  return {
    name: 'gemini',
    capabilities: { ...TEXT_ONLY, protocol: 'gemini' },
    launch: (request, files, endpoint) => ({
      file: binary,
      args: geminiArguments(request),
      env: environment(options, files, endpoint),
      input: askedInText(request),
      home: new Map([
        [SETTINGS, JSON.stringify(settings(request))],
        [SYSTEM, request.prompt.system],
      ]),
    }),
    reader: (onActivity) => new TextStream('gemini', reader(), onActivity),
    about: () => aboutBinary(check),
    preflight: async () => [...(await binaryProblems(check)), ...(await openToOthers(options.tmpDir))],
  }
}

/**
 * It takes no settings from below a directory that others may write to, and without ours the checkout's would count. It ends by
 * itself then, for want of a way to log in; this says why beforehand.
 */
async function openToOthers(tmpDir: string): Promise<Failure[]> {
  for (let dir = resolve(tmpDir); ; dir = dirname(dir)) {
    if (((await stat(dir)).mode & 0o022) !== 0) {
      return [
        failure(
          'agent-not-available',
          `gemini takes no settings from below ${dir}, to which others may write.`,
          'Set TMPDIR to a directory of your own, e.g. TMPDIR="$HOME/.cache/tmp".',
        ),
      ]
    }
    if (dir === dirname(dir)) return []
  }
}

const SETTINGS = '.orchestrate/settings.json'
const SYSTEM = '.orchestrate/system.md'

const geminiArguments = (request: AgentRequest): string[] => [
  // Tools are chosen by the settings; nobody could be asked about one.
  ...['--prompt', '', '--output-format', 'stream-json', '--approval-mode', 'yolo', '--skip-trust'],
  // No server has this name.
  ...['--allowed-mcp-server-names', 'orchestrate-none', '--extensions', 'none'],
  ...(request.model === undefined ? [] : ['--model', request.model]),
]

/** Laid over whatever the checkout has in its own. Source: geminicli.com/docs/reference/configuration. */
const settings = (request: AgentRequest): object => ({
  security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
  tools: {
    core: request.access === 'edit' ? EDITING : READING,
    sandbox: false,
    discoveryCommand: '',
    callCommand: '',
  },
  admin: { mcp: { enabled: false }, extensions: { enabled: false }, skills: { enabled: false } },
  hooksConfig: { enabled: false },
  skills: { enabled: false },
  // No file of a checkout is called so: it instructs nobody.
  context: { fileName: '.orchestrate-no-instructions', loadMemoryFromIncludeDirectories: false },
  // The gateway waits and tries again.
  general: {
    enableAutoUpdate: false,
    enableAutoUpdateNotification: false,
    maxAttempts: 2,
    retryFetchErrors: false,
  },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
})

const environment = (
  options: GeminiOptions,
  files: AgentFiles,
  { baseUrl, apiKey = '' }: Endpoint,
): Record<string, string> => ({
  ...toolchainHomes(options.env),
  HOME: files.home,
  TMPDIR: `${files.home}/tmp`,
  GEMINI_API_KEY: apiKey,
  ...(baseUrl === undefined ? {} : { GOOGLE_GEMINI_BASE_URL: baseUrl }),
  GEMINI_CLI_SYSTEM_SETTINGS_PATH: `${files.home}/${SETTINGS}`,
  GEMINI_SYSTEM_MD: `${files.home}/${SYSTEM}`,
  // It would start itself anew with more memory, and pass signals on late.
  GEMINI_CLI_NO_RELAUNCH: 'true',
})

const line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), role: z.string(), content: z.string() }),
  z.object({
    type: z.literal('tool_use'),
    tool_name: z.string(),
    tool_id: z.string(),
    parameters: z.record(z.string(), z.unknown()).optional(),
  }),
  z.object({
    type: z.literal('tool_result'),
    tool_id: z.string(),
    status: z.string(),
    error: z.object({ type: z.string().optional(), message: z.string().optional() }).nullish(),
  }),
  z.object({ type: z.literal('error'), severity: z.string().optional(), message: z.string() }),
  z.object({
    type: z.literal('result'),
    status: z.string(),
    error: z.object({ message: z.string(), code: z.union([z.string(), z.number()]).optional() }).nullish(),
    stats: z
      .object({
        input_tokens: z.number().optional(),
        output_tokens: z.number().optional(),
        cached: z.number().optional(),
      })
      .nullish(),
  }),
])

/** What the gate of its own says where a path or a tool is not allowed. */
const DENIED = /denied|not.in.workspace|within the workspace|workspace director|not_registered|permission/i

function reader(): (value: unknown) => Told {
  const tools = new Map<string, string>()
  return (value) => {
    const parsed = line.safeParse(value)
    if (!parsed.success) return {}
    const { data } = parsed
    switch (data.type) {
      case 'message':
        return data.role === 'assistant' ? { text: { text: data.content, whole: false } } : {}
      case 'tool_use': {
        tools.set(data.tool_id, data.tool_name)
        const { command, file_path: path, pattern } = data.parameters ?? {}
        const target = [command, path, pattern].find((one) => typeof one === 'string')
        return { tool: { name: data.tool_name, target } }
      }
      case 'tool_result':
        return data.status !== 'success' && DENIED.test(`${data.error?.type} ${data.error?.message}`)
          ? { denied: tools.get(data.tool_id) ?? 'a tool' }
          : {}
      case 'error':
        return data.severity === 'warning' ? {} : { error: { message: data.message } }
      case 'result': {
        const { input_tokens: input, output_tokens: output, cached = 0 } = data.stats ?? {}
        const usage = {
          ...(input === undefined
            ? {}
            : { inputTokens: Math.max(input - cached, 0), cacheReadTokens: cached }),
          ...(output === undefined ? {} : { outputTokens: output }),
        }
        if (data.status === 'success') return { done: true, usage }
        return { usage, error: { message: data.error?.message ?? 'it ended with an error' } }
      }
    }
  }
}
