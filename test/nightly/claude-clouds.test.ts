import { beforeAll, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createAgent } from '../../src/adapters/agents/create-agent.ts'
import { modelEndpoints } from '../../src/adapters/agents/endpoints.ts'
import { startGateway } from '../../src/adapters/gateway/start-gateway.ts'
import { agentRequest } from '../support/agent-request.ts'
import { type Asked, framed, signatureOf } from '../support/bedrock.ts'
import { afterThisTest, tempDir, testEnv } from '../support/git.ts'
import { startScriptedModel, type ModelAnswer, type ModelTurn } from '../support/scripted-model.ts'
import { installedAgent } from '../support/installed-agent.ts'

let binary: string
beforeAll(() => {
  binary = installedAgent('claude')
}, 300_000)

/** It writes down all it was started with, then answers by the schema. */
function answer({ turn, tools }: ModelTurn): ModelAnswer {
  if (turn === 0) return { tools: [{ name: 'Bash', input: { command: 'env > seen.txt' } }] }
  if (turn === 1 && tools.includes('StructuredOutput'))
    return { tools: [{ name: 'StructuredOutput', input: { status: 'done' } }] }
  return { text: 'done' }
}
const SCHEMA = { type: 'object', properties: { status: { type: 'string' } }, required: ['status'] }

