import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterThisTest } from './git.ts'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** Answers with a text, of the type that documentation has. */
export const textAnswer =
  (body: string, type = 'text/markdown'): Answer =>
  (_, response) =>
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body)

/** A real server on this machine until the test ends; what it was asked stands in `asked`. */
export async function site(routes: Record<string, Answer>): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const route = Object.keys(routes).find((path) => (request.url ?? '').split('?')[0] === path)
    if (route === undefined) response.writeHead(404).end()
    else routes[route]?.(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterThisTest(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  )
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}
