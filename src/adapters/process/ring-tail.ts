/** Keeps the last `limit` bytes of a stream in one fixed buffer, however much is written. */
export class RingTail {
  readonly #limit: number
  #buffer: Buffer | undefined
  #next = 0
  #full = false

  constructor(limit: number) {
    this.#limit = limit
  }

  write(chunk: Buffer): void {
    // Allocated late: most processes that are started print nothing.
    this.#buffer ??= Buffer.allocUnsafe(this.#limit)
    const kept = chunk.length > this.#limit ? chunk.subarray(chunk.length - this.#limit) : chunk
    const first = kept.subarray(0, this.#limit - this.#next)
    first.copy(this.#buffer, this.#next)
    kept.copy(this.#buffer, 0, first.length)
    this.#full ||= this.#next + kept.length >= this.#limit
    this.#next = (this.#next + kept.length) % this.#limit
  }

  /** What is kept as text; a character that was cut at the front is left out. */
  text(): string {
    if (this.#buffer === undefined) return ''
    if (!this.#full) return this.#buffer.toString('utf8', 0, this.#next)
    const bytes = Buffer.concat([this.#buffer.subarray(this.#next), this.#buffer.subarray(0, this.#next)])
    let start = 0
    while (start < 4 && isContinuation(bytes[start])) start += 1
    return bytes.toString('utf8', start)
  }
}

/** UTF-8: bytes 10xxxxxx never begin a character. */
const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80
