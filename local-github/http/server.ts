/** The HTTP server: reads a request, knows who asks, keeps the log, raises the faults that a test asked for, answers. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { actorName, ANONYMOUS, identify, type Actor } from '../auth/actor.ts'
import type { Faults, RecordedRequest, SentAnswer } from '../types.ts'
import { Call, type Api, type Services } from './api.ts'
import { resourceOf } from './limits.ts'
import { Refusal } from './refusal.ts'
import type { Reply } from './reply.ts'

export interface ServerParts {
  services: Services
  api: Api
  faults: Faults
  requests: RecordedRequest[]
  /** What a browser is shown; undefined where that is no page. */
  page: (call: Call) => Promise<Reply> | undefined
  /** Asked where no route of ours fits. */
  fallback: (call: Call) => Promise<Reply>
  onAnswer?: (answer: SentAnswer) => void
}

export async function listen(parts: ServerParts, port: number): Promise<Server> {
  const start = performance.now()
  const server = createServer((request, response) => {
    serve(parts, start, request, response).catch((error: unknown) => {
      // A bug of ours: seen by whoever asked, and in the log of the test.
      console.error(error)
      if (!response.headersSent) response.writeHead(500)
      response.end(JSON.stringify({ message: String(error) }))
    })
  })
  // Clients keep connections for long; Node's default of 5 s would close them under their hands.
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return server
}

async function serve(
  parts: ServerParts,
  start: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const from = performance.now() - start
  const url = addressed(parts.services.world.url, request.url ?? '/')
  const raw = await bodyOf(request)
  const method = request.method ?? 'GET'
  const headers = singleHeaders(request)
  const who = asking(parts.services, headers['authorization'])
  const operation = url.pathname === '/graphql' ? operationOf(raw) : undefined
  const path = url.pathname + url.search
  const as = actorName(who.actor)

  const fault = parts.faults.respond?.({
    method,
    path,
    as,
    ...(operation === undefined ? {} : { operation }),
  })
  let reply: Reply = fault ?? { status: 200 }
  if (fault === undefined || fault.after === true) {
    const call = new Call(parts.services, { actor: who.actor, method, url, headers, raw })
    const answered = who.refused ? refuse(who.refused) : await limited(parts, call)
    if (fault === undefined) reply = answered
  }
  if (!Buffer.isBuffer(reply.body)) parts.onAnswer?.({ method, path, status: reply.status, body: reply.body })
  if (parts.faults.latencyMs !== undefined) await wait(parts.faults.latencyMs)
  send(response, method, reply, limitHeaders(parts, who.actor, url.pathname))
  parts.requests.push({
    method,
    path,
    ...(operation === undefined ? {} : { operation }),
    status: reply.status,
    as,
    from,
    to: performance.now() - start,
  })
}

/** Git is not counted, nor is asking for one's limits, nor an answer that one has already. */
const isCounted = ({ method, url }: Call): boolean =>
  url.pathname !== '/rate_limit' && !/\.git\//.test(url.pathname) && method !== 'OPTIONS'

async function limited(parts: ServerParts, call: Call): Promise<Reply> {
  if (!isCounted(call)) return answer(parts, call)
  const { limits } = parts.services.world
  const resource = resourceOf(call.url.pathname)
  if (limits.exhausted(call.actor, resource))
    return refuse(new Refusal(403, `API rate limit exceeded for ${actorName(call.actor)}.`))
  const reply = conditional(call, await answer(parts, call))
  if (reply.status !== 304) limits.count(call.actor, resource)
  return reply
}

/** A tag of what was answered; 304 and nothing where the caller has that already. */
function conditional(call: Call, reply: Reply): Reply {
  if (
    call.method !== 'GET' ||
    reply.status !== 200 ||
    reply.body === undefined ||
    Buffer.isBuffer(reply.body)
  )
    return reply
  const etag = `W/"${createHash('sha256').update(JSON.stringify(reply.body)).digest('hex')}"`
  const headers = { ...reply.headers, etag }
  const known = (call.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim())
  return known.includes(etag) ? { status: 304, headers } : { ...reply, headers }
}

function limitHeaders(parts: ServerParts, actor: Actor, path: string): Record<string, string> {
  const resource = resourceOf(path)
  const { limit, remaining, reset, used } = parts.services.world.limits.standing(actor, resource)
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(reset),
    'x-ratelimit-used': String(used),
    'x-ratelimit-resource': resource,
  }
}

async function answer(parts: ServerParts, call: Call): Promise<Reply> {
  try {
    return await (parts.api.answer(call) ?? parts.page(call) ?? parts.fallback(call))
  } catch (error) {
    if (error instanceof Refusal) return refuse(error)
    throw error
  }
}

const refuse = (refusal: Refusal): Reply => ({
  status: refusal.status,
  body: refusal.body(),
  headers: refusal.headers,
})

/** A GitHub Enterprise Server has the same API under `/api/v3`: clients that are given a host use that. */
function addressed(root: string, path: string): URL {
  const url = new URL(path, root)
  if (url.pathname === '/api/graphql') url.pathname = '/graphql'
  else if (url.pathname.startsWith('/api/v3')) url.pathname = url.pathname.slice('/api/v3'.length) || '/'
  return url
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}

function singleHeaders(request: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  )
}

function asking(services: Services, authorization: string | undefined): { actor: Actor; refused?: Refusal } {
  try {
    return { actor: identify(services.world, authorization) }
  } catch (error) {
    if (error instanceof Refusal) return { actor: ANONYMOUS, refused: error }
    throw error
  }
}

function operationOf(raw: Buffer): string | undefined {
  const text = raw.toString()
  const named = /"operationName"\s*:\s*"(\w+)"/.exec(text) ?? /(?:query|mutation)\s+(\w+)/.exec(text)
  return named?.[1]
}

function send(response: ServerResponse, method: string, reply: Reply, limits: Record<string, string>): void {
  const binary = Buffer.isBuffer(reply.body)
  const text = reply.body === undefined ? '' : binary ? (reply.body as Buffer) : JSON.stringify(reply.body)
  const common: Record<string, string> = {
    'x-github-request-id': randomUUID(),
    'x-github-media-type': 'github.v3; format=json',
    ...limits,
  }
  if (reply.body !== undefined && !binary) common['content-type'] = 'application/json; charset=utf-8'
  response.writeHead(reply.status, { ...common, ...reply.headers, 'content-length': Buffer.byteLength(text) })
  response.end(method === 'HEAD' ? '' : text)
}
