/** Work for one receiver: started in the order it came, no more than `limit` at a time. */
export class Queue {
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
  #running = 0
  /** Resolves whoever waits for an empty queue. */
  #idle: (() => void)[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  get busy(): boolean {
    return this.#running > 0
  }

  /** Resolves when this piece is done. */
  add(work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        work()
          .then(resolve, reject)
          .finally(() => {
            this.#running -= 1
            this.#next()
          })
      })
      this.#next()
    })
  }

  async empty(): Promise<void> {
    if (this.busy) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #next(): void {
    while (this.#running < this.#limit) {
      const start = this.#waiting.shift()
      if (!start) break
      this.#running += 1
      start()
    }
    if (this.#running > 0) return
    const waiting = this.#idle.splice(0)
    for (const resolve of waiting) resolve()
  }
}
