import type { Endpoint, Protocol } from './adapter.ts'

/** The variables by which people give a provider's key and address, as the providers' own programs read them. */
const VARIABLES: Record<Protocol, { key: string; url: string }> = {
  anthropic: { key: 'ANTHROPIC_API_KEY', url: 'ANTHROPIC_BASE_URL' },
  openai: { key: 'OPENAI_API_KEY', url: 'OPENAI_BASE_URL' },
  gemini: { key: 'GEMINI_API_KEY', url: 'GOOGLE_GEMINI_BASE_URL' },
}

export type Endpoints = Record<Protocol, Endpoint>

/** Where models are reached, as our own environment says. An empty variable counts as none. */
export function modelEndpoints(env: Readonly<Record<string, string | undefined>>): Endpoints {
  const at = (protocol: Protocol): Endpoint => {
    const { key, url } = VARIABLES[protocol]
    return { apiKey: env[key] || undefined, baseUrl: env[url] || undefined }
  }
  return { anthropic: at('anthropic'), openai: at('openai'), gemini: at('gemini') }
}
