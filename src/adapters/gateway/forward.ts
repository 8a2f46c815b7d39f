import { once } from 'node:events'
import type { Agent, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { proxyFetch } from 'httpxy'
import type { Outgoing } from '../agents/adapter.ts'

/** What a provider answered, its body still to come. */
export interface Upstream {
  status: number
  headers: Headers
  body: Readable
}

export interface Forwarded extends Outgoing {
  /** What it goes through. Undefined: straight to its host. */
  agent: Agent | undefined
  signal: AbortSignal
}

/** Sends a request on. Rejects where the provider cannot be reached, or by the signal. */
export async function forward(request: Forwarded): Promise<Upstream> {
  const { method, url, headers, body, agent, signal } = request
  const init = {
    ...{ method, signal },
    headers: { ...headers },
    ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
  }
  const response = await proxyFetch(url.origin, url, init, {
    changeOrigin: true,
    ...(agent === undefined ? {} : { agent }),
  })
  return {
    status: response.status,
    headers: response.headers,
    body: response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as never),
  }
}

/** Headers that belong to one connection and are not passed on. Source: RFC 9110, 7.6.1. */
const CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Passes an answer on as it comes; `see` gets every piece of it, `more` headers are laid over its own. Resolves at its end, rejects where it breaks off. */
export async function passOn(
  upstream: Upstream,
  answer: ServerResponse,
  see: (chunk: Buffer) => void,
  more: Readonly<Record<string, string | undefined>> = {},
): Promise<void> {
  const own = [...upstream.headers].filter(([name]) => !CONNECTION.has(name) && !(name in more))
  const headers = [...own, ...headersIn(more)]
  answer.writeHead(upstream.status, headers.flat())
  answer.flushHeaders()
  for await (const chunk of upstream.body) {
    const piece = Buffer.from(chunk as Uint8Array)
    see(piece)
    if (!answer.write(piece)) await once(answer, 'drain')
  }
  answer.end()
}

/** An answer of our own. */
export function reply(
  answer: ServerResponse,
  { status, body }: { status: number; body: object },
  more: Readonly<Record<string, string | undefined>> = {},
): void {
  answer.writeHead(status, { 'content-type': 'application/json', ...Object.fromEntries(headersIn(more)) })
  answer.end(JSON.stringify(body))
}

const headersIn = (headers: Readonly<Record<string, string | undefined>>): [string, string][] =>
  Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
