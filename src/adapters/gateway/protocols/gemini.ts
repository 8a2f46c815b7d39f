import * as z from 'zod'
import { told, type ModelProtocol } from './protocol.ts'

const tokens = z.number().nonnegative().nullish()
const request = z.looseObject({
  generationConfig: z.looseObject({ maxOutputTokens: z.number().positive().optional() }).optional(),
})
const answer = z.object({
  candidates: z
    .array(
      z.object({
        content: z
          .object({ parts: z.array(z.object({ text: z.string().optional() })).optional() })
          .optional(),
      }),
    )
    .optional(),
  usageMetadata: z
    .object({
      promptTokenCount: tokens,
      candidatesTokenCount: tokens,
      thoughtsTokenCount: tokens,
      cachedContentTokenCount: tokens,
    })
    .optional(),
})
const PATH = /^\/v1(?:beta|alpha)?\/models(?:\/([\w.-]+)(?::(\w+))?)?$/
const CHARGED = new Set(['generateContent', 'streamGenerateContent', 'embedContent'])
const ERRORS = {
  budget: [402, 'RESOURCE_EXHAUSTED'],
  key: [401, 'UNAUTHENTICATED'],
  path: [403, 'PERMISSION_DENIED'],
  room: [429, 'RESOURCE_EXHAUSTED'],
} as const

/** Google's Gemini API. Source: ai.google.dev/api/generate-content. */
export const gemini: ModelProtocol = {
  title: 'Google Gemini',
  provider: 'https://generativelanguage.googleapis.com',
  prefix: '/gemini',
  paths: PATH,
  keyOf: (headers, url) => {
    const key = headers['x-goog-api-key']
    return typeof key === 'string' ? key : (url.searchParams.get('key') ?? undefined)
  },
  authorization: (key) => ({ 'x-goog-api-key': key }),
  ask(body, path) {
    const [, model, method] = PATH.exec(path) ?? []
    const parsed = request.safeParse(body)
    return {
      model,
      maxOutputTokens: parsed.data?.generationConfig?.maxOutputTokens,
      charged: CHARGED.has(method ?? ''),
    }
  },
  bounded(body, maxOutputTokens) {
    const parsed = request.safeParse(body)
    if (!parsed.success) return undefined
    return { ...parsed.data, generationConfig: { ...parsed.data.generationConfig, maxOutputTokens } }
  },
  read(value, so) {
    // Without streaming as events it answers with a list of the same parts.
    if (Array.isArray(value)) return value.reduce((sum, part) => gemini.read(part, sum), so)
    const parsed = answer.safeParse(value)
    if (!parsed.success) return so
    const { candidates = [], usageMetadata: found } = parsed.data
    const parts = candidates.flatMap(({ content }) => content?.parts ?? [])
    const characters = so.characters + parts.reduce((sum, { text = '' }) => sum + text.length, 0)
    if (found === undefined) return { ...so, characters }
    const cached = found.cachedContentTokenCount ?? 0
    return {
      characters,
      usage: {
        ...so.usage,
        ...told({
          inputTokens:
            found.promptTokenCount == null ? undefined : Math.max(found.promptTokenCount - cached, 0),
          // What it thought is paid like what it said.
          outputTokens:
            found.candidatesTokenCount == null && found.thoughtsTokenCount == null
              ? undefined
              : (found.candidatesTokenCount ?? 0) + (found.thoughtsTokenCount ?? 0),
          cacheReadTokens: found.cachedContentTokenCount,
        }),
      },
    }
  },
  refusal(kind, message) {
    const [code, status] = ERRORS[kind]
    return { status: code, body: { error: { code, message, status } } }
  },
}
