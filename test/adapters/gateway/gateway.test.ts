import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Protocol } from '../../../src/adapters/agents/adapter.ts'
import { modelEndpoints } from '../../../src/adapters/agents/endpoints.ts'
import type { Door, Gateway } from '../../../src/adapters/gateway/gateway.ts'
import type { CallRecord } from '../../../src/adapters/gateway/handle.ts'
import { startGateway } from '../../../src/adapters/gateway/start-gateway.ts'
import type { Budgets } from '../../../src/core/model/config.ts'
import type { AgentActivity, AgentRequest } from '../../../src/core/ports.ts'
import { agentRequest } from '../../support/agent-request.ts'

type Answer = (request: IncomingMessage, answer: ServerResponse, body: string) => void | Promise<void>

let provider: Server
let answers: Answer
let asked: { path: string; headers: IncomingMessage['headers']; body: string }[]
let gateway: Gateway
let records: CallRecord[]
let seen: AgentActivity[]

beforeEach(async () => {
  asked = []
  records = []
  seen = []
  answers = (_, answer) => json(answer, 200, message(100, 10))
  provider = createServer((request, answer) => {
    void text(request).then((body) => {
      asked.push({ path: request.url ?? '', headers: request.headers, body })
      return answers(request, answer, body)
    })
  })
  provider.listen(0, '127.0.0.1')
  await once(provider, 'listening')
  const url = urlOf(provider)
  gateway = await startGateway({
    endpoints: {
      ...modelEndpoints({}),
      anthropic: { baseUrl: url, apiKey: 'the-real-key' },
      openai: { baseUrl: `${url}/v1`, apiKey: 'the-real-key' },
      gemini: { baseUrl: url, apiKey: 'the-real-key' },
    },
    now: () => Date.now(),
    random: () => 0,
    log: (record) => records.push(record),
    holdMs: 5_000,
  })
})
afterEach(async () => {
  await gateway.close()
  provider.closeAllConnections()
  provider.close()
})

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

function json(
  answer: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  answer.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
const message = (input: number, output: number): object => ({
  type: 'message',
  content: [],
  usage: { input_tokens: input, output_tokens: output, cache_read_input_tokens: 1_000 },
})
function admit(run?: number, protocol: Protocol = 'anthropic'): Promise<Door> {
  return admitWith(run === undefined ? {} : { run }, {}, protocol)
}
function admitWith(
  budgets: Budgets,
  more: Partial<AgentRequest> = {},
  protocol: Protocol = 'anthropic',
): Promise<Door> {
  const limits = { wallMs: 1, extraMs: 0, idleMs: 1, budgets }
  return gateway.admit(agentRequest('/w', { limits, ...more }), protocol, (activity) => seen.push(activity))
}
const ask = (
  door: Door,
  path = '/v1/messages',
  body: object = SMALL,
  init: RequestInit = {},
): Promise<Response> =>
  fetch(`${door.endpoint.baseUrl}${path}`, {
    method: 'POST',
    headers: { 'x-api-key': door.endpoint.apiKey ?? '', 'content-type': 'application/json', 'x-app': 'cli' },
    body: JSON.stringify(body),
    ...init,
  })
const SMALL = {
  model: 'claude-sonnet-4-5',
  max_tokens: 1_000,
  messages: [{ role: 'user', content: 'Hello' }],
}

describe('the key', () => {
  it('is put in outside, and nothing of the agent’s own goes on', async () => {
    const door = await admit()
    const answer = await ask(door)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual(message(100, 10))
    expect(asked).toMatchObject([
      { path: '/v1/messages', headers: { 'x-api-key': 'the-real-key', 'x-app': 'cli' } },
    ])
    expect(JSON.stringify(asked)).not.toContain(door.endpoint.apiKey)
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual(SMALL)
  })

  it('of a step is good for its protocol, until its step ends', async () => {
    const door = await admit()
    const other = await admit(undefined, 'openai')
    const wrong = await fetch(`${door.endpoint.baseUrl}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${other.endpoint.apiKey}` },
    })
    expect(wrong.status).toBe(401)
    door.close()
    const late = await ask(door)
    expect(late.status).toBe(401)
    expect(await late.json()).toMatchObject({ error: { type: 'authentication_error' } })
    expect(asked).toEqual([])
  })

  it('talks to models and manages nothing', async () => {
    const door = await admit()
    for (const path of [
      '/v1/files',
      '/v1/organizations/api_keys',
      '/v1/messages/batches',
      '/v1/messages/../files',
    ]) {
      expect((await ask(door, path)).status).toBe(403)
    }
    expect(asked).toEqual([])
  })
})

