import type { ModelAnswer } from '../test/support/scripted-model.ts'
import type { Move } from './case.ts'

/** How a model that an agent program talks to makes it do something: the names and inputs of the program's own tools. */
export interface Speech {
  write(path: string, text: string): { name: string; input: object }
  shell(command: string): { name: string; input: object }
  /** How the artifact is handed in: by a tool, or as the last message. */
  answer(artifact: object): { tools: { name: string; input: object }[] } | { text: string }
}

const asText = (artifact: object): { text: string } => ({ text: JSON.stringify(artifact) })

/** Written by the shell, where that is how the program's model writes. */
const here = (path: string, text: string): string =>
  `printf %s '${Buffer.from(text).toString('base64')}' | base64 -d > '${path}'`

export const SPEECHES: Record<string, Speech> = {
  claude: {
    write: (path, text) => ({ name: 'Write', input: { file_path: path, content: text } }),
    shell: (command) => ({ name: 'Bash', input: { command } }),
    answer: (artifact) => ({ tools: [{ name: 'StructuredOutput', input: artifact }] }),
  },
  codex: {
    // Codex 0.169 now and then tells nothing of a command that is over before it looks: this one is not.
    write: (path, text) => ({ name: 'exec_command', input: { cmd: `sleep 0.3; ${here(path, text)}` } }),
    shell: (command) => ({ name: 'exec_command', input: { cmd: command } }),
    answer: asText,
  },
  gemini: {
    write: (path, text) => ({ name: 'write_file', input: { file_path: path, content: text } }),
    shell: (command) => ({ name: 'run_shell_command', input: { command } }),
    answer: asText,
  },
  opencode: {
    // Its tools to write differ from model to model.
    write: (path, text) => ({ name: 'bash', input: { command: here(path, text), description: 'Writes' } }),
    shell: (command) => ({ name: 'bash', input: { command, description: 'Does it' } }),
    answer: asText,
  },
  copilot: {
    write: (path, text) => ({ name: 'create', input: { path, file_text: text } }),
    shell: (command) => ({ name: 'bash', input: { command, description: 'Does it', mode: 'sync' } }),
    answer: asText,
  },
}

/** A move in the program's own words. */
export function spoken(speech: Speech, move: Move): Exclude<ModelAnswer, 'stall'> {
  if ('write' in move) return { tools: [speech.write(move.write.path, move.write.text)] }
  if ('shell' in move) return { tools: [speech.shell(move.shell)] }
  if ('answer' in move) return speech.answer(move.answer)
  if ('say' in move) return { text: move.say }
  return { status: move.status, message: 'as the script says' }
}
