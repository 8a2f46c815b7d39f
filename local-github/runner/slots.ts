/** As many jobs at once as the account allows; the others wait in the order that they came. */
export interface Slots {
  /** Waits for a place; undefined where `signal` was raised first. Calling the answer gives the place back. */
  take(signal: AbortSignal): Promise<(() => void) | undefined>
}

export function createSlots(count: number): Slots {
  let free = count
  const waiting: (() => void)[] = []

  function give(): () => void {
    let held = true
    return () => {
      if (!held) return
      held = false
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }

  return {
    take(signal) {
      if (signal.aborted) return Promise.resolve(undefined)
      if (free > 0) {
        free -= 1
        return Promise.resolve(give())
      }
      return new Promise((resolve) => {
        const go = () => {
          signal.removeEventListener('abort', leave)
          resolve(give())
        }
        const leave = () => {
          waiting.splice(waiting.indexOf(go), 1)
          resolve(undefined)
        }
        waiting.push(go)
        signal.addEventListener('abort', leave, { once: true })
      })
    },
  }
}