describe('what a call costs', () => {
  it('is metered from a whole answer, by the price of its model', async () => {
    const door = await admit()
    await (await ask(door)).text()
    // Sonnet: $3 in, $15 out, $0.3 from the cache, for a million.
    expect(door.usage).toMatchObject({ inputTokens: 100, outputTokens: 10, cacheReadTokens: 1_000 })
    expect(door.usage.costUsd).toBeCloseTo((100 * 3 + 10 * 15 + 1_000 * 0.3) / 1e6, 10)
    expect(records).toMatchObject([{ run: 'run-1', step: 'implement', path: '/v1/messages', status: 200 }])
    expect(records[0]?.body.toString()).toBe(JSON.stringify(SMALL))
  })

  it('is metered from a stream that passes untouched, whatever its pieces', async () => {
    const events = [
      { type: 'message_start', message: { usage: { input_tokens: 50, output_tokens: 1 } } },
      { type: 'content_block_delta', delta: { type: 'text_delta', text: 'Grüße 🎉' } },
      { type: 'message_delta', usage: { output_tokens: 7 } },
      { type: 'message_stop' },
    ]
    const whole = Buffer.from(
      events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
    )
    answers = async (_, answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'request-id': 'r1' })
      for (let at = 0; at < whole.length; at += 7) answer.write(whole.subarray(at, at + 7))
      answer.end()
    }
    const door = await admit()
    const answer = await ask(door)
    expect(answer.headers.get('request-id')).toBe('r1')
    expect(Buffer.from(await answer.arrayBuffer()).equals(whole)).toBe(true)
    expect(door.usage).toMatchObject({ inputTokens: 50, outputTokens: 7 })
  })

  it('is taken by what was said where the stream broke off', async () => {
    const said = 'x'.repeat(3_000)
    answers = (_, answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' })
      answer.write(
        `data: {"type":"message_start","message":{"usage":{"input_tokens":50,"output_tokens":1}}}\n\n`,
      )
      answer.write(`data: {"type":"content_block_delta","delta":{"text":"${said}"}}\n\n`, () =>
        answer.destroy(),
      )
    }
    const door = await admit()
    await expect(ask(door).then((answer) => answer.text())).rejects.toThrow()
    expect(door.usage).toMatchObject({ inputTokens: 50, outputTokens: 1_000 })
  })

  it('is read as OpenAI and Gemini tell it', async () => {
    answers = (_, answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' })
      answer.end(
        'data: {"type":"response.output_text.delta","delta":"hi"}\n\ndata: {"type":"response.completed","response":{"usage":{"input_tokens":100,"output_tokens":9,"input_tokens_details":{"cached_tokens":40}}}}\n\ndata: [DONE]\n\n',
      )
    }
    const openai = await admit(undefined, 'openai')
    const headers = { authorization: `Bearer ${openai.endpoint.apiKey}` }
    const streamed = await ask(openai, '/responses', { model: 'gpt-5', stream: true }, { headers })
    expect(streamed.status).toBe(200)
    await streamed.text()
    expect(openai.usage).toMatchObject({ inputTokens: 60, outputTokens: 9, cacheReadTokens: 40 })
    expect(asked.at(-1)).toMatchObject({
      path: '/v1/responses',
      headers: { authorization: 'Bearer the-real-key' },
    })

    answers = (_, answer) =>
      json(answer, 200, {
        usageMetadata: { promptTokenCount: 30, candidatesTokenCount: 4, thoughtsTokenCount: 5 },
      })
    const gemini = await admit(undefined, 'gemini')
    await (
      await fetch(
        `${gemini.endpoint.baseUrl}/v1beta/models/gemini-2.5-pro:generateContent?key=${gemini.endpoint.apiKey}&alt=json`,
        { method: 'POST', body: '{}' },
      )
    ).text()
    expect(gemini.usage).toMatchObject({ inputTokens: 30, outputTokens: 9 })
    expect(asked.at(-1)).toMatchObject({
      path: '/v1beta/models/gemini-2.5-pro:generateContent?alt=json',
      headers: { 'x-goog-api-key': 'the-real-key' },
    })
  })
})

