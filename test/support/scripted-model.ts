import { LLMock } from '@copilotkit/aimock'

/** One request of an agent to its model. */
export interface ModelTurn {
  /** Answers so far in this conversation: 0 at first. */
  turn: number
  system: string
  /** What the agent was asked, without what its own program adds before. */
  user: string
  /** Everything that it was asked, with what its program adds. */
  asked: string
  /** Result of the last tool call; "" before the first. */
  result: string
  tools: string[]
}

/** What the model says: text, tool calls, an error of the API, or nothing at all until it is closed. */
export type ModelAnswer =
  | { text?: string; tools?: { name: string; input: object }[]; tokens?: { input: number; output: number } }
  | { status: number; message: string }
  | 'stall'

/**
 * A model server on loopback that answers as `answer` says, in the protocols of Anthropic, OpenAI and Gemini. For tests with
 * real agent programs: what it is asked depends on the conversation alone, so that agents beside each other do not mix.
 */
export async function startScriptedModel(answer: (turn: ModelTurn) => ModelAnswer): Promise<{
  url: string
  /** Every request so far. */
  requests(): ModelTurn[]
  close(): Promise<void>
}> {
  const mock = new LLMock({ port: 0, logLevel: 'silent' })
  // The server's own journal leaves large requests out.
  const turns: ModelTurn[] = []
  let release = (): void => {}
  const closing = new Promise<void>((resolve) => (release = resolve))
  mock.on({ predicate: () => true }, async (request) => {
    const turn = turnOf(request)
    turns.push(turn)
    const says = answer(turn)
    if (says === 'stall') {
      await closing
      return { error: { message: 'the model was closed' }, status: 500 }
    }
    if ('status' in says) return { error: { message: says.message, type: 'api_error' }, status: says.status }
    const { input, output } = says.tokens ?? { input: 100, output: 10 }
    const calls = says.tools ?? []
    return {
      content: says.text ?? '',
      // An empty list would end the message as one that calls tools.
      ...(calls.length === 0
        ? {}
        : { toolCalls: calls.map(({ name, input }) => ({ name, arguments: JSON.stringify(input) })) }),
      usage: { input_tokens: input, output_tokens: output },
    }
  })
  await mock.start()
  return {
    url: mock.url,
    requests: () => turns,
    close: () => {
      release()
      return mock.stop()
    },
  }
}

interface Request {
  messages: { role: string; content: string | { text?: string }[] | null }[]
  tools?: { function: { name: string } }[]
}

function turnOf({ messages, tools = [] }: Request): ModelTurn {
  const of = (role: string): string[] =>
    messages.filter((one) => one.role === role).map((one) => textOf(one.content))
  return {
    turn: of('assistant').length,
    system: of('system').join('\n'),
    user: of('user')[0] ?? '',
    asked: of('user').join('\n'),
    result: of('tool').at(-1) ?? '',
    tools: tools.map((tool) => tool.function.name),
  }
}

const textOf = (content: Request['messages'][number]['content']): string =>
  typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('\n')
