import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codexAdapter, createCodexAgent } from '../../../src/adapters/agents/codex.ts'
import { CodexStream } from '../../../src/adapters/agents/codex-stream.ts'
import { strictSchema, withoutNulls } from '../../../src/adapters/agents/strict-schema.ts'
import { artifactSchema } from '../../../src/core/execute/schemas.ts'
import type {
  AgentActivity,
  AgentFailure,
  AgentOutcome,
  AgentRequest,
  ProcessOutcome,
} from '../../../src/core/ports.ts'
import { agentRequest } from '../../support/agent-request.ts'

// Lines as the real program (0.169.0) printed them, shortened.
const STARTED = '{"type":"turn.started"}'
const COMMAND =
  '{"type":"item.started","item":{"id":"item_1","type":"command_execution","command":"/bin/bash -lc ls","aggregated_output":"","exit_code":null,"status":"in_progress"}}'
const ANSWER =
  '{"type":"item.completed","item":{"id":"item_2","type":"agent_message","text":"{\\"nonce\\":\\"n1\\",\\"summary\\":\\"Wrote.\\",\\"decisions\\":null}"}}'
const COMPLETED =
  '{"type":"turn.completed","usage":{"input_tokens":200,"cached_input_tokens":50,"cache_write_input_tokens":0,"output_tokens":20,"reasoning_output_tokens":0}}'
const failedWith = (message: string): string[] => [
  JSON.stringify({ type: 'error', message }),
  JSON.stringify({ type: 'turn.failed', error: { message } }),
]

function read(lines: string[]): { stream: CodexStream; seen: AgentActivity[] } {
  const seen: AgentActivity[] = []
  const stream = new CodexStream((activity) => seen.push(activity))
  for (const line of lines) stream.line(line)
  return { stream, seen }
}
const judged = (
  lines: string[],
  outcome: ProcessOutcome = { kind: 'exit', code: 0 },
): AgentFailure | undefined =>
  read(lines).stream.judge({ outcome, tail: 'the end', durationMs: 1, leftBehind: 0 })

describe('the stream', () => {
  it('tells commands, changed files and words, and takes the last message as the answer', () => {
    const change = { type: 'file_change', changes: [{ path: 'src/a.ts', kind: 'add' }] }
    const { stream, seen } = read([
      'not json',
      STARTED,
      COMMAND,
      JSON.stringify({ type: 'item.completed', item: change }),
      ANSWER,
      COMPLETED,
    ])
    expect(seen).toEqual([
      { kind: 'tool', tool: 'shell', target: '/bin/bash -lc ls' },
      { kind: 'tool', tool: 'edit', target: 'src/a.ts' },
      { kind: 'text', text: expect.stringContaining('Wrote.') as unknown },
      { kind: 'usage', usage: { inputTokens: 150, cacheReadTokens: 50, outputTokens: 20 } },
    ])
    expect(stream.answer).toBe('{"nonce":"n1","summary":"Wrote."}')
  })

  it('has no answer where the turn was not completed', () => {
    expect(read([STARTED, ANSWER]).stream.answer).toBeUndefined()
  })
})

it('tells a command that its sandbox stopped apart from one that failed', () => {
  const ended = (exit_code: number, aggregated_output: string): string =>
    JSON.stringify({
      type: 'item.completed',
      item: { type: 'command_execution', exit_code, aggregated_output },
    })
  const stopped = ended(1, '/bin/bash: line 1: /tmp/x: Read-only file system\n')
  expect(read([stopped]).stream.denied).toEqual(['shell'])
  expect(read([ended(1, '3 tests failed\n'), ended(0, 'Permission denied\n')]).stream.denied).toEqual([])
})

describe('what an end means', () => {
  it('completed needs exit 0, a completed turn and an answer', () => {
    expect(judged([STARTED, ANSWER, COMPLETED])).toBeUndefined()
    expect(judged([STARTED, ANSWER])).toMatchObject({ reason: 'malformed' })
    expect(judged([STARTED, COMPLETED])).toMatchObject({ reason: 'malformed' })
    expect(judged([STARTED, ANSWER, COMPLETED], { kind: 'exit', code: 3 })).toEqual({
      reason: 'crashed',
      message: 'codex ended with exit code 3: the end',
    })
  })

  it('tells the key, a full service and an outage apart by what it says', () => {
    const exit: ProcessOutcome = { kind: 'exit', code: 1 }
    const said = {
      'unexpected status 401 Unauthorized: bad key, url: http://127.0.0.1:1/v1/responses': 'auth',
      'exceeded retry limit, last status: 429 Too Many Requests': 'rate-limited',
      "You've hit your usage limit. Try again at 4 pm.": 'rate-limited',
      'We’re currently experiencing high demand, which may cause temporary errors.': 'unavailable',
      'unexpected status 400 Bad Request: no such model': 'refused',
    }
    for (const [message, reason] of Object.entries(said)) {
      expect(judged(failedWith(message), exit)).toMatchObject({ reason })
    }
  })

  it('is ours where we ended it, whatever it printed', () => {
    expect(judged([STARTED, ANSWER, COMPLETED], { kind: 'idle', afterMs: 1_000 })).toMatchObject({
      reason: 'idle',
    })
  })
})

