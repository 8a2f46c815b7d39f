import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Protocol } from '../../../src/adapters/agents/adapter.ts'
import { modelEndpoints } from '../../../src/adapters/agents/endpoints.ts'
import type { Door, Gateway } from '../../../src/adapters/gateway/gateway.ts'
import { startGateway } from '../../../src/adapters/gateway/start-gateway.ts'
import { agentRequest } from '../../support/agent-request.ts'
import { type Asked, framed, signatureOf } from '../../support/bedrock.ts'
import { tempDir } from '../../support/git.ts'

let provider: Server
let url: string
let asked: Asked[]
let answers: (answer: ServerResponse, one: Asked) => void
let gateway: Gateway | undefined

beforeEach(async () => {
  asked = []
  provider = createServer((request, answer) => {
    void text(request).then((body) => {
      const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body }
      asked.push(one)
      answers(answer, one)
    })
  })
  provider.listen(0, '127.0.0.1')
  await once(provider, 'listening')
  url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`
})
afterEach(async () => {
  await gateway?.close()
  provider.closeAllConnections()
  provider.close()
})

async function admit(protocol: Protocol, env: Record<string, string>): Promise<Door> {
  gateway = await startGateway({ endpoints: modelEndpoints(env), env, now: Date.now, random: () => 0 })
  return await gateway.admit(agentRequest('/w'), protocol, () => {})
}
/** As Claude Code asks: its gateway's key goes along as a header of our own. */
const ask = (door: Door, path: string, body: object = MESSAGE): Promise<Response> =>
  fetch(`${door.endpoint.baseUrl}${path}`, {
    method: 'POST',
    headers: { 'x-api-key': door.endpoint.apiKey ?? '', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const MESSAGE = { anthropic_version: 'x', max_tokens: 100, messages: [{ role: 'user', content: 'Grüße' }] }
const EVENTS = [
  { type: 'message_start', message: { usage: { input_tokens: 1_000, output_tokens: 1 } } },
  { type: 'content_block_delta', delta: { type: 'text_delta', text: 'Grüße 🎉' } },
  { type: 'message_delta', usage: { output_tokens: 200 } },
]
/** Sonnet: $3 in, $15 out for a million. */
const COST = (1_000 * 3 + 200 * 15) / 1e6

const AWS = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'the-real-secret',
  AWS_SESSION_TOKEN: 'the/real+session==',
  AWS_REGION: 'eu-central-1',
}

describe('Bedrock', () => {
  const MODEL = '/model/us.anthropic.claude-sonnet-4-5-20250929-v1:0'

  it('gets signed requests, and what it streams is metered and passes untouched', async () => {
    const whole = framed(EVENTS)
    answers = (answer) => {
      answer.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
      for (let at = 0; at < whole.length; at += 11) answer.write(whole.subarray(at, at + 11))
      answer.end()
    }
    const door = await admit('bedrock', { ...AWS, ANTHROPIC_BEDROCK_BASE_URL: `${url}/below` })
    const answer = await ask(door, `${MODEL}/invoke-with-response-stream`)
    expect(Buffer.from(await answer.arrayBuffer()).equals(whole)).toBe(true)
    expect(door.usage).toMatchObject({ inputTokens: 1_000, outputTokens: 200, estimated: true })
    expect(door.usage.costUsd).toBeCloseTo(COST, 10)

    const [one] = asked
    if (one === undefined) throw new Error('Bedrock was not asked')
    expect(one.path).toBe(`/below${MODEL}/invoke-with-response-stream`)
    expect(one.headers['x-amz-security-token']).toBe(AWS.AWS_SESSION_TOKEN)
    expect(one.headers.authorization).toContain('Credential=AKIDEXAMPLE/')
    expect(one.headers.authorization).toContain('/eu-central-1/bedrock/aws4_request')
    expect(one.headers.authorization).toContain(`Signature=${signatureOf(one, AWS.AWS_SECRET_ACCESS_KEY)}`)
    expect(JSON.stringify(asked)).not.toContain(door.endpoint.apiKey)
  })

  it('is asked for models alone, and by a key of its own where there is one', async () => {
    answers = (answer) =>
      answer
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ type: 'message', usage: { input_tokens: 1_000, output_tokens: 200 } }))
    const env = { AWS_BEARER_TOKEN_BEDROCK: 'the-real-key', ANTHROPIC_BEDROCK_BASE_URL: url }
    const door = await admit('bedrock', env)
    // The ARN of a profile names no model: it costs what the dearest does.
    const profile = '/model/arn:aws:bedrock:us-east-1:1:application-inference-profile%2Fabc/invoke'
    for (const path of [`${MODEL}/invoke`, profile]) expect((await ask(door, path)).status).toBe(200)
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer the-real-key',
      'Bearer the-real-key',
    ])
    expect(asked[1]?.path).toBe(profile)
    expect(door.usage.costUsd).toBeCloseTo(COST + (1_000 * 15 + 200 * 75) / 1e6, 10)
    for (const path of ['/model-invocation-job', '/guardrails', `${MODEL}/../../guardrails`])
      expect((await ask(door, path)).status).toBe(403)
    expect(asked).toHaveLength(2)
  })

  it('without credentials is said to the agent and for the record', async () => {
    const door = await admit('bedrock', { ANTHROPIC_BEDROCK_BASE_URL: url })
    const answer = await ask(door, `${MODEL}/invoke`)
    expect([answer.status, asked.length]).toEqual([401, 0])
    expect(door.refusal).toEqual({
      reason: 'auth',
      message:
        'Amazon Bedrock cannot be asked: there are no credentials of AWS: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    })
  })
})

it('asks Vertex AI with a token that is got first, for the project that pays and no other', async () => {
  answers = (answer, { path }) => {
    if (path === '/sts') {
      const token = { access_token: 'the-real-token', expires_in: 3600, token_type: 'Bearer' }
      answer.writeHead(200, { 'content-type': 'application/json' })
      return answer.end(
        JSON.stringify({ ...token, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' }),
      )
    }
    answer.writeHead(200, { 'content-type': 'text/event-stream' })
    answer.end(EVENTS.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''))
  }
  // As the login of a job leaves it: a token of the job is changed for one of Google's.
  const dir = tempDir()
  writeFileSync(join(dir, 'job-token'), 'a-token-of-the-job')
  writeFileSync(
    join(dir, 'credentials.json'),
    JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${url}/sts`,
      credential_source: { file: join(dir, 'job-token') },
    }),
  )
  const door = await admit('vertex', {
    ...{
      GOOGLE_APPLICATION_CREDENTIALS: join(dir, 'credentials.json'),
      ANTHROPIC_VERTEX_BASE_URL: `${url}/v1`,
    },
    ...{ ANTHROPIC_VERTEX_PROJECT_ID: 'ours-1', CLOUD_ML_REGION: 'us-east5' },
  })
  const model = (project: string): string =>
    `/projects/${project}/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict`
  for (let call = 0; call < 2; call++) await (await ask(door, model('ours-1'))).text()
  expect((await ask(door, model('others-2'))).status).toBe(403)
  expect(asked.map(({ path }) => path)).toEqual(['/sts', `/v1${model('ours-1')}`, `/v1${model('ours-1')}`])
  expect(asked.at(-1)?.headers.authorization).toBe('Bearer the-real-token')
  expect(door.usage.costUsd).toBeCloseTo(2 * COST, 10)
})

it('shows the API the token of a subscription as such', async () => {
  answers = (answer) => answer.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  const env = { CLAUDE_CODE_OAUTH_TOKEN: 'the-real-token', ANTHROPIC_BASE_URL: url }
  const door = await admit('anthropic', env)
  expect((await ask(door, '/v1/messages')).status).toBe(200)
  expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer the-real-token' })
  expect(asked[0]?.headers).not.toHaveProperty('x-api-key')
})
