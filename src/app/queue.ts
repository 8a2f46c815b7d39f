/**
 * Work in order per key (a pull request), several keys at a time. What waits under the same key and name is one piece of
 * work: a burst of webhooks for a pull request becomes one look at it.
 */
export interface Task {
  /** What must not happen twice at once: `owner/repo#12`. */
  key: string
  /** Two waiting tasks of a key with one name are the same. */
  name: string
  run(): Promise<void>
}

export interface QueueOptions {
  /** Keys worked on at a time. */
  atOnce: number
  /** A task threw: a fault of ours. The others go on. */
  onError: (error: unknown, task: Task) => void
}

export class Queue {
  readonly #options: QueueOptions
  readonly #waiting = new Map<string, Task[]>()
  readonly #running = new Set<string>()
  #idle: (() => void)[] = []

  constructor(options: QueueOptions) {
    this.#options = options
  }

  /** Pieces of work that wait or are under way. */
  get size(): number {
    let size = this.#running.size
    for (const tasks of this.#waiting.values()) size += tasks.length
    return size
  }

  /** False where the same work waits already. What runs does not count: it may have looked before this came. */
  add(task: Task): boolean {
    const tasks = this.#waiting.get(task.key) ?? []
    if (tasks.some(({ name }) => name === task.name)) return false
    this.#waiting.set(task.key, [...tasks, task])
    this.#start()
    return true
  }

  /** Resolves when nothing waits and nothing runs. */
  async idle(): Promise<void> {
    if (this.size === 0) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #start(): void {
    for (const [key, [task, ...rest]] of this.#waiting) {
      if (this.#running.size >= this.#options.atOnce) return
      if (task === undefined || this.#running.has(key)) continue
      if (rest.length === 0) this.#waiting.delete(key)
      else this.#waiting.set(key, rest)
      this.#running.add(key)
      void this.#run(task)
    }
  }

  async #run(task: Task): Promise<void> {
    try {
      await task.run()
    } catch (error) {
      this.#options.onError(error, task)
    } finally {
      this.#running.delete(task.key)
      this.#start()
      if (this.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
    }
  }
}
