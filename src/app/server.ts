import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Metrics } from './metrics.ts'

/** GitHub sends no more than 25 MB: "Webhook events and payloads", payload cap. */
const MAX_BODY = 26_000_000
export const WEBHOOK_PATH = '/api/github/webhooks'

export interface Delivery {
  id: string
  event: string
  payload: unknown
}

export interface Routes {
  /** Compares in constant time. */
  verify(body: string, signature: string): Promise<boolean>
  /** Takes the delivery in hand and returns at once: the work comes after the answer. */
  take(delivery: Delivery): void
  /** A delivery that was turned away, for the log. */
  refused(delivery: { id: string; event: string }, why: string): void
  /** A delivery that could not be taken, for the log. */
  fault(error: unknown): void
  health(): { ok: boolean } & Record<string, unknown>
  metrics: Metrics
}

export interface Listening {
  url: string
  /** Takes no more requests; resolves when those under way are answered. */
  close(): Promise<void>
}

/** The App's HTTP side: webhooks, health, metrics. Everything else is not found. */
export async function listen(routes: Routes, at: { host: string; port: number }): Promise<Listening> {
  const server = createServer((request, response) => {
    const began = performance.now()
    response.once('finish', () => {
      const seconds = (performance.now() - began) / 1_000
      const route = ROUTES.find((one) => one === pathOf(request)) ?? 'other'
      routes.metrics.observe('orchestrate_http_seconds', 'Time to answer a request.', seconds, {
        route,
        status: String(response.statusCode),
      })
    })
    serve(request, response, routes).catch((error: unknown) => {
      // Somebody hung up in the middle of a request: nobody is left to be answered.
      if (request.errored === null) routes.fault(error)
      if (!response.headersSent) answer(response, 500, { error: 'This is a fault of ours; the log has it.' })
      else response.destroy()
    })
  })
  // A client that sends nothing must not hold a connection for ever.
  server.headersTimeout = 20_000
  server.requestTimeout = 60_000
  // Longer than a proxy keeps a connection: what is closed under its hands is a delivery that is lost.
  server.keepAliveTimeout = 65_000
  await started(server, at)
  const { port } = server.address() as AddressInfo
  const shown = at.host === '0.0.0.0' || at.host === '::' ? '127.0.0.1' : at.host
  return { url: `http://${shown}:${port}`, close: () => closed(server) }
}

const ROUTES = [WEBHOOK_PATH, '/health', '/metrics'] as const
const pathOf = (request: IncomingMessage): string => (request.url ?? '/').replace(/[?#].*$/, '')

async function serve(request: IncomingMessage, response: ServerResponse, routes: Routes): Promise<void> {
  const path = pathOf(request)
  const wanted = path === WEBHOOK_PATH ? 'POST' : 'GET'
  if (!ROUTES.some((one) => one === path)) return answer(response, 404, { error: 'There is nothing here.' })
  if (request.method !== wanted && !(wanted === 'GET' && request.method === 'HEAD')) {
    response.setHeader('allow', wanted)
    return answer(response, 405, { error: `${path} takes ${wanted}.` })
  }
  if (path === '/health') {
    const health = routes.health()
    return answer(response, health.ok ? 200 : 503, health)
  }
  if (path === '/metrics') {
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8')
    response.end(routes.metrics.text())
    return
  }
  await webhook(request, response, routes)
}

async function webhook(request: IncomingMessage, response: ServerResponse, routes: Routes): Promise<void> {
  const header = (name: string): string => {
    const value = request.headers[name]
    return typeof value === 'string' ? value : ''
  }
  const id = header('x-github-delivery')
  const event = header('x-github-event')
  const refuse = (status: number, why: string): void => {
    routes.metrics.count('orchestrate_webhooks_refused_total', 'Deliveries that were turned away.', {
      status: String(status),
    })
    routes.refused({ id: id.slice(0, 80), event: event.slice(0, 80) }, why)
    answer(response, status, { error: why })
  }
  const body = await read(request)
  if (body === undefined) return refuse(413, 'The delivery is too large.')
  const signature = header('x-hub-signature-256')
  // Before anything else is looked at: whoever cannot sign learns nothing.
  if (signature === '' || !(await routes.verify(body, signature)))
    return refuse(401, 'The signature does not match: check the webhook secret.')
  if (id === '' || event === '') return refuse(400, 'X-GitHub-Delivery or X-GitHub-Event is missing.')
  const payload = parsed(body)
  if (payload === undefined) return refuse(400, 'The body is no JSON object: set the content type to JSON.')
  routes.metrics.count('orchestrate_webhooks_total', 'Deliveries that were taken.', { event })
  routes.take({ id, event, payload })
  answer(response, 202, { ok: true })
}

/** The body as text; undefined where it is too large. */
async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(body: string): object | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}

async function started(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
}
