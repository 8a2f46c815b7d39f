/** 128 + the signal's number, as shells say it. */
const EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

export interface Interrupt {
  signal: AbortSignal
  /** Asks the run to stop, as the first signal does. */
  stop(): void
  /** Gives the signals back. */
  dispose(): void
}

/**
 * The first Ctrl-C or SIGTERM asks the run to stop where it is: steps end, what is recorded stays, `resume` goes on.
 * The second ends the process at once.
 */
export function onInterrupt(say: (text: string) => void): Interrupt {
  const controller = new AbortController()
  const handlers = (Object.keys(EXIT) as (keyof typeof EXIT)[]).map((name) => {
    const handler = () => {
      if (controller.signal.aborted) process.exit(EXIT[name])
      say('Stopping: agents are ended, nothing recorded is lost. Once more to stop at once.')
      controller.abort()
    }
    process.on(name, handler)
    return { name, handler }
  })
  return {
    signal: controller.signal,
    stop: () => controller.abort(),
    dispose: () => {
      for (const { name, handler } of handlers) process.off(name, handler)
    },
  }
}
