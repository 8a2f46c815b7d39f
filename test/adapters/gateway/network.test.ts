import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:https'
import { type AddressInfo, connect, type Server as NetServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { modelEndpoints } from '../../../src/adapters/agents/endpoints.ts'
import { proxyFor } from '../../../src/adapters/gateway/outgoing-proxy.ts'
import { startGateway } from '../../../src/adapters/gateway/start-gateway.ts'
import type { AgentFailure } from '../../../src/core/ports.ts'
import { agentRequest } from '../../support/agent-request.ts'
import { startProgram } from '../../support/program.ts'

const TLS = fileURLToPath(new URL('../../fixtures/tls/', import.meta.url))
const CERTIFICATE = `${TLS}certificate.pem`

let provider: Server
const closing: NetServer[] = []

beforeEach(async () => {
  // Vouched for by itself alone, as the servers of a company's own network may be.
  const pair = { cert: readFileSync(CERTIFICATE), key: readFileSync(`${TLS}key.pem`) }
  provider = createServer(pair, (request, answer) => {
    request.resume()
    answer.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await listening(provider)
})
afterEach(() => {
  for (const server of closing.splice(0)) server.close()
  provider.closeAllConnections()
})

async function listening(server: NetServer): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(server)
  return (server.address() as AddressInfo).port
}
const portOf = (server: NetServer): number => (server.address() as AddressInfo).port

/** A proxy that opens tunnels to our provider, whatever name it is asked for: that name is in no DNS. */
async function startProxy(login?: string): Promise<{ port: number; opened: string[] }> {
  const opened: string[] = []
  const proxy = createHttpServer().on('connect', (request, socket) => {
    if (request.headers['proxy-authorization'] !== login) {
      return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n')
    }
    opened.push(request.url ?? '')
    const through = connect(portOf(provider), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      through.pipe(socket).pipe(through)
    })
    through.on('error', () => socket.destroy())
    socket.on('error', () => through.destroy()).on('close', () => through.destroy())
  })
  return { port: await listening(proxy), opened }
}

interface Told {
  status: number | undefined
  refusal?: AgentFailure
}

/** One call through a gateway, from a process that began with this environment: Node reads certificates as it starts. */
async function askFrom(env: Record<string, string>): Promise<Told> {
  const program = startProgram(
    `import { modelEndpoints } from './src/adapters/agents/endpoints.ts'
import { startGateway } from './src/adapters/gateway/start-gateway.ts'
import { agentRequest } from './test/support/agent-request.ts'
const { env } = process
const gateway = await startGateway({ endpoints: modelEndpoints(env), env, now: Date.now, random: () => 0 })
const door = await gateway.admit(agentRequest('/w'), 'anthropic', () => {})
const status = await fetch(door.endpoint.baseUrl + '/v1/messages', {
  method: 'POST',
  headers: { 'x-api-key': door.endpoint.apiKey },
  body: '{}',
}).then((answer) => answer.status, () => undefined)
console.log(JSON.stringify({ status, refusal: door.refusal }))
process.exit(0)
`,
    { ANTHROPIC_API_KEY: 'k', ...env },
  )
  return JSON.parse(await program.line()) as Told
}

it('refuses a provider that nobody vouches for, and says what to do', async () => {
  const gateway = await startGateway({
    endpoints: modelEndpoints({
      ANTHROPIC_API_KEY: 'k',
      ANTHROPIC_BASE_URL: `https://127.0.0.1:${portOf(provider)}`,
    }),
    ...{ now: Date.now, random: () => 0 },
  })
  const door = await gateway.admit(agentRequest('/w'), 'anthropic', () => {})
  const headers = { 'x-api-key': door.endpoint.apiKey ?? '' }
  await expect(
    fetch(`${door.endpoint.baseUrl}/v1/messages`, { method: 'POST', headers, body: '{}' }),
  ).rejects.toThrow()
  expect(door.refusal).toEqual({
    reason: 'unavailable',
    message:
      "the model's API cannot be reached: its certificate is of an authority that is not known here (self-signed certificate). Name that authority's certificate in NODE_EXTRA_CA_CERTS, as a PEM file.",
  })
  await gateway.close()
})

it('reaches a provider through a proxy with a login, by the authority that NODE_EXTRA_CA_CERTS names', async () => {
  const { port, opened } = await startProxy(`Basic ${Buffer.from('kim:secret').toString('base64')}`)
  const env = { NODE_EXTRA_CA_CERTS: CERTIFICATE, ANTHROPIC_BASE_URL: 'https://model.test' }
  const told = await Promise.all([
    askFrom({ ...env, HTTPS_PROXY: `http://kim:secret@127.0.0.1:${port}` }),
    askFrom({ ...env, HTTPS_PROXY: `http://127.0.0.1:${port}` }),
    // The name is in no DNS: straight, nobody is there.
    askFrom({ ...env, HTTPS_PROXY: `http://kim:secret@127.0.0.1:${port}`, NO_PROXY: '.test' }),
  ])
  expect(told.map(({ status }) => status)).toEqual([200, 401, undefined])
  expect(opened).toEqual(['model.test:443'])
  expect(told[1]?.refusal).toEqual({
    reason: 'auth',
    message:
      'Anthropic cannot be asked: the proxy before it wants a login: put it into HTTPS_PROXY, as http://user:password@host:port',
  })
  expect(told[2]?.refusal).toMatchObject({ reason: 'unavailable' })
})

it.each([
  ['https://api.anthropic.com/v1', { HTTPS_PROXY: 'http://p:1' }, 'http://p:1'],
  ['https://api.anthropic.com/v1', { HTTPS_PROXY: 'http://p:1', https_proxy: 'q:2' }, 'http://q:2'],
  ['https://api.anthropic.com/v1', { HTTP_PROXY: 'http://p:1' }, undefined],
  ['http://models.corp/v1', { HTTP_PROXY: 'http://p:1' }, 'http://p:1'],
  ['https://api.anthropic.com', { ALL_PROXY: 'http://p:1', NO_PROXY: 'corp, .example.com' }, 'http://p:1'],
  ['https://models.corp', { ALL_PROXY: 'http://p:1', NO_PROXY: 'x corp' }, undefined],
  ['https://models.corp', { ALL_PROXY: 'http://p:1', NO_PROXY: '*.corp' }, undefined],
  ['https://mycorp', { ALL_PROXY: 'http://p:1', NO_PROXY: 'corp' }, 'http://p:1'],
  ['https://models.corp:8443', { ALL_PROXY: 'http://p:1', NO_PROXY: 'models.corp:443' }, 'http://p:1'],
  ['https://models.corp', { ALL_PROXY: 'http://p:1', NO_PROXY: 'models.corp:443' }, undefined],
  ['https://api.anthropic.com', { ALL_PROXY: 'http://p:1', NO_PROXY: '*' }, undefined],
  ['http://127.0.0.1:4000', { ALL_PROXY: 'http://p:1' }, undefined],
  ['http://[::1]:4000', { ALL_PROXY: 'http://p:1' }, undefined],
])('goes to %s by %j through %s', (url, env, proxy) => {
  expect(proxyFor(new URL(url), env)).toBe(proxy)
})