describe('a strict schema', () => {
  it('requires everything, allows null for what may be left out, and drops what is refused', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        nonce: { type: 'string', minLength: 1 },
        // A property may be named like a keyword.
        default: { type: 'object', properties: { a: { type: 'number', minimum: 0 } } },
      },
      required: ['nonce'],
    }
    expect(strictSchema(schema)).toEqual({
      type: 'object',
      properties: {
        nonce: { type: 'string' },
        default: {
          anyOf: [
            {
              type: 'object',
              properties: { a: { anyOf: [{ type: 'number', minimum: 0 }, { type: 'null' }] } },
              required: ['a'],
              additionalProperties: false,
            },
            { type: 'null' },
          ],
        },
      },
      required: ['nonce', 'default'],
      additionalProperties: false,
    })
  })

  it('leaves no object open in any of our artifacts', () => {
    const open = (value: unknown): boolean =>
      typeof value === 'object' &&
      value !== null &&
      (('properties' in value &&
        !('additionalProperties' in value && value.additionalProperties === false)) ||
        Object.values(value).some(open))
    for (const step of ['implement', 'review-code', 'fix-p2', 'phase'] as const) {
      expect(open(strictSchema(artifactSchema(step)))).toBe(false)
    }
  })

  it('takes nulls out of an answer, also deep ones, and leaves other text alone', () => {
    expect(withoutNulls('{"a":null,"b":[{"c":null,"d":1}]}')).toBe('{"b":[{"d":1}]}')
    expect(withoutNulls('I wrote it.')).toBe('I wrote it.')
  })
})

describe('how it is started', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'codex-'))
    mkdirSync(join(root, 'tmp'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const options = (): Parameters<typeof createCodexAgent>[0] => ({
    env: { PATH: process.env['PATH'], HOME: root, GITHUB_TOKEN: 'secret' },
    tmpDir: join(root, 'tmp'),
    apiKey: 'key',
    baseUrl: 'http://127.0.0.1:9/v1',
    binary: join(root, 'codex'),
  })
  function run(script: string, more: Partial<AgentRequest> = {}): Promise<AgentOutcome> {
    writeFileSync(join(root, 'codex'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    return createCodexAgent(options()).run(agentRequest(root, more), new AbortController().signal, () => {})
  }

  it('with the prompt on stdin, its schema in an empty home, and nothing of ours', async () => {
    const outcome = await run(`env > ${root}/env; cat > ${root}/stdin; printf '%s\\n' "$@" > ${root}/args
      cat "$HOME/.orchestrate/schema.json" > ${root}/schema
      cat <<'END'\n${[STARTED, ANSWER, COMPLETED].join('\n')}\nEND`)
    expect(outcome).toMatchObject({
      kind: 'completed',
      artifact: '{"nonce":"n1","summary":"Wrote."}',
      usage: { inputTokens: 150 },
    })
    const text = (name: string): string => readFileSync(join(root, name), 'utf8')
    expect(text('stdin')).toBe('You implement.\n\nWrite a file.')
    expect(JSON.parse(text('schema'))).toEqual({ type: 'object' })
    expect(text('env')).toContain('OPENAI_API_KEY=key\n')
    expect(text('env')).toContain('ORCHESTRATE_STEP=implement\n')
    expect(text('env')).not.toContain('secret')
    expect(text('args').split('\n')).toEqual(
      expect.arrayContaining([
        '--ignore-user-config',
        '--ephemeral',
        'workspace-write',
        'project_doc_max_bytes=0',
      ]),
    )
    expect(readdirSync(join(root, 'tmp'))).toEqual([])
  })

  it('with nothing to write for a reader, and in no cage of its own inside ours', () => {
    const files = {
      dir: '/f',
      artifact: '/f/a',
      schema: '/f/s',
      system: '/f/y',
      home: '/f/home',
      remove: async () => {},
    }
    const argsOf = (cage: boolean): readonly string[] =>
      codexAdapter({
        ...options(),
        ...(cage
          ? { cage: { wrap: async (spec) => ({ spec, end: async () => [] }), close: async () => {} } }
          : {}),
      }).launch(agentRequest('/w', { access: 'read-only', model: 'gpt-5' }), files, {
        baseUrl: undefined,
        apiKey: 'k',
      }).args
    expect(argsOf(false)).toEqual(expect.arrayContaining(['-s', 'read-only', '-m', 'gpt-5']))
    expect(argsOf(true)).toContain('--dangerously-bypass-approvals-and-sandbox')
    expect(argsOf(true)).not.toContain('-s')
  })
})
