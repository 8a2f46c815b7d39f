import * as z from 'zod'
import type { Usage } from '../../core/model/step.ts'

const amount = z.number().nonnegative().optional()
const withUsage = z.object({
  usage: z.object({
    inputTokens: amount,
    outputTokens: amount,
    cacheReadTokens: amount,
    cacheWriteTokens: amount,
    costUsd: amount,
  }),
})

/** The cost that an artifact tells; nothing where it tells none, or nothing valid. */
export function reportedUsage(artifact: string | undefined): Usage {
  if (artifact === undefined) return {}
  try {
    const parsed = withUsage.safeParse(JSON.parse(artifact))
    return parsed.success ? parsed.data.usage : {}
  } catch {
    return {}
  }
}
