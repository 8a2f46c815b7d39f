import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readdirSync } from 'node:fs'
import { boundsOf } from '../../src/adapters/process/bounds.ts'
import { type ProcessEnd, runProcess } from '../../src/adapters/process/run-process.ts'
import { cageProblems } from '../../src/adapters/sandbox/problems.ts'
import { loadRuntime, type Runtime } from '../../src/adapters/sandbox/runtime.ts'
import { tempDir } from '../support/git.ts'
import { DONE, HEAVY } from './heavy.ts'
import { heavyWorld } from './heavy-world.ts'

const runtime = await loadRuntime(undefined)
const there = (await cageProblems(runtime, process.env)).length === 0
const caged = there ? describe : describe.skip

let world: ReturnType<typeof heavyWorld>
let held: ProcessEnd[]
let free: ProcessEnd[]
beforeAll(async () => {
  if (!there) return
  world = heavyWorld(runtime as Runtime)
  held = await Promise.all(HEAVY.map((one) => world.attempt(one, one.size, one.bounds)))
  free = await Promise.all(HEAVY.map((one) => world.attempt(one, one.size)))
}, 120_000)
afterAll(async () => await world?.close())

caged('a hostile agent that uses the machine up', () => {
  it.each(HEAVY.map((one, at) => ({ ...one, at })))('cannot $what', ({ at, ends }) => {
    const { outcome, tail, durationMs } = held[at] as ProcessEnd
    // A file that is as large as all may be is ended by the kernel, and then perhaps by us.
    if (ends === 'kernel') expect(tail).toMatch(/file size limit|File too large/i)
    else expect(outcome).toMatchObject({ kind: 'over-limit', limit: ends })
    if (ends === 'kernel') expect(tail).not.toContain(DONE)
    expect(durationMs).toBeLessThan(60_000)
  })

  it.each(HEAVY.map((one, at) => ({ ...one, at })))('could otherwise $what', ({ at }) => {
    const { outcome, tail } = free[at] as ProcessEnd
    expect(tail).toContain(DONE)
    expect(outcome).toEqual({ kind: 'exit', code: 0 })
  })
})

it('starts nothing where the disk has no room', async () => {
  const cwd = tempDir()
  const { outcome } = await runProcess({
    file: 'sh',
    args: ['-c', 'echo x > file'],
    ...{ cwd, env: { PATH: process.env['PATH'] ?? '' } },
    limits: { wallMs: 60_000 },
    signal: new AbortController().signal,
    bounds: { use: { ...boundsOf(), freeBytes: 1e15 }, dirs: [cwd] },
  })
  expect(outcome).toMatchObject({ kind: 'over-limit', limit: 'free' })
  expect(readdirSync(cwd)).toEqual([])
})
