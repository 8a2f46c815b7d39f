import * as z from 'zod'
import { bearer, told, type Metered, type ModelProtocol } from './protocol.ts'

const tokens = z.number().nonnegative().nullish()
const responsesUsage = z.object({
  input_tokens: z.number().nonnegative(),
  output_tokens: tokens,
  input_tokens_details: z.object({ cached_tokens: tokens }).nullish(),
})
const chatUsage = z.object({
  prompt_tokens: z.number().nonnegative(),
  completion_tokens: tokens,
  prompt_tokens_details: z.object({ cached_tokens: tokens }).nullish(),
})
const request = z.looseObject({
  model: z.string().optional(),
  max_output_tokens: z.number().positive().nullish(),
  max_completion_tokens: z.number().positive().nullish(),
  max_tokens: z.number().positive().nullish(),
  messages: z.unknown().optional(),
})
const delta = z.object({ delta: z.string() })
const chunk = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }).nullish() })),
})
const holder = z.object({
  response: z.object({ usage: responsesUsage.nullish() }).optional(),
  usage: z.union([responsesUsage, chatUsage]).nullish(),
})
const ERRORS = {
  budget: [402, 'insufficient_quota'],
  key: [401, 'invalid_api_key'],
  path: [403, 'permission_denied'],
  room: [429, 'rate_limit_exceeded'],
} as const

/** OpenAI's Responses and Chat Completions APIs. Source: platform.openai.com/docs/api-reference. */
export const openai: ModelProtocol = {
  title: 'OpenAI',
  provider: 'https://api.openai.com/v1',
  prefix: '/openai/v1',
  paths: /^\/(responses|chat\/completions|models(\/[\w.:-]+)?)$/,
  keyOf: (headers) => bearer(headers),
  authorization: (key) => ({ authorization: `Bearer ${key}` }),
  ask(body, path) {
    const parsed = request.safeParse(body)
    const {
      model,
      max_output_tokens: output,
      max_completion_tokens: completion,
      max_tokens: max,
    } = parsed.data ?? {}
    return {
      model,
      maxOutputTokens: output ?? completion ?? max ?? undefined,
      charged: !path.startsWith('/models'),
    }
  },
  bounded(body, maxOutputTokens) {
    const parsed = request.safeParse(body)
    if (!parsed.success) return undefined
    if (parsed.data.messages === undefined) return { ...parsed.data, max_output_tokens: maxOutputTokens }
    const { max_tokens: _, ...rest } = parsed.data
    return { ...rest, max_completion_tokens: maxOutputTokens }
  },
  read(value, so) {
    const said = saidIn(value)
    const found = holder.safeParse(value)
    const usage = found.data?.response?.usage ?? found.data?.usage
    const counted: Metered = { ...so, characters: so.characters + said }
    if (usage === undefined || usage === null) return counted
    const [input, output, cached] =
      'input_tokens' in usage
        ? [usage.input_tokens, usage.output_tokens, usage.input_tokens_details?.cached_tokens]
        : [usage.prompt_tokens, usage.completion_tokens, usage.prompt_tokens_details?.cached_tokens]
    return {
      ...counted,
      // Their count of the input holds the cached part.
      usage: told({
        inputTokens: Math.max(input - (cached ?? 0), 0),
        outputTokens: output,
        cacheReadTokens: cached,
      }),
    }
  },
  refusal(kind, message) {
    const [status, code] = ERRORS[kind]
    return { status, body: { error: { message, type: code, code } } }
  },
}

function saidIn(value: unknown): number {
  const event = delta.safeParse(value)
  if (event.success) return event.data.delta.length
  const chat = chunk.safeParse(value)
  if (!chat.success) return 0
  return chat.data.choices.reduce((sum, { delta: part }) => sum + (part?.content?.length ?? 0), 0)
}
