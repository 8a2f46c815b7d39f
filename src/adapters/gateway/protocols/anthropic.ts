import * as z from 'zod'
import { bearer, told, type ModelProtocol } from './protocol.ts'

const tokens = z.number().nonnegative().nullish()
const usage = z.object({
  input_tokens: tokens,
  output_tokens: tokens,
  cache_read_input_tokens: tokens,
  cache_creation_input_tokens: tokens,
})
const request = z.looseObject({
  model: z.string().optional(),
  max_tokens: z.number().positive().optional(),
  thinking: z.looseObject({ budget_tokens: z.number().optional() }).optional(),
})
const answer = z.union([
  z.object({ type: z.literal('message_start'), message: z.object({ usage }) }),
  z.object({ type: z.literal('message_delta'), usage }),
  z.object({
    type: z.literal('content_block_delta'),
    delta: z.object({
      text: z.string().optional(),
      thinking: z.string().optional(),
      partial_json: z.string().optional(),
    }),
  }),
  z.object({ type: z.literal('message'), usage }),
])
const ERRORS = {
  budget: [402, 'billing_error'],
  key: [401, 'authentication_error'],
  path: [403, 'permission_error'],
  room: [429, 'rate_limit_error'],
} as const

/** Anthropic's Messages API. Source: docs.claude.com/en/api/messages and /en/api/messages-streaming. */
export const anthropic: ModelProtocol = {
  title: 'Anthropic',
  provider: 'https://api.anthropic.com',
  prefix: '/anthropic',
  paths: /^\/v1\/(messages(\/count_tokens)?|models(\/[\w.:-]+)?)$/,
  keyOf: (headers) => {
    const key = headers['x-api-key']
    return typeof key === 'string' ? key : bearer(headers)
  },
  authorization: (key) => ({ 'x-api-key': key }),
  ask(body, path) {
    const parsed = request.safeParse(body)
    return {
      model: parsed.data?.model,
      maxOutputTokens: parsed.data?.max_tokens,
      charged: path === '/v1/messages',
    }
  },
  bounded(body, maxOutputTokens) {
    const parsed = request.safeParse(body)
    // What it may think has to fit into what it may say.
    if (!parsed.success || (parsed.data.thinking?.budget_tokens ?? 0) >= maxOutputTokens) return undefined
    return { ...parsed.data, max_tokens: maxOutputTokens }
  },
  read(value, so) {
    const parsed = answer.safeParse(value)
    if (!parsed.success) return so
    const { data } = parsed
    if (data.type === 'content_block_delta') {
      const { text = '', thinking = '', partial_json: json = '' } = data.delta
      return { ...so, characters: so.characters + text.length + thinking.length + json.length }
    }
    const found = data.type === 'message_start' ? data.message.usage : data.usage
    return {
      ...so,
      // Counts are totals so far, not increments.
      usage: {
        ...so.usage,
        ...told({
          inputTokens: found.input_tokens,
          outputTokens: found.output_tokens,
          cacheReadTokens: found.cache_read_input_tokens,
          cacheWriteTokens: found.cache_creation_input_tokens,
        }),
      },
    }
  },
  refusal(kind, message) {
    const [status, type] = ERRORS[kind]
    return { status, body: { type: 'error', error: { type, message } } }
  },
}
