import type { IncomingHttpHeaders } from 'node:http'
import type { Outgoing } from '../agents/adapter.ts'
import type { Call } from './handle.ts'

/** The request as the provider gets it, but for the headers by which it knows us. A base may have a path of its own. */
export function outgoingOf(
  { method, url, headers }: Pick<Call, 'method' | 'url' | 'headers'>,
  body: Buffer,
  base: string,
): Outgoing {
  const path = `${base.replace(/\/+$/, '')}${url.pathname}${search(url)}`
  return { method, url: new URL(path), headers: passed(headers), body }
}

/** Headers of the agent's request that are not its provider's business: who it is here, and what its connection is like. */
const OURS: ReadonlySet<string> = new Set([
  'authorization',
  'x-api-key',
  'x-goog-api-key',
  'cookie',
  'host',
  'connection',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'content-length',
  // Answers are read on their way, so they come as plain text.
  'accept-encoding',
])

function passed(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !OURS.has(name))
  return Object.fromEntries(
    kept.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )
}

/** The query without a key. */
function search(url: URL): string {
  const query = new URLSearchParams(url.searchParams)
  query.delete('key')
  return query.size === 0 ? '' : `?${query.toString()}`
}
