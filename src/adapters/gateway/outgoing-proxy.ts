import type { Agent } from 'node:http'

type Env = Readonly<Record<string, string | undefined>>

/**
 * The proxy that a request to `url` goes through, as HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say (lower case counts over
 * upper). Loopback never does. Undefined: straight.
 */
export function proxyFor(url: URL, env: Env): string | undefined {
  const read = (name: string): string => (env[name] || env[name.toUpperCase()] || '').trim()
  const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, '')
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return undefined
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  if (
    read('no_proxy')
      .split(/[\s,]+/)
      .some((entry) => covers(entry.toLowerCase(), host, port))
  )
    return undefined
  const proxy = read(url.protocol === 'https:' ? 'https_proxy' : 'http_proxy') || read('all_proxy')
  if (proxy === '') return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

/** `name`, `.name` and `*.name` cover the host and those below it; `*` covers all; `:port` narrows. */
function covers(entry: string, host: string, port: string): boolean {
  if (entry === '') return false
  if (entry === '*') return true
  const [, name = entry, only] = /^(.*?):(\d+)$/.exec(entry) ?? []
  if (only !== undefined && only !== port) return false
  const bare = name.replace(/^\*?\./, '')
  return host === bare || host.endsWith(`.${bare}`)
}

/** How requests to providers leave this machine. Tunnels are made by CONNECT and kept open, one kind for each proxy. */
export class Ways {
  readonly #env: Env
  readonly #agents = new Map<string, Promise<Agent>>()

  constructor(env: Env) {
    this.#env = env
  }

  /** Undefined: straight. */
  async to(url: URL): Promise<Agent | undefined> {
    const proxy = proxyFor(url, this.#env)
    if (proxy === undefined) return undefined
    const known = this.#agents.get(proxy) ?? tunnel(proxy)
    this.#agents.set(proxy, known)
    return await known
  }
}

async function tunnel(proxy: string): Promise<Agent> {
  const { HttpsProxyAgent } = await import('https-proxy-agent')
  return new HttpsProxyAgent(proxy, { keepAlive: true })
}
