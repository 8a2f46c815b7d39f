import { describe, expect, it } from '@jest/globals'
import { copilotAdapter } from '../../../src/adapters/agents/copilot.ts'
import { geminiAdapter } from '../../../src/adapters/agents/gemini.ts'
import { opencodeAdapter } from '../../../src/adapters/agents/opencode.ts'
import type { OutputReader } from '../../../src/adapters/agents/adapter.ts'
import type { AgentActivity, AgentFailure } from '../../../src/core/ports.ts'

const options = { env: {}, tmpDir: '/nowhere', apiKey: 'key' }
const seen: AgentActivity[] = []
const read = (reader: OutputReader, lines: object[]): OutputReader => {
  for (const line of lines) reader.line(JSON.stringify(line))
  return reader
}
const gemini = (lines: object[]): OutputReader =>
  read(
    geminiAdapter(options).reader((activity) => seen.push(activity)),
    lines,
  )
const copilot = (lines: object[]): OutputReader =>
  read(
    copilotAdapter(options).reader(() => {}),
    lines,
  )
const opencode = (lines: object[]): OutputReader =>
  read(
    opencodeAdapter(options).reader(() => {}),
    lines,
  )
const judged = (reader: OutputReader, code = 0): AgentFailure | undefined =>
  reader.judge({ outcome: { kind: 'exit', code }, tail: '', durationMs: 1, leftBehind: 0 })

// Lines as the real programs printed them, shortened.
describe('gemini', () => {
  const said = (content: string): object => ({ type: 'message', role: 'assistant', content, delta: true })
  const done = {
    type: 'result',
    status: 'success',
    stats: { input_tokens: 2000, output_tokens: 100, cached: 500 },
  }

  it('joins the pieces of its last message, and no earlier one', () => {
    const reader = gemini([
      said('I look '),
      said('around.'),
      { type: 'tool_use', tool_name: 'write_file', tool_id: '1', parameters: { file_path: 'a.txt' } },
      { type: 'tool_result', tool_id: '1', status: 'success' },
      said('{"nonce":"n",'),
      said('"summary":"Done."}'),
      done,
    ])
    expect(judged(reader)).toBeUndefined()
    expect(reader.answer).toBe('{"nonce":"n","summary":"Done."}')
    expect(reader.usage).toEqual({ inputTokens: 1500, cacheReadTokens: 500, outputTokens: 100 })
    expect(seen).toContainEqual({ kind: 'tool', tool: 'write_file', target: 'a.txt' })
  })

  it('is done when it says so, whatever its exit code', () => {
    expect(judged(gemini([said('{}')]))).toMatchObject({ reason: 'malformed' })
    expect(judged(gemini([said('{}'), done]), 1)).toMatchObject({ reason: 'crashed' })
    const failed = { type: 'result', status: 'error', error: { message: '[API Error: got status: 401]' } }
    expect(judged(gemini([failed]), 144)).toMatchObject({ reason: 'auth' })
  })
})

describe('copilot', () => {
  it('takes its last message out of a fence, and tells a tool that was denied', () => {
    const reader = copilot([
      {
        type: 'tool.execution_start',
        data: { toolName: 'create', toolCallId: '1', arguments: { path: 'a' } },
      },
      {
        type: 'tool.execution_complete',
        data: { toolCallId: '1', success: false, error: { message: 'Permission denied', code: 'denied' } },
      },
      { type: 'assistant.message', data: { content: 'Here:\n```json\n{"nonce":"n"}\n```' } },
      { type: 'result', exitCode: 0 },
    ])
    expect(judged(reader)).toBeUndefined()
    expect(reader.answer).toBe('{"nonce":"n"}')
    expect(reader.denied).toEqual(['create'])
  })
})

describe('opencode', () => {
  const step = (reason: string): object => ({
    type: 'step_finish',
    part: { reason, tokens: { input: 1000, output: 50, reasoning: 5, cache: { read: 10, write: 0 } } },
  })

  it('adds its steps up, and has no answer where its last one failed', () => {
    const text = { type: 'text', part: { text: '{"nonce":"n"}' } }
    const reader = opencode([step('tool-calls'), text, step('stop')])
    expect(reader.usage).toMatchObject({ inputTokens: 2000, outputTokens: 110 })
    expect([judged(reader), reader.answer]).toEqual([undefined, '{"nonce":"n"}'])
    const error = {
      type: 'error',
      error: { name: 'APIError', data: { message: 'no room', statusCode: 429 } },
    }
    const failed = opencode([text, step('stop'), error])
    expect([judged(failed)?.reason, failed.answer]).toEqual(['rate-limited', undefined])
  })

  it('is refused, since it runs plugins of a checkout', async () => {
    const failures = await opencodeAdapter({ ...options, env: {}, tmpDir: '/' }).preflight()
    expect(failures.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('plugins of the checkout'),
    )
  })
})