describe('a budget', () => {
  it('is kept before a call is made, with a shorter answer where that helps', async () => {
    // $0.0155 at Sonnet's price: 1,000 tokens of answer and a little input.
    const door = await admit(0.0155)
    await (await ask(door)).text()
    expect(asked).toHaveLength(1)
    // Now a thousand would be too much.
    await (await ask(door)).text()
    const second = JSON.parse(asked[1]?.body ?? '{}') as { max_tokens: number }
    expect(second.max_tokens).toBeLessThan(1_000)
    expect(second.max_tokens).toBeGreaterThanOrEqual(512)

    answers = (_, answer) => json(answer, 200, message(0, 600))
    await (await ask(door)).text()
    const refused = await ask(door)
    expect(refused.status).toBe(402)
    expect(await refused.json()).toMatchObject({ error: { type: 'billing_error' } })
    expect(asked).toHaveLength(3)
    expect(door.refusal).toMatchObject({ reason: 'over-budget' })
    expect(door.usage.costUsd ?? 0).toBeLessThanOrEqual(0.0155)
  })

  it('is one for the agents of a run that work side by side', async () => {
    const [first, second] = [await admit(0.016), await admit(0.016)]
    let refused: number | undefined
    // The provider has the first call and has not answered it when the second one comes. A second one that reaches the provider
    // is answered: what is wrong then is said, not waited for.
    answers = async (_, answer) => {
      if (asked.length === 1) refused = (await ask(second)).status
      json(answer, 200, message(10, 1_000))
    }
    expect((await ask(first)).status).toBe(200)
    expect(refused).toBe(402)
    expect(asked).toHaveLength(1)
  })

  it('of a step, a phase or the run is kept by itself: before the call that would pass it', async () => {
    // A call costs $0.0105 for 1,000 in and 500 out; $0.012 and a little are set aside for it.
    answers = (_, answer) =>
      json(answer, 200, { type: 'message', usage: { input_tokens: 1_000, output_tokens: 500 } })
    const body = { ...SMALL, max_tokens: 800 }
    const spend = async (door: Door): Promise<number> => {
      const answer = await ask(door, '/v1/messages', body)
      await answer.text()
      return answer.status
    }
    const twice = async (one: Door, other: Door): Promise<number[]> => [await spend(one), await spend(other)]
    const limit = 0.0135
    const step = await admitWith({ step: limit })
    expect(await twice(step, step)).toEqual([200, 402])
    // Another step has its own; another step of the phase, or another phase of the run, has not.
    expect(await spend(await admitWith({ step: limit }))).toBe(200)
    const inPhase = { phase: '7' }
    const [first, second, elsewhere] = [
      await admitWith({ phase: limit }, inPhase),
      await admitWith({ phase: limit }, inPhase),
      await admitWith({ phase: limit }, { phase: '8' }),
    ]
    expect(await twice(first, second)).toEqual([200, 402])
    expect(await spend(elsewhere)).toBe(200)
    const inRun = { run: 'run-2' }
    const other = await admitWith({ run: limit }, { ...inRun, phase: '2' })
    expect(await twice(await admitWith({ run: limit }, inRun), other)).toEqual([200, 402])
    expect(other.refusal).toMatchObject({ reason: 'over-budget' })
    expect(asked).toHaveLength(5)
  })

  it('counts at the price that the configuration says', async () => {
    const priced = await startGateway({
      endpoints: modelEndpoints({ ANTHROPIC_BASE_URL: urlOf(provider), ANTHROPIC_API_KEY: 'k' }),
      ...{ now: () => Date.now(), random: () => 0 },
      prices: () => ({
        'claude-*': { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 },
        'claude-sonnet-*': { input: 30, output: 100, cacheRead: 10, cacheWrite: 30 },
      }),
    })
    try {
      const door = await priced.admit(agentRequest('/w'), 'anthropic', () => {})
      await (await ask(door)).text()
      expect(door.usage.costUsd).toBeCloseTo((100 * 30 + 10 * 100 + 1_000 * 10) / 1e6, 10)
      expect(door.usage.estimated).toBe(true)
    } finally {
      await priced.close()
    }
  })

  it('does not stand in the way of a run without one', async () => {
    expect(
      (await ask(await admit(), '/v1/messages', { ...SMALL, model: 'unheard-of', max_tokens: 1e9 })).status,
    ).toBe(200)
  })

  it('counts no tokens that were only counted', async () => {
    answers = (_, answer) => json(answer, 200, { input_tokens: 12 })
    const door = await admit(0)
    expect((await ask(door, '/v1/messages/count_tokens')).status).toBe(200)
    expect(door.usage).toEqual({})
  })
})

