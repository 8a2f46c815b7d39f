import { afterAll, describe, expect, it } from '@jest/globals'
import { specPlan } from '../../bench/support/plan.ts'
import { PlanWorker } from '../../src/app/plan-worker.ts'
import { prepareHere } from '../../src/adapters/github/prepare-snapshot.ts'
import { merge } from '../../src/core/config/merge.ts'
import type { FileSnapshot } from '../../src/core/forge.ts'
import type { PlanFiles } from '../../src/core/pipeline/gate/read-plan.ts'

const clock = { now: () => Date.parse('2026-01-05T12:00:00Z') }
const config = merge({}, {})
const snapshot = (files: Readonly<Record<string, string>>): FileSnapshot => ({
  files: new Map(
    Object.entries(files).map(([path, text]) => [path, { text, invalidUtf8: false, bytes: text.length }]),
  ),
  skipped: [],
})
const names = Array.from({ length: 40 }, (_, i) => `part-${i}`)
const large: PlanFiles = {
  ...snapshot(specPlan(names)),
  project: snapshot({ 'package.json': '{"scripts":{"test":"true"}}', 'CLAUDE.md': '# House rules\n' }),
}

/** A thread that does as the directory says. */
const obedient = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads'
    parentPort.on('message', ({ candidates: [dir] }) => {
      if (dir === 'never') for (;;);
      if (dir === 'exit') process.exit(3)
      parentPort.postMessage(dir === 'bug' ? { fault: 'a bug' } : { plan: { dirs: [], skipped: [] } })
    })`)}`,
)

describe('plans in a thread of their own', () => {
  const open: PlanWorker[] = []
  const worker = (file: URL, maxMs?: number): { worker: PlanWorker; lost: string[] } => {
    const lost: string[] = []
    const made = new PlanWorker({
      ...{ file, clock, onLost: (why: string) => void lost.push(why) },
      ...(maxMs === undefined ? {} : { maxMs }),
    })
    open.push(made)
    return { worker: made, lost }
  }
  afterAll(async () => void (await Promise.all(open.map((one) => one.close()))))

  it('makes of a plan what this thread makes of it, while this thread does other things', async () => {
    const { worker: thread } = worker(new URL('../../build/plan-thread.js', import.meta.url))
    let turns = 0
    let done = false
    const turn = (): void => {
      turns += 1
      if (!done) setImmediate(turn)
    }
    setImmediate(turn)
    const there = await thread.prepare(large, ['plan'], config)
    done = true
    expect(turns).toBeGreaterThan(10)
    expect(there).toEqual(await prepareHere(clock)(large, ['plan'], config))
    if (there.prepared?.ok !== true) throw new Error('the plan was refused')
    expect(there.prepared.value.plan.phases.flatMap(({ specs }) => specs)).toHaveLength(40)
  })

  it('gives up a plan that takes too long, says so, and goes on with the next', async () => {
    const { worker: thread, lost } = worker(obedient, 1_000)
    const [never, next] = await Promise.all([
      thread.prepare(large, ['never'], config),
      thread.prepare(large, ['plan'], config),
    ])
    const message = expect.stringContaining('took longer than 1 s')
    expect(never).toMatchObject({
      dirs: ['never'],
      prepared: { ok: false, error: [{ reason: 'not-a-plan', message }] },
    })
    expect(next).toEqual({ dirs: [], skipped: [] })
    expect(lost).toEqual(['took longer than 1 s'])
  })

  it('goes on after its thread ended, and tells a fault as one', async () => {
    const { worker: thread, lost } = worker(obedient)
    const ended = await thread.prepare(large, ['exit'], config)
    expect(ended).toMatchObject({
      prepared: { error: [{ message: expect.stringContaining('ended its thread (3)') }] },
    })
    expect(lost).toHaveLength(1)
    await expect(thread.prepare(large, ['bug'], config)).rejects.toThrow('a bug')
    expect(await thread.prepare(large, ['plan'], config)).toEqual({ dirs: [], skipped: [] })
    expect(lost).toHaveLength(1)
  })
})
