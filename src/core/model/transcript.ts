import * as z from 'zod'
import type { AgentActivity } from '../ports.ts'
import { AGENT_STEPS, type AgentStep, type Usage } from './step.ts'

/** Which call of an agent a transcript is of. */
export interface TranscriptPlace {
  run: string
  phase: string
  attempt: number
  step: AgentStep
  /** Spec name or task id; "" for whole-phase steps. */
  unit: string
  /** Counts the calls of this step for this unit in this attempt, from 1. */
  try: number
}

/** What a transcript holds besides what the agent told: how the call ended. */
export type TranscriptEntry =
  | AgentActivity
  | { kind: 'denied'; tool: string }
  | { kind: 'result'; ok: boolean; message: string; durationMs: number; usage: Usage }

const amount = z.number().optional()
const usage = z.object({
  inputTokens: amount,
  outputTokens: amount,
  cacheReadTokens: amount,
  cacheWriteTokens: amount,
  costUsd: amount,
  estimated: z.boolean().optional(),
})
const at = z.number()

/** One line of a transcript; times are milliseconds since the epoch. The first line is the place. */
export const transcriptLine = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('call'),
    at,
    run: z.string(),
    phase: z.string(),
    attempt: z.number(),
    step: z.enum(AGENT_STEPS),
    unit: z.string(),
    try: z.number(),
  }),
  z.object({ kind: z.literal('text'), at, text: z.string() }),
  z.object({ kind: z.literal('tool'), at, tool: z.string(), target: z.string().optional() }),
  z.object({ kind: z.literal('usage'), at, usage }),
  z.object({
    kind: z.literal('retry'),
    at,
    attempt: z.number(),
    delayMs: z.number(),
    status: z.number().optional(),
  }),
  /** A line that the program printed, as it printed it. */
  z.object({ kind: z.literal('output'), at, text: z.string() }),
  z.object({ kind: z.literal('denied'), at, tool: z.string() }),
  /** So many lines found no room. */
  z.object({ kind: z.literal('left-out'), at, lines: z.number() }),
  z.object({
    kind: z.literal('result'),
    at,
    ok: z.boolean(),
    message: z.string(),
    durationMs: z.number(),
    usage,
  }),
])
export type TranscriptLine = z.infer<typeof transcriptLine>

/** One call, as it was written down. */
export type Transcript = TranscriptPlace & { startedAt: number; lines: TranscriptLine[] }
