import type { Person } from '../../core/ports.ts'

export interface Terminal {
  stdin: NodeJS.ReadStream
  stderr: NodeJS.WriteStream
  /** Called before a question is shown: whatever draws on the screen must let go of it. */
  beforeQuestion: () => void
  /** Called when a person leaves a question by Ctrl-C, which the terminal does not tell as a signal then. */
  onLeave: () => void
  signal: AbortSignal
}

/** Nobody to ask: every answer is undefined. */
export const NOBODY: Person = {
  choose: () => Promise.resolve(undefined),
  ask: () => Promise.resolve(undefined),
}

/** Questions in the terminal. Ctrl-C at a question is no answer, and asks everything to stop. */
export function terminalPerson({ stdin, stderr, beforeQuestion, onLeave, signal }: Terminal): Person {
  const answered = async <T>(question: (context: object) => Promise<T>): Promise<T | undefined> => {
    beforeQuestion()
    try {
      return await question({ input: stdin, output: stderr, signal })
    } catch (error) {
      if (!(error instanceof Error) || !NO_ANSWER.has(error.name)) throw error
      if (error.name === 'ExitPromptError') onLeave()
      return undefined
    }
  }
  return {
    choose: (question, text, choices) =>
      answered(async (context) => {
        const { select } = await import('./prompts.ts')
        if (text !== '') stderr.write(`${text}\n`)
        return select(
          { message: question, choices: choices.map(({ value, label }) => ({ value, name: label })) },
          context,
        )
      }),
    ask: (question, initial) =>
      answered(async (context) => {
        const { input } = await import('./prompts.ts')
        return input({ message: question, ...(initial === undefined ? {} : { default: initial }) }, context)
      }),
  }
}

/** Errors by which inquirer says that a prompt was left. */
const NO_ANSWER = new Set(['ExitPromptError', 'AbortPromptError', 'CancelPromptError'])
