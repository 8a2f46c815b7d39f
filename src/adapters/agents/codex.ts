import type { Agent, AgentRequest } from '../../core/ports.ts'
import type { AgentAdapter, AgentSurroundings, Endpoint } from './adapter.ts'
import type { AgentFiles } from './agent-files.ts'
import { CodexStream } from './codex-stream.ts'
import { aboutBinary, type BinaryCheck, binaryProblems } from './binary.ts'
import { openAgent } from './run-agent.ts'
import { strictSchema } from './strict-schema.ts'
import { toolchainHomes } from './toolchain-homes.ts'

export interface CodexOptions extends AgentSurroundings {
  apiKey: string | undefined
  /** Address of an OpenAI-compatible API with its version, e.g. https://api.openai.com/v1. Undefined: the provider itself. */
  baseUrl?: string | undefined
  /** A path, or a name on PATH. */
  binary?: string
  /** How often it tries a refused call of the API again, by itself. */
  maxRetries?: number
}

/** OpenAI's Codex as the agent. Read-only steps and commands run in its own sandbox, or in our cage where there is one. */
export function codexAdapter(options: CodexOptions): AgentAdapter {
  const binary = options.binary ?? 'codex'
  return {
    name: 'codex',
    capabilities: {
      artifact: 'structured',
      readOnly: true,
      budget: false,
      subagents: false,
      cost: false,
      protocol: 'openai',
    },
    launch: (request, files, endpoint) => ({
      file: binary,
      args: codexArguments(request, files, endpoint, options),
      env: environment(options, files, endpoint),
      // It has instructions of its own before these; what varies stands last.
      input: `${request.prompt.system}\n\n${request.prompt.user}`,
      home: new Map([[SCHEMA_FILE, JSON.stringify(strictSchema(request.schema))]]),
    }),
    reader: (onActivity) => new CodexStream(onActivity),
    about: () => aboutBinary(checkOf(options, binary)),
    preflight: () => binaryProblems(checkOf(options, binary)),
  }
}

export const createCodexAgent = (options: CodexOptions): Agent =>
  openAgent(codexAdapter(options), options, { baseUrl: options.baseUrl, apiKey: options.apiKey })

const SCHEMA_FILE = '.orchestrate/schema.json'
const PROVIDER = 'https://api.openai.com/v1'

export function codexArguments(
  request: AgentRequest,
  files: AgentFiles,
  { baseUrl = PROVIDER }: Endpoint,
  { maxRetries = 2, cage }: Pick<CodexOptions, 'maxRetries' | 'cage'>,
): string[] {
  const sandbox = request.access === 'edit' ? 'workspace-write' : 'read-only'
  const settings = {
    // A provider of its own name, so that neither a login nor the environment can send calls elsewhere.
    model_provider: 'orchestrate',
    'model_providers.orchestrate': {
      name: 'orchestrate',
      base_url: baseUrl,
      env_key: 'OPENAI_API_KEY',
      wire_api: 'responses',
      request_max_retries: maxRetries,
      stream_max_retries: maxRetries,
    },
    // Its commands do not see the key.
    shell_environment_policy: { inherit: 'all', ignore_default_excludes: false, exclude: ['OPENAI_*'] },
    // Its sandbox would let commands write to all of /tmp, where other steps have their files.
    sandbox_workspace_write: { exclude_slash_tmp: true },
    // The checkout instructs nobody: what it says reaches the prompt by us, from the base.
    project_doc_max_bytes: 0,
    web_search: 'disabled',
  }
  return [
    'exec',
    ...['--json', '--ephemeral', '--skip-git-repo-check', '--ignore-user-config', '--color', 'never'],
    ...['-C', request.cwd],
    ...(request.model === undefined ? [] : ['-m', request.model]),
    // One cage in another cannot start: ours holds it, and holds a reader more tightly than its own.
    ...(cage === undefined ? ['-s', sandbox] : ['--dangerously-bypass-approvals-and-sandbox']),
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${toml(value)}`]),
    ...['--output-schema', `${files.home}/${SCHEMA_FILE}`],
    '-',
  ]
}

type Setting = string | number | boolean | string[] | { [key: string]: Setting }

/** A value as TOML writes it; JSON's strings and lists are the same there. */
function toml(value: Setting): string {
  if (typeof value !== 'object' || Array.isArray(value)) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key}=${toml(inner)}`)
    .join(',')}}`
}

const environment = (
  options: CodexOptions,
  files: AgentFiles,
  { apiKey = '' }: Endpoint,
): Record<string, string> => ({
  ...toolchainHomes(options.env),
  HOME: files.home,
  // Its own sandbox does not start where CODEX_HOME lies below the directory for temporary files.
  TMPDIR: `${files.home}/tmp`,
  CODEX_HOME: `${files.home}/.orchestrate`,
  OPENAI_API_KEY: apiKey,
})

const checkOf = (options: CodexOptions, binary: string): BinaryCheck => ({
  title: 'Codex',
  agent: 'codex',
  binary,
  install: 'npm install -g @openai/codex',
  tested: ['0.150.0', '0.169.0'],
  around: options,
  key: { name: 'OPENAI_API_KEY', value: options.apiKey },
})
