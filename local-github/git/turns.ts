/** Lets one piece of work run at a time, in the order they came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work)
    // A failure is its caller's; whoever comes next starts all the same.
    this.#last = mine.catch(() => undefined)
    return mine
  }
}
