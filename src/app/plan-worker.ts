import { Worker } from 'node:worker_threads'
import { failure } from '../core/model/failure.ts'
import { err } from '../core/model/result.ts'
import type { GateContext } from '../core/pipeline/gate/context.ts'
import type { PlanAt } from '../core/pipeline/gate/read-plan.ts'
import type { Clock } from '../core/ports.ts'
import type { PlanDone, PlanJob } from './plan-thread.ts'

/** The largest plan we know takes a fifth of a second. A plan is anybody's text: one that never ends must not stop the others. */
const MAX_MS = 30_000
/** Megabytes of its heap: a plan that needs more ends its thread and not the App. */
const MAX_HEAP = 1_024

export interface PlanWorkerOptions {
  /** The compiled `plan-thread.ts`. */
  file: URL
  clock: Clock
  /** The thread was ended or ended itself, and why. The next plan gets another one. */
  onLost?: (why: string) => void
  /** Milliseconds for one plan. */
  maxMs?: number
}

interface Waiting {
  job: PlanJob
  resolve(plan: PlanAt): void
  reject(fault: Error): void
}

/** One thread that prepares plans, one after the other. It is started with the first plan. */
export class PlanWorker {
  readonly #options: PlanWorkerOptions
  readonly #waiting: Waiting[] = []
  #worker: Worker | undefined
  #current: Waiting | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: PlanWorkerOptions) {
    this.#options = options
  }

  readonly prepare: GateContext['prepare'] = (files, candidates, config) =>
    new Promise((resolve, reject) => {
      const job = { files, candidates, config, now: this.#options.clock.now() }
      this.#waiting.push({ job, resolve, reject })
      this.#next()
    })

  /** Ends the thread. Nothing may wait for it any more. */
  async close(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  #next(): void {
    if (this.#current !== undefined) return
    const next = this.#waiting.shift()
    if (next === undefined) return
    this.#current = next
    const { maxMs = MAX_MS } = this.#options
    const count = (): void => {
      if (this.#current !== next) return
      this.#timer = setTimeout(() => this.#lost(`took longer than ${maxMs / 1_000} s`), maxMs)
    }
    if (this.#worker === undefined) {
      this.#worker = this.#started()
      // Starting a thread is not the plan's fault, however long it takes on a busy machine.
      this.#worker.once('online', count)
    } else count()
    this.#worker.postMessage(next.job)
  }

  #started(): Worker {
    const worker = new Worker(this.#options.file, { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP } })
    const lost = (why: string): void => {
      if (this.#worker === worker) this.#lost(why)
    }
    worker.on('message', (done: PlanDone) => {
      if (this.#worker === worker) this.#done(done)
    })
    worker.on('error', (error: Error) => lost(`ended its thread (${error.message})`))
    worker.on('exit', (code) => lost(`ended its thread (${code})`))
    return worker
  }

  #done(done: PlanDone): void {
    const current = this.#take()
    if ('plan' in done) current?.resolve(done.plan)
    else current?.reject(new Error(`A plan could not be prepared: ${done.fault}`))
    this.#next()
  }

  /** People hear of it at the gate: pushing another plan is the way out. */
  #lost(why: string): void {
    const current = this.#take()
    const worker = this.#worker
    this.#worker = undefined
    void worker?.terminate()
    this.#options.onLost?.(why)
    if (current !== undefined) {
      const given = failure(
        'not-a-plan',
        `Reading the plan ${why}, so it was given up.`,
        'Split its files into smaller ones and push again. If it is of ordinary size, please report it with the plan.',
      )
      current.resolve({
        dirs: current.job.candidates.slice(0, 1),
        skipped: current.job.files.skipped,
        prepared: err([given]),
      })
    }
    this.#next()
  }

  #take(): Waiting | undefined {
    clearTimeout(this.#timer)
    const current = this.#current
    this.#current = undefined
    return current
  }
}
