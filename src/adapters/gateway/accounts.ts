/**
 * Money of runs while agents work side by side. What a call may cost at most is set aside before it starts, so that agents of one
 * run cannot pass its limit together. Amounts are US dollars.
 */
export class Accounts {
  readonly #runs = new Map<string, { settled: number; reserved: number }>()

  /** `left`: what its run may still spend as of now, without what open accounts have used so far. */
  open(run: string, left: number | undefined): Account {
    const money = this.#runs.get(run) ?? { settled: 0, reserved: 0 }
    this.#runs.set(run, money)
    return new Account(money, left === undefined ? Infinity : money.settled + left)
  }
}

export class Account {
  readonly #run: { settled: number; reserved: number }
  readonly #ceiling: number
  #spent = 0

  /** Use `Accounts.open`. `ceiling`: what all of the run may have spent when this account's calls are paid. */
  constructor(run: { settled: number; reserved: number }, ceiling: number) {
    this.#run = run
    this.#ceiling = ceiling
  }

  get spent(): number {
    return this.#spent
  }

  /** What could be set aside now. */
  get left(): number {
    return this.#ceiling - this.#run.settled - this.#run.reserved
  }

  /** Sets `amount` aside, or says no. What is given back is called once with what it really was. */
  reserve(amount: number): ((cost: number) => void) | undefined {
    if (amount > this.left) return undefined
    this.#run.reserved += amount
    let open = true
    return (cost) => {
      if (!open) return
      open = false
      this.#run.reserved -= amount
      this.#run.settled += cost
      this.#spent += cost
    }
  }
}
