import { appendFileSync, mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { AGENT_STEPS } from '../../core/model/step.ts'
import type { SpendJournal } from '../../core/ports.ts'

const amount = z.number().nonnegative().optional()
const line = z.object({
  call: z.object({
    run: z.string(),
    phase: z.string(),
    attempt: z.number(),
    step: z.enum(AGENT_STEPS),
    unit: z.string(),
    try: z.number(),
  }),
  usage: z.object({
    inputTokens: amount,
    outputTokens: amount,
    cacheReadTokens: amount,
    cacheWriteTokens: amount,
    costUsd: amount,
    estimated: z.boolean().optional(),
  }),
  durationMs: z.number(),
})
type Line = z.infer<typeof line>

/** A file of JSON lines for each run: `<dir>/<run>/spent.ndjson`, where the run's transcripts lie. */
export function fileSpendJournal(dir: string): SpendJournal {
  const fileOf = (run: string): string => join(dir, run, 'spent.ndjson')
  return {
    tell(call, spent) {
      const file = fileOf(call.run)
      try {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
        // Written when this returns: what is killed next has told it.
        appendFileSync(file, `${JSON.stringify({ call, ...spent })}\n`, { mode: 0o600 })
      } catch {
        // It is for a kill that may never come: the step is worth more.
      }
    },
    async read({ run, phase, attempt }) {
      const text = await readFile(fileOf(run), 'utf8').catch(() => '')
      const newest = new Map<string, Line>()
      for (const { call, ...spent } of text.split('\n').flatMap(parsed)) {
        if (call.phase === phase && call.attempt === attempt)
          newest.set(JSON.stringify([call.step, call.unit, call.try]), { call, ...spent })
      }
      return [...newest.values()] as Awaited<ReturnType<SpendJournal['read']>>
    },
  }
}

/** A line that a kill cut in two tells nothing. */
function parsed(text: string): Line[] {
  try {
    return [line.parse(JSON.parse(text))]
  } catch {
    return []
  }
}
