/** One thing to come for each key, after a while: asked for again meanwhile, it stays the one that it is. */
export class Later {
  readonly #timers = new Map<string, NodeJS.Timeout>()

  get size(): number {
    return this.#timers.size
  }

  in(ms: number, key: string, then: () => void): void {
    if (this.#timers.has(key)) return
    const timer = setTimeout(() => {
      this.#timers.delete(key)
      then()
    }, ms)
    timer.unref()
    this.#timers.set(key, timer)
  }

  /** Somebody looks now. */
  cancel(key: string): void {
    clearTimeout(this.#timers.get(key))
    this.#timers.delete(key)
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }
}
