const NEWLINE = 0x0a

/**
 * Cuts a byte stream into lines. A line longer than `maxBytes` is dropped as a whole and counted, so that a program
 * that never prints a newline cannot fill our memory.
 */
export class LineReader {
  /** Lines that were too long. */
  dropped = 0
  readonly #maxBytes: number
  readonly #onLine: (line: string) => void
  #parts: Buffer[] = []
  #bytes = 0
  #skipping = false

  constructor(maxBytes: number, onLine: (line: string) => void) {
    this.#maxBytes = maxBytes
    this.#onLine = onLine
  }

  write(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#add(chunk.subarray(start, end))
      this.end()
      start = end + 1
    }
    this.#add(chunk.subarray(start))
  }

  /** Gives the last line, which may lack its newline. */
  end(): void {
    if (!this.#skipping && this.#bytes > 0) this.#onLine(Buffer.concat(this.#parts).toString('utf8'))
    this.#clear()
    this.#skipping = false
  }

  #add(part: Buffer): void {
    if (this.#skipping || part.length === 0) return
    if (this.#bytes + part.length > this.#maxBytes) {
      this.dropped += 1
      this.#skipping = true
      this.#clear()
      return
    }
    this.#parts.push(part)
    this.#bytes += part.length
  }

  #clear(): void {
    this.#parts = []
    this.#bytes = 0
  }
}
