import { EventStreamCodec } from '@smithy/eventstream-codec'
import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** A request as it came to a provider. */
export interface Asked {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

/** Frames of the events, made by AWS's own encoder. */
export function framed(events: object[]): Buffer {
  const codec = new EventStreamCodec(
    (bytes) => Buffer.from(bytes).toString(),
    (said) => Buffer.from(said),
  )
  const frames = events.map((event) =>
    codec.encode({
      headers: {
        ':event-type': { type: 'string', value: 'chunk' },
        ':content-type': { type: 'string', value: 'application/json' },
        ':message-type': { type: 'string', value: 'event' },
      },
      body: Buffer.from(
        JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abcdef' }),
      ),
    }),
  )
  return Buffer.concat(frames)
}

/** The signature that AWS would reckon for what came. Source: docs.aws.amazon.com/IAM, "Create a signed AWS API request". */
export function signatureOf({ method, path, headers, body }: Asked, secret: string): string {
  const [, scope = '', names = ''] =
    /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? []
  const [where = '', query = ''] = path.split('?')
  const sha = (said: string): string => createHash('sha256').update(said).digest('hex')
  const encoded = where.split('/').map(encodeURIComponent).join('/')
  const signed = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`)
  const canonical = [method, encoded, query, signed.join(''), names, sha(body)].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha(canonical)].join('\n')
  const key = scope
    .split('/')
    .reduce<string | Buffer>(
      (from, part) => createHmac('sha256', from).update(part).digest(),
      `AWS4${secret}`,
    )
  return createHmac('sha256', key).update(toSign).digest('hex')
}
