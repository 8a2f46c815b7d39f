/**
 * Reads objects and resolves names through one long `git cat-file --batch-command`, since a process for each of them would
 * cost milliseconds. It sees refs and objects that were written after it started.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { GIT_ENVIRONMENT } from './run-git.ts'

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag'
export interface ObjectInfo {
  sha: string
  type: ObjectType
  size: number
}
export interface GitObject extends ObjectInfo {
  content: Buffer
}

interface Question {
  wantsContent: boolean
  resolve: (answer: GitObject | undefined) => void
  reject: (error: Error) => void
}

const HEADER = /^([0-9a-f]{40}) (blob|tree|commit|tag) (\d+)$/

export class ObjectReader {
  readonly #dir: string
  #child: ChildProcessWithoutNullStreams | undefined
  #questions: Question[] = []
  #chunks: Buffer[] = []
  #bytes = 0
  /** Bytes that have to be there before parsing is worth a try. */
  #wanted = 1

  constructor(dir: string) {
    this.#dir = dir
  }

  /** `name` is anything that git can parse: a SHA, a ref, `main:docs/a.md`. */
  async info(name: string): Promise<ObjectInfo | undefined> {
    return this.#ask(name, false)
  }

  async read(name: string): Promise<GitObject | undefined> {
    return this.#ask(name, true)
  }

  close(): void {
    this.#child?.kill()
    this.#child = undefined
  }

  #ask(name: string, wantsContent: boolean): Promise<GitObject | undefined> {
    // One line is one question; a name of several lines is no name of anything.
    if (name === '' || /[\n\0]/.test(name)) return Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      const child = this.#start()
      this.#questions.push({ wantsContent, resolve, reject })
      child.stdin.write(`${wantsContent ? 'contents' : 'info'} ${name}\n`)
    })
  }

  #start(): ChildProcessWithoutNullStreams {
    if (this.#child) return this.#child
    const child = spawn('git', ['-C', this.#dir, 'cat-file', '--batch-command'], { env: GIT_ENVIRONMENT })
    child.stdout.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#bytes += chunk.length
      if (this.#bytes >= this.#wanted) this.#drain()
    })
    child.stdin.on('error', () => undefined)
    child.on('close', () => {
      if (this.#child === child) this.#child = undefined
      const left = this.#questions.splice(0)
      for (const question of left) question.reject(new Error('git cat-file ended before it answered'))
    })
    this.#child = child
    return child
  }

  #drain(): void {
    let buffer = Buffer.concat(this.#chunks)
    this.#wanted = 1
    for (let question = this.#questions[0]; question; question = this.#questions[0]) {
      const end = buffer.indexOf(10)
      if (end < 0) break
      const header = HEADER.exec(buffer.subarray(0, end).toString())
      if (!header) {
        question.resolve(undefined)
        buffer = buffer.subarray(end + 1)
        this.#questions.shift()
        continue
      }
      const size = Number(header[3])
      const length = question.wantsContent ? end + 1 + size + 1 : end + 1
      if (buffer.length < length) {
        this.#wanted = length
        break
      }
      const content = question.wantsContent
        ? Buffer.from(buffer.subarray(end + 1, end + 1 + size))
        : Buffer.alloc(0)
      question.resolve({ sha: header[1] ?? '', type: header[2] as ObjectType, size, content })
      buffer = buffer.subarray(length)
      this.#questions.shift()
    }
    this.#chunks = buffer.length > 0 ? [buffer] : []
    this.#bytes = buffer.length
  }
}
