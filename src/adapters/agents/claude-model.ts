import type { Endpoint } from './adapter.ts'
import { awsRegion, claudeSeller, type Env, MODEL_NAMES, vertexPlace } from './cloud-models.ts'

/** How Claude Code is told where its model is and who asks; `env` is ours, and nothing that is secret is taken from it. */
export function claudeModel(
  { env, subscription = false }: { env: Env; subscription?: boolean },
  { baseUrl, apiKey = '' }: Endpoint,
): Record<string, string> {
  const named = Object.fromEntries(MODEL_NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])))
  const at = (name: string): Record<string, string> => (baseUrl === undefined ? {} : { [name]: baseUrl })
  // It signs nothing itself: what the gateway knows it by goes along as a header.
  const key = { ANTHROPIC_CUSTOM_HEADERS: `x-api-key: ${apiKey}` }
  switch (claudeSeller(env)) {
    case 'bedrock':
      return {
        ...{ CLAUDE_CODE_USE_BEDROCK: '1', CLAUDE_CODE_SKIP_BEDROCK_AUTH: '1', AWS_REGION: awsRegion(env) },
        ...at('ANTHROPIC_BEDROCK_BASE_URL'),
        ...{ ...key, ...named },
      }
    case 'vertex': {
      const { project = '', region } = vertexPlace(env)
      return {
        ...{ CLAUDE_CODE_USE_VERTEX: '1', CLAUDE_CODE_SKIP_VERTEX_AUTH: '1' },
        ...{ CLOUD_ML_REGION: region, ANTHROPIC_VERTEX_PROJECT_ID: project },
        ...at('ANTHROPIC_VERTEX_BASE_URL'),
        ...{ ...key, ...named },
      }
    }
    case 'anthropic': {
      // Logged in by a subscription it says more to the API than with a key.
      const name = subscription ? 'CLAUDE_CODE_OAUTH_TOKEN' : 'ANTHROPIC_API_KEY'
      return { [name]: apiKey, ...at('ANTHROPIC_BASE_URL'), ...named }
    }
  }
}

/** What it cannot do without, by who sells the model. `value` is undefined where it is missing. */
export function claudeKey(
  env: Env,
  apiKey: string | undefined,
): { name: string; value: string | undefined; hint?: string } {
  switch (claudeSeller(env)) {
    case 'bedrock':
      return {
        name: 'AWS_BEARER_TOKEN_BEDROCK or AWS_ACCESS_KEY_ID',
        value: env['AWS_BEARER_TOKEN_BEDROCK'] || (env['AWS_SECRET_ACCESS_KEY'] && env['AWS_ACCESS_KEY_ID']),
        hint: 'Of a profile: eval "$(aws configure export-credentials --format env)".',
      }
    case 'vertex':
      return {
        name: 'ANTHROPIC_VERTEX_PROJECT_ID',
        value: vertexPlace(env).project,
        hint: 'Set it to the project that pays, and log in: gcloud auth application-default login.',
      }
    case 'anthropic':
      return {
        name: 'ANTHROPIC_API_KEY',
        value: apiKey,
        hint: 'Set it. With a subscription: run "claude setup-token" and set CLAUDE_CODE_OAUTH_TOKEN to what it prints; what a login left in ~/.claude is not used, since every step runs with an empty home directory.',
      }
  }
}
