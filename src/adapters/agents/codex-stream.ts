import * as z from 'zod'
import { addUsage, type Usage } from '../../core/model/step.ts'
import type { AgentActivity, AgentFailure } from '../../core/ports.ts'
import type { ProcessEnd } from '../process/run-process.ts'
import type { OutputReader } from './adapter.ts'
import { apiFailure, processFailure } from './outcome.ts'
import { withoutNulls } from './strict-schema.ts'

const tokens = z.number().nonnegative().nullish()
const item = z.object({
  type: z.string(),
  text: z.string().optional(),
  message: z.string().optional(),
  command: z.string().optional(),
  changes: z.array(z.object({ path: z.string() })).optional(),
  query: z.string().optional(),
  tool: z.string().optional(),
  exit_code: z.number().nullish(),
  status: z.string().optional(),
  aggregated_output: z.string().optional(),
})
const knownLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('item.started'), item }),
  z.object({ type: z.literal('item.completed'), item }),
  z.object({
    type: z.literal('turn.completed'),
    usage: z.object({ input_tokens: tokens, cached_input_tokens: tokens, output_tokens: tokens }),
  }),
  z.object({ type: z.literal('turn.failed'), error: z.object({ message: z.string() }) }),
  z.object({ type: z.literal('error'), message: z.string() }),
])
type Line = z.infer<typeof knownLine>

const SHOWN_CHARACTERS = 300
/** A command's output is part of its line. */
const MAX_LINE_BYTES = 2 * 1024 * 1024

/**
 * Reads the lines of `codex exec --json`. Its last message is the answer; done is exit 0 with a turn that was completed, since it
 * ends with 0 in other cases too.
 */
export class CodexStream implements OutputReader {
  readonly maxLineBytes = MAX_LINE_BYTES
  readonly denied: string[] = []
  usage: Usage = {}
  #last: string | undefined
  #completed = false
  #error: string | undefined
  readonly #onActivity: (activity: AgentActivity) => void

  constructor(onActivity: (activity: AgentActivity) => void) {
    this.#onActivity = onActivity
  }

  get answer(): string | undefined {
    return this.#completed && this.#last !== undefined ? withoutNulls(this.#last) : undefined
  }

  line(text: string): void {
    const parsed = knownLine.safeParse(json(text))
    if (!parsed.success) return
    const line: Line = parsed.data
    switch (line.type) {
      case 'item.started':
        return this.#started(line.item)
      case 'item.completed':
        return this.#ended(line.item)
      case 'turn.completed':
        this.#completed = true
        this.usage = addUsage(this.usage, asUsage(line.usage))
        return this.#onActivity({ kind: 'usage', usage: this.usage })
      case 'turn.failed':
        this.#error = line.error.message
        return
      case 'error':
        this.#error ??= line.message
    }
  }

  judge({ outcome, tail }: ProcessEnd): AgentFailure | undefined {
    const failed = processFailure(outcome, 'codex')
    if (failed !== undefined && outcome.kind !== 'exit') return failed
    if (this.#error !== undefined && !this.#completed) {
      return { reason: reasonOf(this.#error), message: `codex did not complete: ${shown(this.#error)}` }
    }
    if (failed !== undefined) return { ...failed, message: `${failed.message}: ${shown(tail.trim())}` }
    if (!this.#completed) return { reason: 'malformed', message: 'codex ended without completing its turn' }
    return this.#last === undefined
      ? { reason: 'malformed', message: 'codex ended without an answer' }
      : undefined
  }

  #started(begun: z.infer<typeof item>): void {
    if (begun.type === 'command_execution') this.#tool('shell', begun.command)
    else if (begun.type === 'mcp_tool_call') this.#tool(begun.tool ?? 'tool', undefined)
  }

  #ended(done: z.infer<typeof item>): void {
    if (wasStopped(done)) {
      this.denied.push('shell')
      this.#text('may not do that with shell')
    }
    if (done.type === 'agent_message' && done.text !== undefined) {
      this.#last = done.text
      this.#text(done.text)
    } else if (done.type === 'file_change') {
      for (const { path } of done.changes ?? []) this.#tool('edit', path)
    } else if (done.type === 'web_search') this.#tool('search', done.query)
  }

  #tool(tool: string, target: string | undefined): void {
    this.#onActivity({ kind: 'tool', tool, ...(target === undefined ? {} : { target: shown(target) }) })
  }

  #text(text: string): void {
    const said = shown(text.trim())
    if (said !== '') this.#onActivity({ kind: 'text', text: said })
  }
}

/** What its sandbox says to a command, or its own rules; it tells neither apart from a command that fails by itself. */
const STOPPED = /(Read-only file system|Permission denied|Operation not permitted)\s*$/
const END_CHARACTERS = 500

function wasStopped({
  type,
  status,
  exit_code: code,
  aggregated_output: output = '',
}: z.infer<typeof item>): boolean {
  if (type !== 'command_execution') return false
  return (
    status === 'declined' ||
    (typeof code === 'number' && code !== 0 && STOPPED.test(output.slice(-END_CHARACTERS)))
  )
}

const shown = (text: string): string => text.slice(0, SHOWN_CHARACTERS)

/** It tells failures of the API in words alone; the status stands in most of them. */
function reasonOf(message: string): AgentFailure['reason'] {
  const status = /status:? (\d{3})\b/.exec(message)?.[1]
  if (status !== undefined) return apiFailure(Number(status))
  if (/usage limit|rate limit/i.test(message)) return 'rate-limited'
  return 'unavailable'
}

function asUsage(of: Extract<Line, { type: 'turn.completed' }>['usage']): Usage {
  const cached = of.cached_input_tokens ?? 0
  return {
    // Its count of the input holds the cached part.
    ...(of.input_tokens == null ? {} : { inputTokens: Math.max(of.input_tokens - cached, 0) }),
    ...(of.cached_input_tokens == null ? {} : { cacheReadTokens: cached }),
    ...(of.output_tokens == null ? {} : { outputTokens: of.output_tokens }),
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
