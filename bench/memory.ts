import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { atMost, type Bench } from './support/bench.ts'

const AGENTS = 20
const MEGABYTES = 50

interface Result {
  failed: string[]
  peakMegabytes: number
  seconds: number
}

export const memory: Bench = {
  name: 'memory',
  about: `${AGENTS} agents at once that print ${MEGABYTES} MB each`,
  async run() {
    const child = fileURLToPath(new URL('memory-child.mjs', import.meta.url))
    const ran = spawnSync(process.execPath, [child, `${AGENTS}`, `${MEGABYTES}`], { encoding: 'utf8' })
    if (ran.status !== 0) throw new Error(`the child failed: ${ran.stderr}`)
    // Printed by our own child.
    const { failed, peakMegabytes, seconds } = JSON.parse(ran.stdout) as Result
    if (failed.length > 0) throw new Error(`agents failed: ${failed.join('; ')}`)
    const rate = (AGENTS * MEGABYTES) / seconds
    return [
      atMost(
        `${AGENTS} agents × ${MEGABYTES} MB at once, our peak memory in MB`,
        200,
        peakMegabytes,
        `  (${Math.round(rate)} MB/s read)`,
      ),
    ]
  },
}
