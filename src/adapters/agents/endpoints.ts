import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Outgoing, Protocol, Provider } from './adapter.ts'
import { awsRegion, vertexPlace, type Env } from './cloud-models.ts'

/** The variables by which people give a provider's key and address, as the providers' own programs read them. */
const VARIABLES = {
  anthropic: { key: 'ANTHROPIC_API_KEY', url: 'ANTHROPIC_BASE_URL' },
  openai: { key: 'OPENAI_API_KEY', url: 'OPENAI_BASE_URL' },
  gemini: { key: 'GEMINI_API_KEY', url: 'GOOGLE_GEMINI_BASE_URL' },
} as const

export type Endpoints = Record<Protocol, Provider>

/** Where models are reached, as our own environment says. An empty variable counts as none. */
export function modelEndpoints(env: Env): Endpoints {
  const at = (protocol: keyof typeof VARIABLES): Provider => {
    const { key, url } = VARIABLES[protocol]
    return { apiKey: env[key] || undefined, baseUrl: env[url] || undefined }
  }
  return {
    anthropic: anthropic(at('anthropic'), env),
    openai: at('openai'),
    gemini: at('gemini'),
    bedrock: bedrock(env),
    vertex: vertex(env),
  }
}

/**
 * A key counts over a token for a gateway of one's own, and that over the token of a subscription (`claude setup-token`), as for
 * Claude Code. The API takes tokens in another header than keys.
 */
function anthropic(provider: Provider, env: Env): Provider {
  if (provider.apiKey !== undefined) return provider
  const own = env['ANTHROPIC_AUTH_TOKEN'] || undefined
  const token = own ?? (env['CLAUDE_CODE_OAUTH_TOKEN'] || undefined)
  if (token === undefined) return provider
  return { ...provider, apiKey: token, authorize: bearer(token), subscription: own === undefined }
}

/** Source: docs.aws.amazon.com/bedrock, API keys and endpoints of the runtime. */
function bedrock(env: Env): Provider {
  const region = awsRegion(env)
  const key = env['AWS_BEARER_TOKEN_BEDROCK'] || undefined
  return {
    apiKey: key,
    baseUrl: env['ANTHROPIC_BEDROCK_BASE_URL'] || `https://bedrock-runtime.${region}.amazonaws.com`,
    authorize:
      key === undefined
        ? async (request) => {
            const { signed } = await import('../gateway/sign-aws.ts')
            return signed(request, region, env)
          }
        : bearer(key),
  }
}

/** Source: cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude. */
function vertex(env: Env): Provider {
  const { baseUrl, project } = vertexPlace(env)
  let tokens: Promise<() => Promise<string>> | undefined
  return {
    apiKey: undefined,
    baseUrl: env['ANTHROPIC_VERTEX_BASE_URL'] || baseUrl,
    ...(project === undefined ? {} : { within: `/projects/${project}/` }),
    async authorize() {
      tokens ??= import('../gateway/google-token.ts').then(({ googleTokens }) =>
        googleTokens(env, join(env['HOME'] ?? homedir(), '.config', 'gcloud')),
      )
      return { authorization: `Bearer ${await (await tokens)()}` }
    },
  }
}

const bearer = (token: string) => async (_: Outgoing) => ({ authorization: `Bearer ${token}` })
