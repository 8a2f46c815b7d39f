/**
 * Money of runs while agents work side by side. What a call may cost at most is set aside before it starts, so that agents of one
 * run cannot pass its limit together. Amounts are US dollars.
 */
export class Accounts {
  readonly #purses = new Map<string, Purse>()

  /** `limits`: what each of these scopes may still spend as of now; what open accounts have spent so far is not in it. */
  open(limits: readonly { scope: string; left: number | undefined }[]): Account {
    return new Account(
      limits.map(({ scope, left }) => {
        const purse = this.#purses.get(scope) ?? { settled: 0, reserved: 0 }
        this.#purses.set(scope, purse)
        return { purse, ceiling: left === undefined ? Infinity : purse.settled + left }
      }),
    )
  }
}

interface Purse {
  settled: number
  reserved: number
}

export class Account {
  readonly #limits: readonly { purse: Purse; ceiling: number }[]
  #spent = 0

  /** Use `Accounts.open`. `ceiling`: what all of a scope may have spent when this account's calls are paid. */
  constructor(limits: readonly { purse: Purse; ceiling: number }[]) {
    this.#limits = limits
  }

  get spent(): number {
    return this.#spent
  }

  /** What could be set aside now. */
  get left(): number {
    return Math.min(...this.#limits.map(({ purse, ceiling }) => ceiling - purse.settled - purse.reserved))
  }

  /** Sets `amount` aside, or says no. What is given back is called once with what it really was. */
  reserve(amount: number): ((cost: number) => void) | undefined {
    if (amount > this.left) return undefined
    for (const { purse } of this.#limits) purse.reserved += amount
    let open = true
    return (cost) => {
      if (!open) return
      open = false
      this.#spent += cost
      for (const { purse } of this.#limits) {
        purse.reserved -= amount
        purse.settled += cost
      }
    }
  }
}
