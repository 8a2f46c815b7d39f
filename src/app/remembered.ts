/**
 * The newest answers that follow from their keys, so that nobody works them out twice: bounded in number, size and age. What
 * was not asked for the longest is forgotten first.
 */
export interface RememberedOptions<T> {
  /** Entries. */
  max: number
  /** Of all entries together, in what `sizeOf` counts. */
  maxSize: number
  sizeOf(value: T): number
  /** An entry is forgotten so long after it was set. */
  maxAgeMs: number
  now(): number
}

export class Remembered<T> {
  readonly #options: RememberedOptions<T>
  /** In the order in which they were asked for. */
  readonly #entries = new Map<string, { value: T; size: number; until: number }>()
  #size = 0

  constructor(options: RememberedOptions<T>) {
    this.#options = options
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#forget(key)
    if (entry.until <= this.#options.now()) return undefined
    this.#keep(key, entry)
    return entry.value
  }

  set(key: string, value: T): void {
    const { max, maxSize, maxAgeMs, sizeOf, now } = this.#options
    this.#forget(key)
    const size = sizeOf(value)
    if (size > maxSize) return
    this.#keep(key, { value, size, until: now() + maxAgeMs })
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= max && this.#size <= maxSize) return
      this.#forget(oldest)
    }
  }

  #keep(key: string, entry: { value: T; size: number; until: number }): void {
    this.#entries.set(key, entry)
    this.#size += entry.size
  }

  #forget(key: string): void {
    this.#size -= this.#entries.get(key)?.size ?? 0
    this.#entries.delete(key)
  }
}
