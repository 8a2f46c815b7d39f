import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'

import type { Web, WebAnswer } from '../../core/ports.ts'

export interface WebOptions {
  /** Origins that a person named in configuration or environment: these may be plain http, and on this machine. */
  trusted?: readonly string[]
  /** Milliseconds for one answer, redirects and all. */
  timeoutMs?: number
  /** Bytes of one answer; more is refused, not cut. */
  maxBytes?: number
}

const MAX_REDIRECTS = 4
/** What a sheet or a skill can be made of; a web page is for eyes. */
const TEXT =
  /^(?:text\/(?:plain|markdown|x-markdown)|application\/(?:json|vnd\.github[\w.+-]*|octet-stream))\b/i

/** Addresses that are nobody's on the internet: this machine, its networks, the metadata services of clouds. */
const PRIVATE = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12],
  ['192.0.0.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['224.0.0.0', 4], ['240.0.0.0', 4],
] as const) PRIVATE.addSubnet(network, bits, 'ipv4') // prettier-ignore
for (const [network, bits] of [['::', 128], ['::1', 128], ['fc00::', 7], ['fe80::', 10], ['ff00::', 8]] as const)
  PRIVATE.addSubnet(network, bits, 'ipv6') // prettier-ignore

/** Texts from the network, bounded in time and size. Whatever goes wrong is an answer that says so. */
export function openWeb({ trusted = [], timeoutMs = 10_000, maxBytes = 1_000_000 }: WebOptions = {}): Web {
  const known = new Set(trusted.map((url) => new URL(url).origin))

  return {
    async get(url, headers = {}) {
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        return await follow(url, headers, signal)
      } catch (error) {
        return { ok: false, why: signal.aborted ? `no answer within ${timeoutMs / 1_000} s` : reason(error) }
      }
    },
  }

  async function follow(
    first: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<WebAnswer> {
    let at = new URL(first)
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const refused = await forbidden(at)
      if (refused !== undefined) return { ok: false, why: refused }
      // what proves who asks is for whom it was meant
      const sent = at.origin === new URL(first).origin ? headers : {}
      const answer = await fetch(at, {
        signal,
        redirect: 'manual',
        headers: {
          accept: 'text/markdown, text/plain, application/json',
          'user-agent': 'orchestrate',
          ...sent,
        },
      })
      const next = answer.headers.get('location')
      if (answer.status >= 300 && answer.status < 400 && next !== null) {
        await answer.body?.cancel()
        at = new URL(next, at)
        continue
      }
      return await textOf(answer, at.href)
    }
    return { ok: false, why: `more than ${MAX_REDIRECTS} redirects` }
  }

  async function forbidden({
    protocol,
    origin,
    hostname,
    username,
    password,
  }: URL): Promise<string | undefined> {
    if (username !== '' || password !== '') return 'its address carries a name or password'
    if (known.has(origin)) return undefined
    if (protocol !== 'https:') return `${origin} is not https`
    const host = hostname.replace(/^\[|\]$/g, '')
    const addresses =
      isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host, family: isIP(host) }]
    const inner = addresses.some(({ address, family }) =>
      PRIVATE.check(address, family === 6 ? 'ipv6' : 'ipv4'),
    )
    return inner ? `${host} is an address of this machine or its networks` : undefined
  }

  async function textOf(answer: Response, url: string): Promise<WebAnswer> {
    const drop = async (why: string): Promise<WebAnswer> => {
      await answer.body?.cancel()
      return { ok: false, why }
    }
    if (!answer.ok) return await drop(`it answered ${answer.status}`)
    const type = answer.headers.get('content-type') ?? ''
    if (!TEXT.test(type))
      return await drop(`it is ${type === '' ? 'of no type' : type.slice(0, 60)}, not text`)
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of answer.body ?? []) {
      size += chunk.byteLength
      // leaving the loop ends the answer
      if (size > maxBytes) return { ok: false, why: `it is larger than ${Math.round(maxBytes / 1_000)} kB` }
      chunks.push(chunk)
    }
    try {
      return { ok: true, url, text: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)) }
    } catch {
      return { ok: false, why: 'it is not UTF-8' }
    }
  }
}

function reason(error: unknown): string {
  const cause = error !== null && typeof error === 'object' && 'cause' in error ? error.cause : error
  for (const one of [cause, error]) {
    if (one !== null && typeof one === 'object' && 'code' in one && typeof one.code === 'string')
      return one.code
  }
  return error !== null && typeof error === 'object' && 'message' in error
    ? String(error.message)
    : String(error)
}
