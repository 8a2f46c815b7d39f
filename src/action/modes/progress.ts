/** A job's phases at the pull request while they run, where no App looks after it. */

/**
 * Nobody reads faster, and requests are few (1,000 an hour for all jobs of a repository): what is over sooner costs none but
 * those of its end.
 */
const CALM_MS = 30_000

/** Shows what changed, so long after it did and one look at a time: in that while everything else that changed goes along. */
export class Progress {
  readonly #look: () => Promise<void>
  readonly #calmMs: number
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()

  constructor(look: () => Promise<void>, calmMs = CALM_MS) {
    this.#look = look
    this.#calmMs = calmMs
  }

  changed(): void {
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#looking = this.#looking.then(this.#look)
    }, this.#calmMs)
    this.#timer.unref()
  }

  /** Nothing more is shown from here, and nothing is under way: whoever looks now writes last. */
  async settle(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#looking
  }
}
