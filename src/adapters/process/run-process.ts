import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once, setMaxListeners } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessOutcome } from '../../core/ports.ts'
import type { Bounds } from './bounds.ts'
import { changeAge } from './file-activity.ts'
import { findHolders } from './process-table.ts'
import { RingTail } from './ring-tail.ts'
import { endAll, signalProcess } from './sweep.ts'
import { errorCode, errorMessage } from './system-error.ts'
import { lookBefore, noRoomFor, watchBounds } from './watch-bounds.ts'
import { watchLimits, type ProcessLimits } from './watch-limits.ts'

/** Marks one process and everything it starts, so that ending one step never touches another of the same run. */
export const PROCESS_VARIABLE = 'ORCHESTRATE_PROCESS'

export interface ProcessSpec {
  file: string
  args: readonly string[]
  cwd: string
  /** The whole environment: nothing is inherited. */
  env: Readonly<Record<string, string>>
  /** Written to stdin, which is then closed. */
  input?: string
  limits: ProcessLimits
  /** What it may use of the machine, and the directories, absolute, where what it writes counts. Left out: nobody looks. */
  bounds?: { use: Bounds; dirs: readonly string[] }
  signal: AbortSignal
  /** How it is asked to end, one after the other, before SIGKILL. */
  endBy?: readonly { signal: NodeJS.Signals; waitMs: number }[]
  /** Called with every piece of output as it comes; nothing of it is kept but the tail. */
  onStdout?: (chunk: Buffer) => void
  onStderr?: (chunk: Buffer) => void
  /** Bytes of stdout and stderr together that are kept. */
  tailBytes?: number
}

