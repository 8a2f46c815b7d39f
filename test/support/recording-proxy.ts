import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** One request as it came over the wire, and the status that was answered. */
export interface Recorded {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
  status: number
}

/** Forwards everything to `target` and keeps what was asked, byte for byte: a model server tells only what it understood. */
export async function startRecordingProxy(target: string): Promise<{
  url: string
  journal: Recorded[]
  close(): Promise<void>
}> {
  const journal: Recorded[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const body = await buffer(request)
      const { method = 'GET', url: path = '/', headers } = request
      const sent = Object.entries(headers).filter(([name]) => !OWN.has(name))
      const answer = await fetch(`${target}${path}`, {
        method,
        headers: sent.map(([name, value]): [string, string] => [name, String(value)]),
        ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
      })
      journal.push({ method, path, headers, body: body.toString('utf8'), status: answer.status })
      response.writeHead(answer.status, {
        'content-type': answer.headers.get('content-type') ?? 'application/json',
      })
      for await (const chunk of answer.body ?? []) response.write(chunk)
      response.end()
    })().catch((error: unknown) => {
      // The agent was ended in the middle of a call, or the model server is gone: what reads it notices.
      journal.push({ method: '', path: String(error), headers: {}, body: '', status: 502 })
      response.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    journal,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Headers of one hop: the next one makes its own. */
const OWN = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'accept-encoding',
  'expect',
])
