import * as z from 'zod'
import { addUsage, type Usage } from '../../core/model/step.ts'
import type { AgentActivity } from '../../core/ports.ts'

const tokens = z.number().nonnegative().nullish()
const usageFields = z.object({
  input_tokens: tokens,
  output_tokens: tokens,
  cache_read_input_tokens: tokens,
  cache_creation_input_tokens: tokens,
})

/** What a call came to with each model. */
const modelFields = z.object({
  inputTokens: tokens,
  outputTokens: tokens,
  cacheReadInputTokens: tokens,
  cacheCreationInputTokens: tokens,
})

const resultLine = z.object({
  type: z.literal('result'),
  subtype: z.string(),
  is_error: z.boolean(),
  result: z.string().optional(),
  errors: z.array(z.string()).optional(),
  structured_output: z.unknown().optional(),
  terminal_reason: z.string().nullish(),
  api_error_status: z.number().nullish(),
  total_cost_usd: z.number().nonnegative().optional(),
  usage: usageFields.optional(),
  modelUsage: z.record(z.string(), modelFields).optional(),
})
export type ClaudeResult = z.infer<typeof resultLine>

const assistantLine = z.object({
  type: z.literal('assistant'),
  message: z.object({
    content: z.array(
      z.object({
        type: z.string(),
        text: z.string().optional(),
        name: z.string().optional(),
        input: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
})
const retryLine = z.object({
  type: z.literal('system'),
  subtype: z.literal('api_retry'),
  attempt: z.number(),
  retry_delay_ms: z.number(),
  error_status: z.number().nullish(),
})
const deniedLine = z.object({
  type: z.literal('system'),
  subtype: z.literal('permission_denied'),
  tool_name: z.string(),
})
const eventLine = z.object({
  type: z.literal('stream_event'),
  event: z.union([
    z.object({ type: z.literal('message_start'), message: z.object({ usage: usageFields }) }),
    z.object({ type: z.literal('message_delta'), usage: usageFields }),
    z.object({ type: z.literal('message_stop') }),
  ]),
})
/** Other lines tell nothing that we need; new kinds come with every version of the program. */
const knownLine = z.union([resultLine, assistantLine, eventLine, retryLine, deniedLine])

/** The piece of a message that comes many times a second: it shows life, which was noticed before it got here. */
const PIECE = '"content_block_delta"'
const PIECE_WITHIN = 100
const SHOWN_CHARACTERS = 300

/** Reads the lines of `--output-format stream-json` as they come, tells what happens and adds up what was used. */
export class ClaudeStream {
  /** The last line of a call that ended by itself or was interrupted. */
  result: ClaudeResult | undefined
  /** Tools that it was not allowed to use. */
  readonly denied: string[] = []
  readonly #onActivity: (activity: AgentActivity) => void
  #before: Usage = {}
  #message: Usage = {}

  constructor(onActivity: (activity: AgentActivity) => void) {
    this.#onActivity = onActivity
  }

  /** What the program says at its end; where it was killed before, what its messages told, without the cost. */
  get usage(): Usage {
    const { usage, modelUsage = {}, total_cost_usd: cost } = this.result ?? {}
    if (usage === undefined) return addUsage(this.#before, this.#message)
    const models = Object.values(modelUsage)
    // `usage` leaves out what agents spent that a lead started; the cost and the figures by model do not.
    const whole = models.length === 0 ? asUsage(usage) : models.map(ofModel).reduce(addUsage)
    return { ...whole, ...defined('costUsd', cost) }
  }

  /** Pieces of a message come again with the whole of it. */
  isKept(text: string): boolean {
    return !text.slice(0, PIECE_WITHIN).includes(PIECE)
  }

  line(text: string): void {
    if (!this.isKept(text)) return
    const parsed = knownLine.safeParse(json(text))
    if (!parsed.success) return
    const line = parsed.data
    if (line.type === 'result') this.result = line
    else if (line.type === 'assistant') for (const block of line.message.content) this.#block(block)
    else if (line.type === 'stream_event') this.#event(line.event)
    else if (line.subtype === 'permission_denied') {
      this.denied.push(line.tool_name)
      this.#text(`may not use ${line.tool_name} for that`)
    } else {
      this.#onActivity({
        kind: 'retry',
        attempt: line.attempt,
        delayMs: line.retry_delay_ms,
        ...defined('status', line.error_status),
      })
    }
  }

  #block(block: z.infer<typeof assistantLine>['message']['content'][number]): void {
    if (block.type === 'text' && block.text !== undefined) this.#text(block.text)
    if (block.type !== 'tool_use' || block.name === undefined) return
    const { file_path, path, pattern, command } = block.input ?? {}
    const target = [file_path, command, pattern, path].find((value) => typeof value === 'string')
    this.#onActivity({
      kind: 'tool',
      tool: block.name,
      ...defined('target', target?.slice(0, SHOWN_CHARACTERS)),
    })
  }

  #event(event: z.infer<typeof eventLine>['event']): void {
    if (event.type === 'message_start') this.#message = asUsage(event.message.usage)
    // Counts of a message are totals so far, not increments.
    else if (event.type === 'message_delta') this.#message = { ...this.#message, ...asUsage(event.usage) }
    else {
      this.#before = addUsage(this.#before, this.#message)
      this.#message = {}
      this.#onActivity({ kind: 'usage', usage: this.#before })
    }
  }

  #text(text: string): void {
    const shown = text.trim().slice(0, SHOWN_CHARACTERS)
    if (shown !== '') this.#onActivity({ kind: 'text', text: shown })
  }
}

function asUsage(fields: z.infer<typeof usageFields>): Usage {
  return {
    ...defined('inputTokens', fields.input_tokens),
    ...defined('outputTokens', fields.output_tokens),
    ...defined('cacheReadTokens', fields.cache_read_input_tokens),
    ...defined('cacheWriteTokens', fields.cache_creation_input_tokens),
  }
}

const ofModel = (fields: z.infer<typeof modelFields>): Usage =>
  asUsage({
    input_tokens: fields.inputTokens,
    output_tokens: fields.outputTokens,
    cache_read_input_tokens: fields.cacheReadInputTokens,
    cache_creation_input_tokens: fields.cacheCreationInputTokens,
  })

/** `{ key: value }`, or nothing where there is no value: an absent figure is "not reported". */
const defined = <K extends string, V>(key: K, value: V | null | undefined): { [P in K]?: V } =>
  value === undefined || value === null ? {} : ({ [key]: value } as { [P in K]: V })

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
