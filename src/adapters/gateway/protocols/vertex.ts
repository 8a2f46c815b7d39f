import { anthropic } from './anthropic.ts'
import type { ModelProtocol } from './protocol.ts'

const PATH =
  /^\/projects\/[\w.:-]+\/locations\/[\w-]+\/publishers\/anthropic\/models\/([\w.@-]+):(rawPredict|streamRawPredict)$/
/** The model that counts tokens is named in the body. */
const COUNTS = 'count-tokens'
const ERRORS = {
  budget: [402, 'RESOURCE_EXHAUSTED'],
  key: [401, 'UNAUTHENTICATED'],
  path: [403, 'PERMISSION_DENIED'],
  room: [429, 'RESOURCE_EXHAUSTED'],
} as const

/** Anthropic's models on Google's Vertex AI: the same messages and streams, in other paths. Source: cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude. */
export const vertex: ModelProtocol = {
  ...anthropic,
  title: 'Vertex AI',
  provider: 'https://us-east5-aiplatform.googleapis.com/v1',
  prefix: '/vertex/v1',
  paths: PATH,
  ask(body, path) {
    const model = PATH.exec(path)?.[1]
    return { ...anthropic.ask(body, path), model, charged: model !== COUNTS }
  },
  refusal(kind, message) {
    const [code, status] = ERRORS[kind]
    return { status: code, body: { error: { code, message, status } } }
  },
}
