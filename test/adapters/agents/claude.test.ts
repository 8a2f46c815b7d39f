import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judgeClaude } from '../../../src/adapters/agents/claude-judge.ts'
import { ClaudeStream, type ClaudeResult } from '../../../src/adapters/agents/claude-stream.ts'
import { claudeAdapter, claudeArguments, createClaudeAgent } from '../../../src/adapters/agents/claude.ts'
import { leanSchema } from '../../../src/adapters/agents/lean-schema.ts'
import { modelEndpoints } from '../../../src/adapters/agents/endpoints.ts'
import { createAgent } from '../../../src/adapters/agents/create-agent.ts'
import { WORKER_AGENTS } from '../../../src/core/execute/prompts/team.ts'
import { AGENT_NAMES, type AgentName } from '../../../src/core/model/config.ts'
import type { AgentActivity, AgentFailure } from '../../../src/core/ports.ts'
import { agentRequest } from '../../support/agent-request.ts'

// The real program is driven by test/nightly/claude.test.ts; lines here are as it printed them there, shortened.
const RESULT: ClaudeResult = {
  type: 'result',
  subtype: 'success',
  is_error: false,
  terminal_reason: 'completed',
  result: 'done',
  structured_output: { nonce: 'nonce-1', summary: 'Wrote a.' },
  total_cost_usd: 0.0025,
  usage: {
    input_tokens: 1000,
    output_tokens: 50,
    cache_read_input_tokens: 7,
    cache_creation_input_tokens: 3,
  },
}

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'claude-'))
  mkdirSync(join(root, 'tmp'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** A program in claude's place. */
function binary(script: string): string {
  const file = join(root, 'claude')
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return file
}

const agentOf = (script: string, apiKey: string | undefined = 'key'): ReturnType<typeof createClaudeAgent> =>
  createClaudeAgent({
    env: { PATH: process.env['PATH'], HOME: root, GITHUB_TOKEN: 'secret', CARGO_HOME: '/opt/cargo' },
    tmpDir: join(root, 'tmp'),
    apiKey,
    baseUrl: 'http://127.0.0.1:9',
    binary: binary(script),
  })

describe('how a call is judged', () => {
  const ended = { kind: 'exit', code: 0 } as const
  const judge = (more: Partial<ClaudeResult>, code = 0): AgentFailure | undefined =>
    judgeClaude({ kind: 'exit', code }, { ...RESULT, ...more }, '')

  it('is done only with exit 0, a result without an error, and a completed turn', () => {
    expect(judge({})).toBeUndefined()
    expect(judge({ is_error: true })).toMatchObject({ reason: 'crashed' })
    expect(judge({}, 1)).toMatchObject({ reason: 'crashed' })
    expect(judge({ terminal_reason: 'aborted' })).toEqual({
      reason: 'crashed',
      message: 'claude did not complete (success, aborted): done',
    })
    expect(judge({ terminal_reason: undefined })).toMatchObject({ reason: 'crashed' })
  })

  it('names a failure of the API, although it calls itself a success', () => {
    const more = {
      is_error: true,
      terminal_reason: 'api_error',
      api_error_status: 529,
      result: 'Overloaded.',
    }
    expect(judge(more, 1)).toEqual({
      reason: 'rate-limited',
      message: "the model's API failed (status 529): Overloaded.",
    })
  })

  it('names a budget that is spent and a schema that was never met', () => {
    expect(judge({ subtype: 'error_max_budget_usd', is_error: true, errors: ['Reached $0.5'] }, 1)).toEqual({
      reason: 'over-budget',
      message: 'claude stopped at its budget: Reached $0.5',
    })
    expect(judge({ subtype: 'error_max_structured_output_retries', is_error: true }, 1)).toMatchObject({
      reason: 'malformed',
    })
  })

  it('says what was printed where there is no result', () => {
    expect(judgeClaude(ended, undefined, '')).toMatchObject({ reason: 'malformed' })
    expect(judgeClaude({ kind: 'exit', code: 1 }, undefined, 'Error: unknown option\n')).toEqual({
      reason: 'crashed',
      message: 'claude ended with exit code 1: Error: unknown option',
    })
  })

  it('does not count what it printed while it was ended', () => {
    expect(judgeClaude({ kind: 'idle', afterMs: 300_000 }, RESULT, '')).toEqual({
      reason: 'idle',
      message: 'claude was ended: no output and no changed file for 300 s',
    })
  })
})

describe('the stream', () => {
  const event = (event: object): string => JSON.stringify({ type: 'stream_event', event })
  const usage = (input: number, output: number): object => ({ input_tokens: input, output_tokens: output })

  function read(...lines: (string | object)[]): { stream: ClaudeStream; seen: AgentActivity[] } {
    const seen: AgentActivity[] = []
    const stream = new ClaudeStream((activity) => seen.push(activity))
    for (const line of lines) stream.line(typeof line === 'string' ? line : JSON.stringify(line))
    return { stream, seen }
  }

  it('tells text, tools, retries and refusals', () => {
    const content = [
      { type: 'thinking', thinking: 'hm' },
      { type: 'text', text: ' I read it. ' },
      { type: 'tool_use', name: 'Read', input: { file_path: '/w/a.ts' } },
      { type: 'tool_use', name: 'Bash', input: { command: 'npm test' } },
      { type: 'tool_use', name: 'Other', input: {} },
    ]
    const { seen } = read(
      { type: 'assistant', message: { content } },
      { type: 'system', subtype: 'api_retry', attempt: 1, retry_delay_ms: 589, error_status: 529 },
      { type: 'system', subtype: 'permission_denied', tool_name: 'Write' },
    )
    expect(seen).toEqual([
      { kind: 'text', text: 'I read it.' },
      { kind: 'tool', tool: 'Read', target: '/w/a.ts' },
      { kind: 'tool', tool: 'Bash', target: 'npm test' },
      { kind: 'tool', tool: 'Other' },
      { kind: 'retry', attempt: 1, delayMs: 589, status: 529 },
      { kind: 'text', text: 'may not use Write for that' },
    ])
  })

  it('passes over lines that it does not know', () => {
    const { stream, seen } = read(
      '',
      'garbage',
      '{"type":',
      '[]',
      'null',
      { type: 'new' },
      { type: 'result' },
    )
    expect(seen).toEqual([])
    expect(stream.result).toBeUndefined()
  })

  it('knows what was used although the call was killed in the middle of its second message', () => {
    const { stream } = read(
      event({ type: 'message_start', message: { usage: { ...usage(100, 1), cache_read_input_tokens: 50 } } }),
      event({ type: 'message_delta', usage: { output_tokens: 20 } }),
      event({ type: 'message_stop' }),
      event({ type: 'message_start', message: { usage: usage(200, 2) } }),
    )
    expect(stream.usage).toEqual({ inputTokens: 300, outputTokens: 22, cacheReadTokens: 50 })
  })

  it('takes the figures of the result where there is one', () => {
    const { stream } = read(event({ type: 'message_start', message: { usage: usage(1, 1) } }), RESULT)
    expect(stream.usage).toEqual({
      inputTokens: 1000,
      outputTokens: 50,
      cacheReadTokens: 7,
      cacheWriteTokens: 3,
      costUsd: 0.0025,
    })
  })

  it('takes the figures by model where it has them: those of workers that a lead started are in no others', () => {
    const of = (inputTokens: number) => ({ inputTokens, outputTokens: 10, cacheReadInputTokens: 1 })
    const { stream } = read({ ...RESULT, modelUsage: { sonnet: of(3_000), haiku: of(500) } })
    expect(stream.usage).toEqual({
      ...{ inputTokens: 3_500, outputTokens: 20, cacheReadTokens: 2, costUsd: 0.0025 },
    })
  })
})

describe('how it is started', () => {
  const optionsOf = (args: string[]): Record<string, string[]> => {
    const options: Record<string, string[]> = {}
    let last = ''
    for (const arg of args) {
      if (arg.startsWith('-')) options[(last = arg)] = []
      else options[last]?.push(arg)
    }
    return options
  }

  it('with tools by what the step may do, and settings from nowhere', () => {
    const editing = optionsOf(claudeArguments(agentRequest('/w'), '/system.md'))
    expect(editing).toMatchObject({
      '--tools': ['Read,Edit,Write,Bash'],
      '--allowed-tools': ['Read', 'Edit(/**)', 'Bash'],
      '--permission-mode': ['dontAsk'],
      '--setting-sources': [''],
      '--strict-mcp-config': [],
      '--system-prompt-file': ['/system.md'],
    })
    expect(Object.keys(editing)).not.toContain('--model')
    const reading = optionsOf(claudeArguments(agentRequest('/w', { access: 'read-only' }), '/system.md'))
    expect(reading).toMatchObject({
      '--tools': ['Read,Grep,Glob'],
      '--allowed-tools': ['Read', 'Grep', 'Glob'],
    })
  })

  it('with workers of its own where it leads, each with the tools of its access, and teams where enabled', async () => {
    const request = agentRequest(root, { step: 'lead', workers: WORKER_AGENTS })
    const leading = optionsOf(claudeArguments(request, '/system.md'))
    expect(leading['--tools']).toEqual(['Read,Edit,Write,Bash,Agent'])
    expect(leading['--allowed-tools']).toEqual(['Read', 'Edit(/**)', 'Bash', 'Agent'])
    expect(JSON.parse(leading['--agents']?.[0] ?? '')).toEqual({
      planner: {
        description: WORKER_AGENTS.planner.description,
        prompt: WORKER_AGENTS.planner.prompt,
        tools: ['Read', 'Grep', 'Glob'],
      },
      worker: {
        description: WORKER_AGENTS.worker.description,
        prompt: WORKER_AGENTS.worker.prompt,
        tools: ['Read', 'Edit', 'Write', 'Bash'],
      },
    })
    const adapter = (env: Record<string, string>) =>
      claudeAdapter({ apiKey: 'key', env, tmpDir: root }).launch(
        request,
        { dir: root, artifact: '', schema: '', system: '', home: root, remove: async () => {} },
        { baseUrl: undefined, apiKey: 'key' },
      ).env
    const TEAMS = 'CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS'
    expect(adapter({ [TEAMS]: '1' })).toMatchObject({
      [TEAMS]: '1',
      CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    })
    expect(Object.keys(adapter({}))).not.toContain(TEAMS)
  })

  it('with what a schema asks for, and without what only bounds it or is not the agent’s to tell', () => {
    const text = { type: 'string', minLength: 1, maxLength: 20_000 }
    const schema = {
      type: 'object',
      properties: {
        // Called like a keyword.
        maximum: text,
        list: { type: 'array', maxItems: 3, items: { type: 'integer', minimum: 1, maximum: 9 } },
        usage: { type: 'object' },
      },
      required: ['maximum'],
    }
    expect(leanSchema(schema)).toEqual({
      type: 'object',
      properties: {
        maximum: { type: 'string' },
        list: { type: 'array', items: { type: 'integer', minimum: 1 } },
      },
      required: ['maximum'],
    })
  })

  it('with a schema that does not name its draft, a model and a budget', () => {
    const request = agentRequest('/w', {
      model: 'opus',
      schema: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' },
      limits: { wallMs: 1, extraMs: 0, idleMs: 1, budgets: { step: 1.5, run: 9 } },
    })
    expect(optionsOf(claudeArguments(request, '/system.md'))).toMatchObject({
      '--json-schema': ['{"type":"object"}'],
      '--model': ['opus'],
      '--max-budget-usd': ['1.5000'],
    })
  })

  it('with an empty home, the key, the variables of the work and nothing of ours', async () => {
    mkdirSync(join(root, '.rustup'))
    const outcome =
      await agentOf(`env > ${join(root, 'env')}; ls -A "$HOME" > ${join(root, 'home')}; cat > ${join(root, 'stdin')}
      echo '${JSON.stringify(RESULT)}'`).run(agentRequest(root), new AbortController().signal, () => {})
    expect(outcome).toMatchObject({
      kind: 'completed',
      artifact: '{"nonce":"nonce-1","summary":"Wrote a."}',
      usage: { inputTokens: 1000, costUsd: 0.0025 },
    })
    const env = Object.fromEntries(
      readFileSync(join(root, 'env'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split('=', 2)),
    ) as Record<string, string>
    expect(env).toMatchObject({
      ANTHROPIC_API_KEY: 'key',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
      CLAUDE_CODE_MAX_RETRIES: '2',
      BASH_MAX_TIMEOUT_MS: '48000',
      ORCHESTRATE_RUN: 'run-1',
      ORCHESTRATE_STEP: 'implement',
      RUSTUP_HOME: join(root, '.rustup'),
      CARGO_HOME: '/opt/cargo',
    })
    expect(env['HOME']).not.toBe(root)
    expect(env['CLAUDE_CONFIG_DIR']?.startsWith(env['HOME'] ?? '-')).toBe(true)
    expect(Object.values(env)).not.toContain('secret')
    expect(readFileSync(join(root, 'home'), 'utf8')).toBe('tmp\n')
    expect(readFileSync(join(root, 'stdin'), 'utf8')).toBe('Write a file.')
    expect(readdirSync(join(root, 'tmp'))).toEqual([])
  })

  it('and is interrupted first, so that it can say what it cost', async () => {
    const outcome = await agentOf(
      `trap 'echo \\'${JSON.stringify(RESULT)}\\'; exit 0' INT; while :; do sleep 0.05; done`.replaceAll(
        "\\'",
        "'\\''",
      ),
    ).run(
      agentRequest(root, { limits: { wallMs: 500, extraMs: 0, idleMs: 60_000 } }),
      new AbortController().signal,
      () => {},
    )
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'timeout', usage: { costUsd: 0.0025 } })
  })
})

describe('before a run', () => {
  it('is content with a version and a key', async () => {
    const tried = agentOf('echo "2.1.330 (Claude Code)"')
    expect(await tried.preflight()).toEqual([])
    expect(await tried.about?.()).toEqual({ version: '2.1.330', warnings: [] })
  })

  it('tells that the program and the key are missing, both at once', async () => {
    const agent = createClaudeAgent({ env: {}, tmpDir: root, apiKey: undefined, binary: 'no-claude-here' })
    expect(await agent.preflight()).toEqual([
      {
        reason: 'agent-not-found',
        message: 'Claude Code could not be started: no such program: no-claude-here.',
        hint: 'Install it with "npm install -g @anthropic-ai/claude-code", or choose another agent with --agent.',
      },
      {
        reason: 'agent-not-available',
        message: 'ANTHROPIC_API_KEY is not set, and claude needs it.',
        hint: 'Set it. With a subscription: run "claude setup-token" and set CLAUDE_CODE_OAUTH_TOKEN to what it prints; what a login left in ~/.claude is not used, since every step runs with an empty home directory.',
      },
    ])
  })

  it('warns of a version that was not tried, and refuses one that is known to run hooks of a checkout', async () => {
    const newer = agentOf('echo "2.9.0 (Claude Code)"')
    expect(await newer.preflight()).toEqual([])
    expect(await newer.about?.()).toMatchObject({
      version: '2.9.0',
      warnings: [expect.stringContaining('newer than what was tried (2.1.227 to 2.1.330)') as unknown],
    })
    expect(await agentOf('echo "1.0.44 (Claude Code)"').preflight()).toMatchObject([
      {
        reason: 'agent-not-available',
        message: expect.stringContaining('keeps hooks of the checkout out') as unknown,
      },
    ])
  })

  it('tells what a broken program printed', async () => {
    expect(await agentOf('echo "cannot execute" >&2; exit 126').preflight()).toMatchObject([
      { reason: 'agent-not-found', message: expect.stringContaining('cannot execute') as unknown },
    ])
  })
})

describe('which agent there is', () => {
  const deps = {
    env: {},
    tmpDir: '/tmp',
    cwd: '/',
    node: process.execPath,
    endpoints: modelEndpoints({ ANTHROPIC_API_KEY: 'key' }),
    scripted: { script: '/scripted.json', program: '/scripted-agent.js' },
  }
  const made = (agent: AgentName): string => {
    const result = createAgent({ agent, agentCommand: 'true' }, deps)
    return result.ok ? result.value.name : result.error.map((one) => one.reason).join()
  }

  it('is made by name', () => {
    expect(Object.fromEntries(AGENT_NAMES.map((name) => [name, made(name)]))).toEqual({
      claude: 'claude',
      command: 'command',
      scripted: 'scripted',
      codex: 'codex',
      gemini: 'gemini',
      opencode: 'opencode',
      copilot: 'copilot',
    })
  })

  it('needs a command where it is "command"', () => {
    expect(createAgent({ agent: 'command' }, deps)).toEqual({
      ok: false,
      error: [
        {
          reason: 'missing-argument',
          message: 'The agent "command" was chosen without a command.',
          hint: 'Say which program it is: --agent-command CMD.',
        },
      ],
    })
  })
})