export interface ProcessEnd {
  outcome: ProcessOutcome
  /** End of stdout and stderr, in the order they arrived. */
  tail: string
  durationMs: number
  /** Processes that it left behind and that were ended. */
  leftBehind: number
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

const TERM: NonNullable<ProcessSpec['endBy']> = [{ signal: 'SIGTERM', waitMs: 5_000 }]
/** One that fills the disk or the memory has no time to make itself ready. */
const AT_ONCE: NonNullable<ProcessSpec['endBy']> = [{ signal: 'SIGTERM', waitMs: 300 }]
/** After the process itself is gone: for output still in the pipe, and for children to go by themselves. */
const DRAIN_MS = 250
const LEFT_BEHIND_GRACE_MS = 1_000
const KILLED_MS = 5_000

/**
 * Runs a program in its own process group until it ends, is ended by a limit, or is cancelled. When this returns nothing
 * of it runs any more: the group is ended, then every process that carries its mark. Output is read as it comes and
 * never collected. Never throws for anything the program does.
 */
export async function runProcess(spec: ProcessSpec): Promise<ProcessEnd> {
  const start = performance.now()
  const tail = new RingTail(spec.tailBytes ?? 16 * 1024)
  const end = (outcome: ProcessOutcome, leftBehind = 0): ProcessEnd => {
    return { outcome, tail: tail.text(), durationMs: Math.round(performance.now() - start), leftBehind }
  }
  if (spec.signal.aborted) return end({ kind: 'cancelled' })

  const before = spec.bounds === undefined ? undefined : await lookBefore(spec.bounds.dirs)
  const noRoom =
    spec.bounds === undefined || before === undefined ? undefined : noRoomFor(before, spec.bounds.use)
  if (noRoom !== undefined) return end(noRoom)
  const mark = randomBytes(8).toString('hex')
  const started = await startChild(spec, mark)
  if ('outcome' in started) return end(started.outcome)
  const { child, pid } = started

  // One signal cancels all agents of a run: more than ten listeners are no leak.
  setMaxListeners(0, spec.signal)

  let lastOutput = start
  const reading = (stream: Readable, listener?: (chunk: Buffer) => void): void => {
    stream.on('data', (chunk: Buffer) => {
      lastOutput = performance.now()
      tail.write(chunk)
      listener?.(chunk)
    })
    // A pipe that breaks ends the output; how the process ended is told by its exit.
    stream.on('error', () => {})
  }
  reading(child.stdout, spec.onStdout)
  reading(child.stderr, spec.onStderr)
  const closed = once(child, 'close')
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  // A program may end without reading its input (EPIPE): no failure.
  child.stdin.on('error', () => {})
  child.stdin.end(spec.input ?? '')

  const watch = watchLimits(
    spec.limits,
    spec.signal,
    () => performance.now() - lastOutput,
    (enough) => changeAge(spec.cwd, Date.now(), enough),
  )
  if (spec.bounds !== undefined) endFirst(pid)
  const bounds =
    spec.bounds === undefined || before === undefined
      ? undefined
      : watchBounds(pid, spec.bounds.dirs, spec.bounds.use, before)
  const first = await Promise.race([exited, watch.stop, ...(bounds === undefined ? [] : [bounds.stop])])
  watch.dispose()
  bounds?.dispose()
  if (!Array.isArray(first))
    await endGroup(pid, exited, first.kind === 'over-limit' ? AT_ONCE : (spec.endBy ?? TERM))
  const outcome: ProcessOutcome = Array.isArray(first)
    ? ((await bounds?.wrote()) ?? exitOutcome(first))
    : first

  await within(closed, DRAIN_MS)
  // Its group first, since that also holds children without the mark (those that cleared their environment).
  signalProcess(-pid, Array.isArray(first) ? 'SIGTERM' : 'SIGKILL')
  const leftBehind = await endAll(() => findHolders(PROCESS_VARIABLE, mark), LEFT_BEHIND_GRACE_MS)
  signalProcess(-pid, 'SIGKILL')
  await within(closed, DRAIN_MS)
  // Whoever still holds the pipes (a process that cleared its environment and left the group) does not hold us.
  child.stdout.destroy()
  child.stderr.destroy()
  return end(outcome, leftBehind)
}

async function startChild(
  spec: ProcessSpec,
  mark: string,
): Promise<{ child: Child; pid: number } | { outcome: ProcessOutcome }> {
  try {
    const child = spawn(spec.file, spec.args, {
      cwd: spec.cwd,
      env: { ...spec.env, [PROCESS_VARIABLE]: mark },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    await once(child, 'spawn')
    return child.pid === undefined ? spawnFailed('it has no process id', false) : { child, pid: child.pid }
  } catch (error) {
    const missing = errorCode(error) === 'ENOENT'
    // Node gives the same error for a program and for a working directory that are not there.
    if (missing && !existsSync(spec.cwd)) return spawnFailed(`no such directory: ${spec.cwd}`, false)
    return spawnFailed(missing ? `no such program: ${spec.file}` : errorMessage(error), missing)
  }
}

/** Where memory runs out all the same, the kernel is to end this one and what it starts, not us. */
function endFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '500')
  } catch {
    // Gone again, or a system without it.
  }
}

const spawnFailed = (message: string, notFound: boolean): { outcome: ProcessOutcome } => ({
  outcome: { kind: 'spawn-failed', message, notFound },
})

function exitOutcome([code, signal]: [number | null, NodeJS.Signals | null]): ProcessOutcome {
  return signal === null ? { kind: 'exit', code: code ?? 0 } : { kind: 'signal', signal }
}

async function endGroup(
  pid: number,
  exited: Promise<unknown>,
  steps: NonNullable<ProcessSpec['endBy']>,
): Promise<void> {
  let gone = false
  void exited.then(() => (gone = true))
  for (const { signal, waitMs } of steps) {
    signalProcess(-pid, signal)
    await within(exited, waitMs)
    if (gone) return
  }
  signalProcess(-pid, 'SIGKILL')
  await within(exited, KILLED_MS)
}

/** Waits for `done`, at most so long. */
async function within(done: Promise<unknown>, ms: number): Promise<void> {
  const timer = new AbortController()
  await Promise.race([done, sleep(ms, undefined, { signal: timer.signal }).catch(() => {})])
  timer.abort()
}
