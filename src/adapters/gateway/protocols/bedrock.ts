import { anthropic } from './anthropic.ts'
import type { ModelProtocol } from './protocol.ts'

/** A model's id, or the ARN of a profile with its slash written as %2F; then what is asked of it. */
const PATH = /^\/model\/([\w.:%-]+)\/(invoke|invoke-with-response-stream|count-tokens)$/
/** What Claude Code asks first to learn what a short name stands for here. */
const PROFILES = /^\/inference-profiles(\/[\w.:%-]+)?$/
const STATUS = { budget: 402, key: 401, path: 403, room: 429 } as const

/** Anthropic's models on Amazon Bedrock: the same messages, in other paths and frames. Source: docs.aws.amazon.com/bedrock/latest/APIReference. */
export const bedrock: ModelProtocol = {
  ...anthropic,
  title: 'Amazon Bedrock',
  provider: 'https://bedrock-runtime.us-east-1.amazonaws.com',
  prefix: '/bedrock',
  paths: new RegExp(`${PATH.source}|${PROFILES.source}`),
  ask(body, path) {
    const [, model, what] = PATH.exec(path) ?? []
    return {
      ...anthropic.ask(body, path),
      model: model === undefined ? undefined : decodeURIComponent(model),
      charged: what?.startsWith('invoke') === true,
    }
  },
  refusal: (kind, message) => ({ status: STATUS[kind], body: { message } }),
}
