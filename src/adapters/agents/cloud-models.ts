/** Anthropic's models at AWS and Google, as Claude Code is told of them by the environment. */
export type Env = Readonly<Record<string, string | undefined>>

/** Who sells the models. Source: code.claude.com/docs/en/amazon-bedrock and /google-vertex-ai. */
export function claudeSeller(env: Env): 'anthropic' | 'bedrock' | 'vertex' {
  if (isSet(env['CLAUDE_CODE_USE_BEDROCK'])) return 'bedrock'
  return isSet(env['CLAUDE_CODE_USE_VERTEX']) ? 'vertex' : 'anthropic'
}

const isSet = (value: string | undefined): boolean => value === '1' || value === 'true'

export const awsRegion = (env: Env): string => env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || 'us-east-1'

/** `project` is undefined where nobody named one. `global` and the regions of a continent have addresses of another form. */
export function vertexPlace(env: Env): { project: string | undefined; region: string; baseUrl: string } {
  const project =
    env['ANTHROPIC_VERTEX_PROJECT_ID'] || env['GOOGLE_CLOUD_PROJECT'] || env['GCLOUD_PROJECT'] || undefined
  const region = env['CLOUD_ML_REGION'] || 'us-east5'
  const host =
    region === 'global'
      ? 'aiplatform.googleapis.com'
      : /^(us|eu)$/.test(region)
        ? `aiplatform.${region}.rep.googleapis.com`
        : `${region}-aiplatform.googleapis.com`
  return { project, region, baseUrl: `https://${host}/v1` }
}

/** Which model a short name means is the seller's business, and the project's: these pass as they are. */
export const MODEL_NAMES = [
  'ANTHROPIC_MODEL',
  'ANTHROPIC_DEFAULT_OPUS_MODEL',
  'ANTHROPIC_DEFAULT_SONNET_MODEL',
  'ANTHROPIC_DEFAULT_HAIKU_MODEL',
  'ANTHROPIC_SMALL_FAST_MODEL',
] as const
