import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Fault } from './case.ts'

/** Enough for the headers of an answer's first event, too little for any answer. */
const PASSED_BYTES = 150

/** Something between us and the model's server that lets only the beginning of every answer through. */
export async function startFault(
  target: string,
  fault: Exclude<Fault, 'refused'>,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    void (async () => {
      const body = await buffer(request)
      const { method = 'GET', url = '/', headers } = request
      const kept = Object.entries(headers).filter(([name]) => !HOP.has(name))
      const answer = await fetch(`${target}${url}`, {
        method,
        headers: kept.map(([name, value]): [string, string] => [name, String(value)]),
        ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
      })
      const text = Buffer.from(await answer.arrayBuffer())
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      response.write(text.subarray(0, Math.min(PASSED_BYTES, Math.floor(text.length / 2))), () => {
        if (fault === 'cut') response.destroy()
      })
    })().catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const HOP = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'accept-encoding',
  'expect',
])

/** A port on loopback where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
