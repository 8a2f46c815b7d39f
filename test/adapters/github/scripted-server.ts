import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  method: string
  path: string
  body: unknown
}

/** What comes next: an answer, a connection that breaks, or nothing at all. */
export type Next =
  { status: number; headers?: Record<string, string>; body?: unknown } | 'hang-up' | 'silence'

/** An HTTP server that answers as told, one after another; the last answer is given again and again. */
export class ScriptedServer {
  readonly asked: Asked[] = []
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  #script: Next[] = []

  static async start(): Promise<ScriptedServer> {
    const made = new ScriptedServer()
    made.#server.listen(0, '127.0.0.1')
    await once(made.#server, 'listening')
    return made
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}`
  }

  /** Forgets what was asked, and answers like this from now on. */
  says(...script: Next[]): void {
    this.asked.length = 0
    this.#script = script
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    this.asked.push({ method: request.method ?? '', path: request.url ?? '', body })
    const next = this.#script.length > 1 ? this.#script.shift() : this.#script[0]
    if (next === undefined || next === 'hang-up') {
      request.socket.destroy()
      return
    }
    if (next === 'silence') return
    response.writeHead(next.status, { 'content-type': 'application/json', ...next.headers })
    response.end(next.body === undefined ? undefined : JSON.stringify(next.body))
  }
}
