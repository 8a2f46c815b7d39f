import { createLogUpdate } from 'log-update'
import type { ProgressEvent } from '../../core/model/progress-event.ts'
import type { Clock, Reporter } from '../../core/ports.ts'
import { frame } from '../../core/report/frame.ts'
import { line } from '../../core/report/line.ts'
import { EMPTY, fold } from '../../core/report/live-state.ts'

/** Ten frames a second look alive and cost nothing. */
const FRAME_MS = 100

export interface LiveReporter extends Reporter {
  /** Takes the view away while something else (a question) has the screen; the next event brings it back. */
  pause(): void
  /** Draws the last frame, leaves it on the screen and gives the cursor back. */
  close(): void
}

/**
 * A view that is redrawn in place while phases run. What is worth keeping (warnings, a phase that stopped) is written
 * above it and scrolls away as text. log-update hides the cursor and gives it back on any exit.
 */
export function liveReporter(
  stderr: NodeJS.WriteStream,
  { clock, color }: { clock: Clock; color: boolean },
): LiveReporter {
  const update = createLogUpdate(stderr)
  let state = EMPTY
  let timer: NodeJS.Timeout | undefined
  let height = 0

  const draw = () => {
    const text = frame(state, clock.now(), { columns: stderr.columns ?? 80, rows: stderr.rows ?? 24, color })
    const now = text.split('\n').length
    // log-update 7 redraws only what differs, and misplaces the lines below when frames differ in height.
    if (now !== height) update.clear()
    height = now
    update(text)
  }
  const erase = () => {
    update.clear()
    height = 0
  }
  const stop = () => {
    clearInterval(timer)
    timer = undefined
  }

  return {
    emit(event) {
      state = fold(state, event)
      const kept = worthKeeping(event) ? line(event) : undefined
      if (kept !== undefined) {
        erase()
        stderr.write(`${kept}\n`)
      }
      if (event.type === 'run-ended') return
      timer ??= setInterval(draw, FRAME_MS).unref()
      if (kept !== undefined) draw()
    },
    pause() {
      stop()
      erase()
      update.done()
    },
    close() {
      if (timer === undefined) return
      // Without a phase there was nothing to watch, so nothing stays.
      if (state.phases.length === 0) erase()
      else draw()
      stop()
      height = 0
      update.done()
    },
  }
}

const worthKeeping = (event: ProgressEvent): boolean =>
  event.type === 'warning' ||
  event.type === 'note' ||
  event.type === 'execution-plan' ||
  event.type === 'phase-stopped' ||
  (event.type === 'check-finished' && event.outcome !== 'green')
