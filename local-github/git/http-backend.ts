/** Git over HTTP, served by git's own `http-backend`. */
import { spawn } from 'node:child_process'
import type { Reply } from '../http/reply.ts'
import { GIT_ENVIRONMENT } from './run-git.ts'

export interface BackendRequest {
  /** The bare repository. */
  dir: string
  /** `/info/refs`, `/git-upload-pack` or `/git-receive-pack`. */
  service: string
  method: string
  query: string
  contentType: string
  protocol: string
  user: string
  body: Buffer
  /** Where our `update` hook lies, and what it refuses; no hook runs where nothing is said. */
  refuse?: { hooks: string; env: Record<string, string> }
}

export async function httpBackend(request: BackendRequest): Promise<Reply> {
  const out = await run(request)
  const cut = out.indexOf('\r\n\r\n')
  const headers: Record<string, string> = {}
  let status = 200
  for (const line of out.subarray(0, Math.max(0, cut)).toString().split('\r\n')) {
    const colon = line.indexOf(':')
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    if (name === 'status') status = parseInt(value, 10)
    else if (colon > 0) headers[name] = value
  }
  return { status, headers, body: out.subarray(cut + 4) }
}

function run(request: BackendRequest): Promise<Buffer> {
  const hooks: Record<string, string> = request.refuse
    ? {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'core.hooksPath',
        GIT_CONFIG_VALUE_0: request.refuse.hooks,
        ...request.refuse.env,
      }
    : {}
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['http-backend'], {
      env: {
        ...GIT_ENVIRONMENT,
        ...hooks,
        GIT_PROJECT_ROOT: request.dir,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: request.service,
        REQUEST_METHOD: request.method,
        QUERY_STRING: request.query,
        CONTENT_TYPE: request.contentType,
        CONTENT_LENGTH: String(request.body.length),
        REMOTE_USER: request.user,
        REMOTE_ADDR: '127.0.0.1',
        GIT_PROTOCOL: request.protocol,
      },
    })
    const out: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    // What it says there is for a server's log; clients get theirs in the answer.
    child.stderr.resume()
    child.stdin.on('error', () => undefined)
    child.stdin.end(request.body)
    child.on('error', reject)
    child.on('close', () => resolve(Buffer.concat(out)))
  })
}
