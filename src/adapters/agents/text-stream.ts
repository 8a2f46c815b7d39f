import type { Usage } from '../../core/model/step.ts'
import type { AgentActivity, AgentFailure } from '../../core/ports.ts'
import type { ProcessEnd } from '../process/run-process.ts'
import type { OutputReader } from './adapter.ts'
import { answerInText } from './answer-in-text.ts'
import { apiFailure, processFailure } from './outcome.ts'

const SHOWN_CHARACTERS = 300
const MAX_LINE_BYTES = 2 * 1024 * 1024

/** What a line of a program's output told, whichever program it was. */
export interface Told {
  /** A piece of what the model says; `whole` where it is a message of its own. */
  text?: { text: string; whole: boolean }
  tool?: { name: string; target: string | undefined }
  denied?: string
  usage?: Usage
  error?: { message: string; status?: number }
  /** The program says that all is done. */
  done?: boolean
}

/**
 * Reads the lines of a program whose last message is its answer. `read` says what a line tells, nothing for lines that do not
 * matter. Done is exit 0 with an end that the program told, no error, and a last message.
 */
export class TextStream implements OutputReader {
  readonly maxLineBytes = MAX_LINE_BYTES
  readonly denied: string[] = []
  usage: Usage = {}
  #said = ''
  #open = false
  #done = false
  #error: Told['error']
  readonly #name: string
  readonly #read: (line: unknown) => Told
  readonly #onActivity: (activity: AgentActivity) => void

  constructor(name: string, read: (line: unknown) => Told, onActivity: (activity: AgentActivity) => void) {
    this.#name = name
    this.#read = read
    this.#onActivity = onActivity
  }

  get answer(): string | undefined {
    return this.#done && this.#error === undefined ? answerInText(this.#said) : undefined
  }

  line(text: string): void {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return
    }
    const told = this.#read(value)
    if (told.text !== undefined) this.#text(told.text)
    else if (told.tool !== undefined || told.denied !== undefined) this.#open = false
    if (told.tool !== undefined) {
      const { name, target } = told.tool
      const shown = target?.slice(0, SHOWN_CHARACTERS)
      this.#onActivity({ kind: 'tool', tool: name, ...(shown === undefined ? {} : { target: shown }) })
    }
    if (told.denied !== undefined) {
      this.denied.push(told.denied)
      this.#onActivity({ kind: 'text', text: `may not use ${told.denied} for that` })
    }
    if (told.usage !== undefined) {
      this.usage = told.usage
      this.#onActivity({ kind: 'usage', usage: this.usage })
    }
    // A program that tried again and went on has overcome its error.
    this.#error = told.error ?? (told.done === true || told.text !== undefined ? undefined : this.#error)
    this.#done = told.done ?? this.#done
  }

  judge({ outcome, tail }: ProcessEnd): AgentFailure | undefined {
    const failed = processFailure(outcome, this.#name)
    if (failed !== undefined && outcome.kind !== 'exit') return failed
    const error = this.#error ?? (failed === undefined ? undefined : errorIn(tail))
    if (error !== undefined) {
      const message = `${this.#name} did not complete: ${error.message.slice(0, SHOWN_CHARACTERS)}`
      const status = error.status ?? statusIn(error.message)
      if (status !== undefined) return { reason: apiFailure(status), message }
      return { reason: failed === undefined ? 'unavailable' : failed.reason, message }
    }
    if (failed !== undefined) {
      return { ...failed, message: `${failed.message}: ${tail.trim().slice(-SHOWN_CHARACTERS)}` }
    }
    if (!this.#done)
      return { reason: 'malformed', message: `${this.#name} ended without saying that it is done` }
    return this.#said.trim() === ''
      ? { reason: 'malformed', message: `${this.#name} ended without an answer` }
      : undefined
  }

  #text({ text, whole }: NonNullable<Told['text']>): void {
    this.#said = this.#open && !whole ? this.#said + text : text
    this.#open = !whole
    const shown = text.trim().slice(0, SHOWN_CHARACTERS)
    if (shown !== '' && whole) this.#onActivity({ kind: 'text', text: shown })
  }
}

const statusIn = (message: string): number | undefined => {
  const found = /\b(?:status|code|error)\W{0,12}([45]\d\d)\b/i.exec(message)?.[1]
  return found === undefined ? undefined : Number(found)
}

/** The status of an API in the end of what was printed, for programs that tell errors on stderr alone. */
function errorIn(tail: string): { message: string; status: number } | undefined {
  const status = statusIn(tail)
  return status === undefined ? undefined : { message: tail.trim().slice(-SHOWN_CHARACTERS), status }
}
