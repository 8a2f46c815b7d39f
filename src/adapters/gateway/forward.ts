import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { proxyFetch } from 'httpxy'

/** What a provider answered, its body still to come. */
export interface Upstream {
  status: number
  headers: Headers
  body: Readable
}

export interface Forwarded {
  method: string
  /** Provider's address with its path, e.g. https://api.anthropic.com. */
  base: string
  /** Path and query below it. */
  path: string
  headers: Record<string, string>
  body: Buffer
  signal: AbortSignal
}

/** Sends a request on. Rejects where the provider cannot be reached, or by the signal. */
export async function forward(request: Forwarded): Promise<Upstream> {
  const { method, base, path, headers, body, signal } = request
  const init = { method, headers, signal, ...(body.length === 0 ? {} : { body: new Uint8Array(body) }) }
  const response = await proxyFetch(base, `http://gateway${path}`, init, { changeOrigin: true })
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
