import { sign } from 'aws4'
import type { Outgoing } from '../agents/adapter.ts'

/**
 * The headers of AWS's signature (SigV4) for a request to Bedrock, by the credentials that the environment names. They are read for each
 * request, since a session's may be renewed while a run works. Rejects where there are none.
 */
export async function signed(
  { method, url, headers, body }: Outgoing,
  region: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env
  const { AWS_SESSION_TOKEN: sessionToken } = env
  if (!accessKeyId || !secretAccessKey) {
    throw new Error(
      'there are no credentials of AWS: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    )
  }
  const type = headers['content-type']
  const request = sign(
    {
      ...{ service: 'bedrock', region, method },
      host: url.host,
      path: `${url.pathname}${url.search}`,
      ...(body.length === 0 ? {} : { body }),
      // What else goes along is for its reader and may be changed on its way by a proxy.
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
    },
    { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
  )
  return Object.fromEntries(
    Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  )
}
