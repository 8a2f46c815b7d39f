import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { Socket } from 'node:net'
import { asGitError, failedCommand, GitError } from './git-error.ts'
import { QUIET } from './git.ts'

/** One reply at the start of `buffer`; `need` is how many bytes it takes at least, where that is known. */
export type Parse<T> = (buffer: Buffer) => { value: T; used: number } | { need: number }

interface Waiting {
  /** Takes its reply off the buffer, or tells how many bytes it needs. */
  take(buffer: Buffer): { used: number } | { need: number }
  reject(error: GitError): void
}

/** A reply of one line. */
export const line: Parse<string> = (buffer) => {
  const end = buffer.indexOf(10)
  return end < 0 ? { need: 0 } : { value: buffer.toString('latin1', 0, end), used: end + 1 }
}

/**
 * A git process that stays and answers requests in their order (`git cat-file --batch-command` and the like). Starts with
 * the first request, starts anew after it died, does not keep node alive while nothing is asked, and ends by itself
 * when we are gone because its stdin ends then.
 */
export class Coprocess {
  readonly #args: readonly string[]
  readonly #cwd: string
  readonly #env: Readonly<Record<string, string>>
  #child: ChildProcessWithoutNullStreams | undefined
  #ended: Promise<void> = Promise.resolve()
  #waiting: Waiting[] = []
  #chunks: Buffer[] = []
  #bytes = 0
  #need = 0

  constructor(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
    this.#args = args
    this.#cwd = cwd
    this.#env = env
  }

  request<T>(input: string | Buffer, parse: Parse<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const child = this.#start()
      this.#waiting.push({
        take: (buffer) => {
          const reply = parse(buffer)
          if ('value' in reply) resolve(reply.value)
          return reply
        },
        reject,
      })
      if (this.#waiting.length === 1) hold(child, true)
      child.stdin.write(input)
    })
  }

  /** Ends the process; a later request would start it again. */
  async close(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    hold(child, true)
    child.stdin.end()
    await this.#ended
  }

  #start(): ChildProcessWithoutNullStreams {
    if (this.#child !== undefined) return this.#child
    const name = this.#args.join(' ')
    const child = spawn('git', [...QUIET, ...this.#args], {
      cwd: this.#cwd,
      env: this.#env,
      stdio: 'pipe',
      detached: true,
      windowsHide: true,
    })
    this.#child = child
    let stderr = ''
    const fail = (error: GitError) => {
      if (this.#child !== child) return
      this.#child = undefined
      this.#chunks = []
      this.#bytes = 0
      this.#need = 0
      for (const waiting of this.#waiting.splice(0)) waiting.reject(error)
    }
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.#child === child) this.#receive(child, chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-16_000)
    })
    // The process's end tells more than the broken pipe.
    child.stdin.on('error', () => {})
    this.#ended = new Promise((done) => {
      child.on('error', (error: NodeJS.ErrnoException) => {
        fail(
          error.code === 'ENOENT' ? new GitError('not-found', name, error.message) : asGitError(error, name),
        )
        done()
      })
      child.on('close', () => {
        fail(failedCommand(name, stderr, this.#cwd))
        done()
      })
    })
    hold(child, false)
    return child
  }

  #receive(child: ChildProcessWithoutNullStreams, chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    while (this.#bytes > 0 && this.#bytes >= this.#need) {
      const next = this.#waiting[0]
      if (next === undefined) break
      const buffer = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#bytes)
      const reply = next.take(buffer)
      if ('need' in reply) {
        this.#chunks = [buffer]
        this.#need = Math.max(reply.need, this.#bytes + 1)
        return
      }
      this.#waiting.shift()
      const rest = buffer.subarray(reply.used)
      this.#chunks = rest.length === 0 ? [] : [rest]
      this.#bytes = rest.length
      this.#need = 0
    }
    if (this.#waiting.length === 0) hold(child, false)
  }
}

/** Whether the process and its pipes keep node's event loop alive. */
function hold(child: ChildProcessWithoutNullStreams, yes: boolean): void {
  for (const each of [child, child.stdin, child.stdout, child.stderr]) {
    if (!(each instanceof Socket) && each !== child) continue
    const counted = each as { ref(): void; unref(): void }
    if (yes) counted.ref()
    else counted.unref()
  }
}