/** A seller of the scripted model: what it is asked goes on as Anthropic's own API takes it. */
async function startSeller(
  sell: (one: Asked, ask: (body: object) => Promise<string>, answer: ServerResponse) => Promise<void>,
): Promise<{ url: string; asked: Asked[] }> {
  const model = await startScriptedModel(answer)
  const asked: Asked[] = []
  const ask = async (body: object): Promise<string> => {
    const headers: IncomingHttpHeaders & Record<string, string> = { 'content-type': 'application/json' }
    const said = JSON.stringify({ model: 'claude-sonnet-4-5', ...body, stream: true })
    return (await fetch(`${model.url}/v1/messages`, { method: 'POST', headers, body: said })).text()
  }
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request)
      const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body }
      asked.push(one)
      await sell(one, ask, response)
    })().catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterThisTest(async () => {
    server.closeAllConnections()
    server.close()
    await model.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const eventsIn = (stream: string): object[] =>
  stream
    .split('\n')
    .flatMap((line) => (line.startsWith('data: {') ? [JSON.parse(line.slice(6)) as object] : []))

async function work(env: Record<string, string>): Promise<{ seen: string; outcome: object }> {
  const cwd = join(tempDir(), 'work')
  mkdirSync(cwd)
  const around = { ...testEnv(), PATH: `${dirname(binary)}${delimiter}${process.env['PATH'] ?? ''}`, ...env }
  const endpoints = modelEndpoints(around)
  const gateway = await startGateway({ endpoints, env: around, now: Date.now, random: Math.random })
  afterThisTest(() => gateway.close())
  const agent = createAgent(
    { agent: 'claude' },
    {
      ...{ env: around, tmpDir: tempDir(), cwd, node: process.execPath, endpoints, gateway },
      scripted: { script: '', program: '' },
    },
  )
  if (!agent.ok) throw new Error(agent.error[0]?.message)
  expect(await agent.value.preflight()).toEqual([])
  const limits = { wallMs: 60_000, extraMs: 0, idleMs: 60_000 }
  const outcome = await agent.value.run(
    agentRequest(cwd, { access: 'edit', schema: SCHEMA, limits, model: 'sonnet' }),
    new AbortController().signal,
    () => {},
  )
  return { seen: readFileSync(join(cwd, 'seen.txt'), 'utf8'), outcome }
}

it('works by Bedrock, and knows no credential of AWS', async () => {
  const secrets = { AWS_ACCESS_KEY_ID: 'AKIDNOBODYS', AWS_SECRET_ACCESS_KEY: 'a-secret-of-aws-7712' }
  const wrong: string[] = []
  const { url, asked } = await startSeller(async (one, ask, response) => {
    if (!one.headers.authorization?.endsWith(`Signature=${signatureOf(one, secrets.AWS_SECRET_ACCESS_KEY)}`))
      wrong.push(one.path)
    const stream = await ask(JSON.parse(one.body) as object)
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
    response.end(framed(eventsIn(stream)))
  })
  const { seen, outcome } = await work({
    ...{ CLAUDE_CODE_USE_BEDROCK: '1', ANTHROPIC_BEDROCK_BASE_URL: url, AWS_REGION: 'eu-central-1' },
    ...secrets,
  })
  expect(outcome).toMatchObject({ kind: 'completed', artifact: '{"status":"done"}' })
  expect(outcome).toMatchObject({ usage: { outputTokens: 20, inputTokens: 200 } })
  expect(wrong).toEqual([])
  expect(asked.map(({ path }) => path)).toEqual(
    Array(2).fill(
      expect.stringMatching(/^\/model\/eu\.anthropic\.claude-[^/]+\/invoke-with-response-stream$/),
    ),
  )
  expect(seen).toContain('CLAUDE_CODE_USE_BEDROCK=1')
  for (const secret of Object.values(secrets)) expect(seen).not.toContain(secret)
}, 90_000)

it('works by Vertex AI, and knows no credential of Google', async () => {
  const { url, asked } = await startSeller(async (one, ask, response) => {
    if (one.path === '/sts') {
      const token = { access_token: 'a-token-of-google-8841', expires_in: 3600, token_type: 'Bearer' }
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({ ...token, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' }),
      )
      return
    }
    const stream = await ask(JSON.parse(one.body) as object)
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(stream)
  })
  const dir = tempDir()
  writeFileSync(join(dir, 'job-token'), 'a-token-of-the-job-5512')
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
  const { seen, outcome } = await work({
    ...{ CLAUDE_CODE_USE_VERTEX: '1', ANTHROPIC_VERTEX_BASE_URL: `${url}/v1`, CLOUD_ML_REGION: 'global' },
    ...{
      ANTHROPIC_VERTEX_PROJECT_ID: 'ours-1',
      GOOGLE_APPLICATION_CREDENTIALS: join(dir, 'credentials.json'),
    },
  })
  expect(outcome).toMatchObject({ kind: 'completed', artifact: '{"status":"done"}' })
  expect(outcome).toMatchObject({ usage: { outputTokens: 20, inputTokens: 200 } })
  expect(asked.map(({ path }) => path)).toEqual([
    '/sts',
    ...Array<unknown>(2).fill(
      expect.stringMatching(
        /^\/v1\/projects\/ours-1\/locations\/global\/publishers\/anthropic\/models\/claude-[^/]+:streamRawPredict$/,
      ),
    ),
  ])
  for (const secret of ['a-token-of-google-8841', 'credentials.json']) expect(seen).not.toContain(secret)
}, 90_000)

it('works by a subscription, and does not know its token', async () => {
  const { url, asked } = await startSeller(async (one, ask, response) => {
    const stream = await ask(JSON.parse(one.body) as object)
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(stream)
  })
  const token = 'sk-ant-oat01-nobodys-4419'
  // A proxy where nobody is: we are reached past it.
  const proxies = { HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9' }
  const { seen, outcome } = await work({
    ...{ CLAUDE_CODE_OAUTH_TOKEN: token, ANTHROPIC_BASE_URL: url },
    ...proxies,
  })
  expect(outcome).toMatchObject({ kind: 'completed', artifact: '{"status":"done"}' })
  expect(asked.length).toBeGreaterThan(0)
  for (const { headers } of asked) {
    expect(headers.authorization).toBe(`Bearer ${token}`)
    // What the API asks of programs that come by a subscription, the program says itself.
    expect(headers['anthropic-beta']).toContain('oauth')
  }
  expect(seen).not.toContain(token)
}, 90_000)
