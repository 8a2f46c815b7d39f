import type { AgentRequest } from '../../core/ports.ts'

/** What is said to a program that knows no schemas: with the task, after it. */
export function askedInText(request: AgentRequest): string {
  const schema = JSON.stringify(request.schema)
  return `${request.prompt.user}\n\nYour last message is your answer: the JSON object alone, by this JSON Schema (write no file for it):\n${schema}\n`
}

/** The JSON object in a last message, without a fence or words around it; the text as it is where there is none. */
export function answerInText(text: string): string | undefined {
  const said = text.trim()
  if (said === '') return undefined
  const [from, to] = [said.indexOf('{'), said.lastIndexOf('}')]
  const object = from === -1 ? said : said.slice(from, to + 1)
  try {
    JSON.parse(object)
    return object
  } catch {
    return said
  }
}
