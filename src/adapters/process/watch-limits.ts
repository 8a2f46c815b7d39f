import type { ProcessOutcome } from '../../core/ports.ts'

export interface ProcessLimits {
  wallMs: number
  /** Added to `wallMs` once, where there was activity in the last `activeMs`. */
  extraMs?: number
  /** Without activity for so long the process is ended. Undefined: no such limit. */
  idleMs?: number
  /** What counts as "active lately" for the extension: 60 s, as the step timeout's rule says. */
  activeMs?: number
}

export type Stop = Extract<ProcessOutcome, { kind: 'timeout' | 'idle' | 'cancelled' }>

/**
 * Resolves with the reason to end a process, as soon as there is one. `quietMs` says how long ago it last printed
 * something; before a limit is enforced `elsewhereMs` is asked too, since many agents work silently on files.
 */
export function watchLimits(
  limits: ProcessLimits,
  signal: AbortSignal,
  quietMs: () => number,
  elsewhereMs: (enough: number) => Promise<number>,
): { stop: Promise<Stop>; dispose: () => void } {
  const { wallMs, extraMs = 0, idleMs = Infinity, activeMs = 60_000 } = limits
  const start = performance.now()
  let deadline = wallMs
  let extended = extraMs === 0
  let timer: NodeJS.Timeout | undefined
  let disposed = false
  let onAbort = (): void => {}

  const stop = new Promise<Stop>((resolve) => {
    onAbort = () => resolve({ kind: 'cancelled' })
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })

    /** `active` is when, counted from the start, something was last seen to happen. */
    const look = async (active: number): Promise<void> => {
      const now = performance.now() - start
      active = Math.max(active, now - quietMs())
      const overdue = now >= deadline
      if (overdue && extended) return resolve({ kind: 'timeout', afterMs: Math.round(now) })
      if (overdue || now - active >= idleMs) {
        const enough = overdue ? activeMs : idleMs
        if (now - active >= enough) active = Math.max(active, now - (await elsewhereMs(enough)), 0)
        if (overdue) {
          if (now - active >= activeMs) return resolve({ kind: 'timeout', afterMs: Math.round(now) })
          extended = true
          deadline += extraMs
        } else if (now - active >= idleMs) return resolve({ kind: 'idle', afterMs: Math.round(now - active) })
      }
      if (disposed) return
      const next = Math.min(deadline, active + idleMs) - (performance.now() - start)
      // setTimeout fires at once for a delay above 2^31 ms.
      timer = setTimeout(() => void look(active), Math.min(Math.max(next, 1), 2 ** 31 - 1))
    }
    void look(0)
  })

  return {
    stop,
    dispose: () => {
      disposed = true
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    },
  }
}