describe('a provider without room', () => {
  it('is waited for, by all at once, and the agent never hears of it', async () => {
    let first = true
    answers = (_, answer) => {
      if (first) json(answer, 429, {}, { 'retry-after-ms': '120' })
      else json(answer, 200, message(1, 1))
      first = false
    }
    const door = await admit()
    const began = performance.now()
    expect((await ask(door)).status).toBe(200)
    expect(performance.now() - began).toBeGreaterThanOrEqual(110)
    expect(seen).toContainEqual({ kind: 'retry', attempt: 1, delayMs: 120, status: 429 })
    expect(door.refusal).toBeUndefined()
  })

  it('that wants longer than a call is held tells the agent, and when', async () => {
    answers = (_, answer) => json(answer, 529, { type: 'error' }, { 'retry-after': '3600' })
    const door = await admit()
    const told = await ask(door)
    expect(told.status).toBe(529)
    // Its program would wait for that hour in silence.
    expect([told.headers.get('retry-after'), told.headers.get('x-should-retry')]).toEqual([null, 'false'])
    expect(door.refusal).toMatchObject({ reason: 'rate-limited' })
    expect(door.refusal?.retryAfterMs).toBeGreaterThan(3_500_000)
    // Nor is the provider asked by anybody until then.
    const next = await admit()
    expect((await ask(next)).status).toBe(429)
    expect(next.refusal?.retryAfterMs).toBeGreaterThan(3_500_000)
    expect(asked).toHaveLength(1)
  })

  it('is told apart from one that is not there, and from one that refuses', async () => {
    answers = (_, answer) => json(answer, 400, { type: 'error' })
    const door = await admit()
    await (await ask(door)).text()
    expect(door.refusal).toMatchObject({ reason: 'refused' })
    answers = (request) => void request.socket.destroy()
    await expect(ask(door)).rejects.toThrow()
    expect(door.refusal).toMatchObject({ reason: 'unavailable' })
  })
})

it('is asked no more by a step that asked it too often', async () => {
  const bounded = await startGateway({
    endpoints: modelEndpoints({ ANTHROPIC_BASE_URL: urlOf(provider), ANTHROPIC_API_KEY: 'the-real-key' }),
    now: () => Date.now(),
    random: () => 0,
    maxCalls: 2,
  })
  try {
    const door = await bounded.admit(agentRequest('/w'), 'anthropic', () => {})
    const statuses = []
    for (let call = 0; call < 3; call++) statuses.push((await ask(door)).status)
    expect(statuses).toEqual([200, 200, 402])
    expect(door.refusal).toMatchObject({ reason: 'over-budget' })
    expect(asked).toHaveLength(2)
  } finally {
    await bounded.close()
  }
})

it('goes away with the agent: the provider’s answer is not waited for', async () => {
  const aborted = new Promise<void>((resolve) => {
    answers = (request) => void request.socket.once('close', () => resolve())
  })
  const door = await admit()
  const leaving = new AbortController()
  const arrived = once(provider, 'request')
  const running = ask(door, '/v1/messages', SMALL, { signal: leaving.signal })
  await arrived
  leaving.abort()
  await expect(running).rejects.toThrow()
  await aborted
})
