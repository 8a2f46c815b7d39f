import { buildSync } from 'esbuild'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { BytesOfPlan } from './plan-faults.ts'

/** A plan is small: it is read, reviewed, mended and written in a second even where others use the machine. In milliseconds. */
const DEADLINE = 30_000

/** Looks at plans in a thread of its own, so that one that never ends is a fault like others. */
export class FuzzThread {
  readonly #code: string
  #worker: Worker | undefined

  private constructor(code: string) {
    this.#code = code
  }

  static open(): FuzzThread {
    const bundle = buildSync({
      entryPoints: [fileURLToPath(new URL('./plan-faults-worker.ts', import.meta.url))],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      mainFields: ['module', 'main'],
      logLevel: 'error',
    })
    return new FuzzThread(bundle.outputFiles[0]?.text ?? '')
  }

  /** Everything that is wrong with a plan. Kept up for more than the deadline, the thread is ended and a new one begun. */
  async faultsOf(plan: BytesOfPlan): Promise<string[]> {
    const worker = (this.#worker ??= new Worker(this.#code, { eval: true }))
    const answer = await new Promise<string[] | undefined>((done) => {
      const finish = (faults: string[] | undefined): void => {
        clearTimeout(timer)
        worker.off('message', finish).off('error', broke)
        done(faults)
      }
      const broke = (error: Error): void => {
        this.#worker = undefined
        finish([`the thread broke: ${error.message}`])
      }
      const timer = setTimeout(() => finish(undefined), DEADLINE)
      worker.once('message', finish).once('error', broke)
      worker.postMessage(plan)
    })
    if (answer !== undefined) return answer
    await this.close()
    return [`not done after ${DEADLINE / 1000} s`]
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }
}
