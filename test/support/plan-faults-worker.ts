/** `planFaults` in a thread of its own, which can be ended where it does not end by itself. Bundled by `fuzz-thread.ts`. */
import { parentPort } from 'node:worker_threads'
import { type BytesOfPlan, planFaults } from './plan-faults.ts'

parentPort?.on('message', (plan: BytesOfPlan) => {
  planFaults(plan).then(
    (faults) => parentPort?.postMessage(faults),
    (error: unknown) =>
      parentPort?.postMessage([error instanceof Error ? `${error.stack}` : `thrown: ${error}`]),
  )
})
