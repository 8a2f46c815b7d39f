/** `concurrency`: in each group one holder at a time, and one waiting (or a hundred, with `queue: max`). */

export interface Claim {
  group: string
  cancelInProgress: boolean
  queue: 'single' | 'max'
}

export type Turn = { go: true; release: () => void } | { go: false }

interface Waiting {
  answer: (turn: Turn) => void
  cancel: () => void
}

interface Group {
  holder: { cancel: () => void } | undefined
  waiting: Waiting[]
}

/** GitHub's bound for `queue: max`. */
const MAX_QUEUE = 100

export interface ConcurrencyGroups {
  /**
   * Waits for its turn. `cancel` is called on the holder when somebody with `cancel-in-progress` wants the group. The answer is
   * `go: false` where a later one took the place in the queue, or `signal` was raised while it waited.
   */
  enter(scope: string, claim: Claim, cancel: () => void, signal: AbortSignal): Promise<Turn>
}

/** Groups are per repository (`scope`); their names do not tell capitals from small letters. */
export function createConcurrencyGroups(): ConcurrencyGroups {
  const groups = new Map<string, Group>()

  function hold(key: string, group: Group, cancel: () => void): Turn {
    const holder = { cancel }
    group.holder = holder
    return {
      go: true,
      release: () => {
        if (group.holder !== holder) return
        group.holder = undefined
        const next = group.waiting.shift()
        if (next) next.answer(hold(key, group, next.cancel))
        else groups.delete(key)
      },
    }
  }

  return {
    enter(scope, claim, cancel, signal) {
      const key = `${scope}\n${claim.group.toLowerCase()}`
      const group = groups.get(key) ?? { holder: undefined, waiting: [] }
      groups.set(key, group)
      if (signal.aborted) return Promise.resolve({ go: false })
      if (!group.holder) return Promise.resolve(hold(key, group, cancel))

      const room = claim.queue === 'max' ? MAX_QUEUE : 1
      while (group.waiting.length >= room) group.waiting.shift()?.answer({ go: false })
      const turn = new Promise<Turn>((resolve) => {
        const onAbort = () => {
          group.waiting = group.waiting.filter((other) => other !== mine)
          mine.answer({ go: false })
        }
        const mine: Waiting = {
          cancel,
          answer: (answer) => {
            signal.removeEventListener('abort', onAbort)
            resolve(answer)
          },
        }
        signal.addEventListener('abort', onAbort, { once: true })
        group.waiting.push(mine)
      })
      if (claim.cancelInProgress) group.holder.cancel()
      return turn
    },
  }
}
