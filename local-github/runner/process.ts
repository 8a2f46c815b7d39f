/** Processes of a job: each a group of its own, all of them carrying the job's mark, none left at its end. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { findHolders } from '../../src/adapters/process/process-table.ts'
import { endAll, signalProcess } from '../../src/adapters/process/sweep.ts'

/** The variable that the real runner finds a job's leftovers by. */
const MARK = 'RUNNER_TRACKING_ID'
/** As the real runner: a step is asked to end, then told, then ended. */
export const GRACE_MS = { interrupt: 7_500, terminate: 2_500 }
/** How long output is waited for that a process left to its children. */
const DRAIN_MS = 1_000

export interface ProcessSpec {
  command: string
  args: readonly string[]
  cwd: string
  env: Readonly<Record<string, string>>
  onLine: (line: string) => void
  /** Asks the process to end. */
  stop: AbortSignal
}

export interface JobProcesses {
  /** Ends with the exit code; 128 and more after a signal; 127 where it could not be started. */
  run(spec: ProcessSpec): Promise<number>
  /** SIGKILL for every process of the job, now. */
  kill(): Promise<void>
  /** Ends what steps left running. */
  sweep(): Promise<void>
}

export function createJobProcesses(id: string, grace = GRACE_MS): JobProcesses {
  const running = new Set<number>()

  function run(spec: ProcessSpec): Promise<number> {
    return new Promise((resolve) => {
      const child = spawn(spec.command, [...spec.args], {
        cwd: spec.cwd,
        env: { ...spec.env, [MARK]: id },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      })
      const { pid } = child
      if (pid !== undefined) running.add(pid)
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on('line', spec.onLine)

      const timers: NodeJS.Timeout[] = []
      const stop = () => {
        if (pid === undefined) return
        signalProcess(-pid, 'SIGINT')
        timers.push(
          setTimeout(() => signalProcess(-pid, 'SIGTERM'), grace.interrupt),
          setTimeout(() => signalProcess(-pid, 'SIGKILL'), grace.interrupt + grace.terminate),
        )
      }
      if (spec.stop.aborted) stop()
      else spec.stop.addEventListener('abort', stop, { once: true })

      let ended = false
      const end = (code: number) => {
        if (ended) return
        ended = true
        for (const timer of timers) clearTimeout(timer)
        spec.stop.removeEventListener('abort', stop)
        if (pid !== undefined) running.delete(pid)
        resolve(code)
      }
      child.on('error', (error) => {
        spec.onLine(`##[error]${error.message}`)
        end(127)
      })
      child.on('exit', () => {
        // A process left in the background may hold the pipes open for ever.
        timers.push(
          setTimeout(() => {
            child.stdout.destroy()
            child.stderr.destroy()
          }, DRAIN_MS),
        )
      })
      child.on('close', (code, signal) =>
        end(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 137)),
      )
    })
  }

  const sweep = async () => {
    await endAll(() => findHolders(MARK, id), 0)
  }

  return {
    run,
    sweep,
    async kill() {
      // Descendants first: once their parents are gone, nothing says any more whose they were.
      const family = [...running].flatMap((pid) => [pid, ...descendants(pid)])
      for (const pid of running) signalProcess(-pid, 'SIGKILL')
      for (const pid of family) signalProcess(pid, 'SIGKILL')
      await sweep()
    },
  }
}

/** Children of a process, their children, and so on, whatever group or session they are in. Empty where there is no /proc. */
function descendants(of: number): number[] {
  const children = new Map<number, number[]>()
  for (const pid of processIds()) {
    const parent = parentOf(pid)
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const found: number[] = []
  const queue = [of]
  for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
    const own = children.get(pid) ?? []
    found.push(...own)
    queue.push(...own)
  }
  return found
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

function parentOf(pid: number): number | undefined {
  try {
    // The program's name stands in brackets and may hold anything; the parent is the second field after it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}
