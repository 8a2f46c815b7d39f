/** The thread where plans are read and reviewed: nothing but computing, so that the App answers meanwhile. */
import { parentPort } from 'node:worker_threads'
import { prepareHere } from '../adapters/github/prepare-snapshot.ts'
import type { Config } from '../core/model/config.ts'
import type { PlanAt, PlanFiles } from '../core/pipeline/gate/read-plan.ts'

export interface PlanJob {
  files: PlanFiles
  candidates: readonly string[]
  config: Config
  /** Milliseconds since the epoch: the App's clock, not the machine's. */
  now: number
}

/** Both sides are ours: no schema in between. A fault is a bug, told as it was thrown. */
export type PlanDone = { plan: PlanAt } | { fault: string }

async function run({ files, candidates, config, now }: PlanJob): Promise<PlanDone> {
  try {
    return { plan: await prepareHere({ now: () => now })(files, candidates, config) }
  } catch (error) {
    return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

const port = parentPort
port?.on('message', (job: PlanJob) => void run(job).then((done) => port.postMessage(done)))
