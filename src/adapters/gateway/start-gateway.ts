import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Prices } from '../../core/model/config.ts'
import type { Protocol } from '../agents/adapter.ts'
import type { Endpoints } from '../agents/endpoints.ts'
import { Accounts } from './accounts.ts'
import { type CallLog, handle } from './handle.ts'
import { type Admitted, OpenDoor } from './door.ts'
import type { Gateway } from './gateway.ts'
import { Patience } from './patience.ts'
import { Ways } from './outgoing-proxy.ts'
import { anthropic } from './protocols/anthropic.ts'
import { bedrock } from './protocols/bedrock.ts'
import { gemini } from './protocols/gemini.ts'
import { openai } from './protocols/openai.ts'
import type { ModelProtocol } from './protocols/protocol.ts'
import { vertex } from './protocols/vertex.ts'
import { reply } from './forward.ts'

export const PROTOCOLS: Record<Protocol, ModelProtocol> = { anthropic, openai, gemini, bedrock, vertex }

export interface GatewayOptions {
  /** Where providers are reached, with the keys that nobody but the gateway has. */
  endpoints: Endpoints
  /** Names the proxies on the way to them. Undefined: there are none. */
  env?: Readonly<Record<string, string | undefined>>
  now: () => number
  random: () => number
  /** What the configuration says of prices, over our table. */
  prices?: () => Prices | undefined
  /** Told of every call to a model. */
  log?: CallLog
  /** How long one call is held where the provider has no room, before its agent hears of it. Milliseconds. */
  holdMs?: number
  /** How often one step may ask its model: an agent that goes round in circles ends there. */
  maxCalls?: number
}

/** Shorter than what makes a silent agent count as hanging. */
const HOLD_MS = 120_000
/** Several times what the longest steps take. */
const MAX_CALLS = 1_000
/** Requests are read before they are sent, since what they may cost stands in them. */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024

/** Listens on loopback, on a port of its own. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const doors = new Map<string, OpenDoor>()
  const accounts = new Accounts()
  const ways = new Ways(options.env ?? {})
  const patience = new Map<Protocol, Patience>()
  const patienceWith = (protocol: Protocol): Patience => {
    const known =
      patience.get(protocol) ?? new Patience(PROTOCOLS[protocol].title, options.now, options.random)
    patience.set(protocol, known)
    return known
  }

  const serve = async (request: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://gateway')
    const found = protocolOf(url.pathname)
    if (found === undefined) return reply(answer, { status: 404, body: { error: 'no such API' } })
    const [name, protocol] = found
    url.pathname = url.pathname.slice(protocol.prefix.length)
    const key = protocol.keyOf(request.headers, url)
    const door = key === undefined ? undefined : doors.get(hashed(key))
    if (door === undefined || door.protocol !== name) {
      return reply(answer, protocol.refusal('key', 'This key is good for nothing: its step has ended.'))
    }
    if (Number(request.headers['content-length'] ?? 0) > MAX_REQUEST_BYTES) {
      return reply(answer, protocol.refusal('path', 'The request is larger than any model takes.'))
    }
    const leaves = new AbortController()
    answer.once('close', () => leaves.abort())
    const body = await buffer(request)
    await handle(
      { method: request.method ?? 'GET', url, headers: request.headers, body, answer, signal: leaves.signal },
      {
        door,
        protocol,
        endpoint: options.endpoints[name],
        ways,
        patience: patienceWith(name),
        holdMs: options.holdMs ?? HOLD_MS,
        maxCalls: options.maxCalls ?? MAX_CALLS,
        now: options.now,
        prices: options.prices?.() ?? {},
        ...(options.log === undefined ? {} : { log: options.log }),
      },
    )
  }

  const server = createServer((request, answer) => {
    serve(request, answer).catch(() => {
      // The agent went away, or the provider broke off: it sees its connection end.
      answer.destroy()
    })
  })
  // A model may think for long before it says anything.
  server.requestTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Who forgets to close it is not kept alive by it.
  server.unref()
  const { port } = server.address() as AddressInfo

  return {
    async admit(request, name, onActivity) {
      const key = `orchestrate-${randomBytes(24).toString('hex')}`
      const door = new OpenDoor({
        request,
        protocol: name,
        endpoint: { baseUrl: `http://127.0.0.1:${port}${PROTOCOLS[name].prefix}`, apiKey: key },
        port,
        account: accounts.open(limitsOf(request, key)),
        onActivity,
        close: () => doors.delete(hashed(key)),
      })
      doors.set(hashed(key), door)
      return door
    },
    async close() {
      doors.clear()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A step has a purse of its own: its key is good for nothing else. */
function limitsOf(
  { run, phase, limits }: Admitted,
  key: string,
): { scope: string; left: number | undefined }[] {
  const { budgets = {} } = limits
  return [
    { scope: run, left: budgets.run },
    { scope: `${run}\n${phase}`, left: budgets.phase },
    { scope: key, left: budgets.step },
  ]
}

/** Keys are looked up by their hash, so that how long a look takes tells nothing of them. */
const hashed = (key: string): string => createHash('sha256').update(key).digest('hex')

function protocolOf(path: string): [Protocol, ModelProtocol] | undefined {
  const entries = Object.entries(PROTOCOLS) as [Protocol, ModelProtocol][]
  return entries.find(([, { prefix }]) => path.startsWith(`${prefix}/`))
}
