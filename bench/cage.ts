import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runProcess, type ProcessSpec } from '../src/adapters/process/run-process.ts'
import { openCage } from '../src/adapters/sandbox/open-cage.ts'
import { loadRuntime } from '../src/adapters/sandbox/runtime.ts'
import { atMost, type Bench, type BenchOptions, type Row, told } from './support/bench.ts'
import { median, ms } from './support/measure.ts'
import { inTemp } from './support/place.ts'

const ROUNDS = 15

/** What it costs to start a process in a cage: the same process with and without, in turns. */
export const cage: Bench = {
  name: 'cage',
  about: 'a process started in a cage against one without',
  run: (options) => inTemp((dir) => measure(dir, options)),
}

async function measure(dir: string, { say }: BenchOptions): Promise<Row[]> {
  const runtime = await loadRuntime(undefined)
  if (runtime === undefined) throw new Error('The sandbox runtime is not installed: npm ci.')
  const [home, work] = [join(dir, 'home'), join(dir, 'work')]
  for (const made of [home, work]) mkdirSync(made)
  const spec: ProcessSpec = {
    file: 'true',
    args: [],
    cwd: work,
    env: { PATH: process.env['PATH'] ?? '', HOME: home },
    limits: { wallMs: 60_000 },
    signal: new AbortController().signal,
  }
  const taken = async (work: () => Promise<void>): Promise<number> => {
    const start = performance.now()
    await work()
    return performance.now() - start
  }
  const held = openCage({ runtime, env: { HOME: home }, hide: [] })
  const caged = async (): Promise<void> => {
    const { spec: inside, end } = await held.wrap(spec, { write: [work], reach: { hosts: [], loopback: [] } })
    const { outcome, tail } = await runProcess(inside)
    await end()
    if (outcome.kind !== 'exit' || outcome.code !== 0) throw new Error(`No cage can be made here: ${tail}`)
  }
  try {
    const first = await taken(caged)
    say(`${ROUNDS} rounds`)
    const [with_, without]: [number[], number[]] = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      with_.push(await taken(caged))
      without.push(await taken(async () => void (await runProcess(spec))))
    }
    const [inside, outside] = [median(with_), median(without)]
    return [
      atMost(
        'a start in a cage, more than one without, in ms',
        150,
        inside - outside,
        `  (${ms(inside)} − ${ms(outside)})`,
      ),
      told('the first start of a job, with the proxy that all share, in ms', ms(first)),
    ]
  } finally {
    await held.close()
  }
}
