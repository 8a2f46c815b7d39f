import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readdirSync } from 'node:fs'
import { createCommandAgent } from '../../src/adapters/agents/command.ts'
import { boundsOf } from '../../src/adapters/process/bounds.ts'
import { createCommandRunner } from '../../src/adapters/process/command-runner.ts'
import { type ProcessEnd, runProcess } from '../../src/adapters/process/run-process.ts'
import { cageDoor } from '../../src/adapters/sandbox/door.ts'
import { cageProblems } from '../../src/adapters/sandbox/problems.ts'
import { loadRuntime, type Runtime } from '../../src/adapters/sandbox/runtime.ts'
import { agentRequest } from '../support/agent-request.ts'
import { tempDir, testEnv } from '../support/git.ts'
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

describe('a step that goes past a limit', () => {
  const use = { ...boundsOf(), diskBytes: 1_000_000 }
  const signal = new AbortController().signal

  it('fails as over-limit where it is an agent, and says which setting that is', async () => {
    const [cwd, tmpDir] = [tempDir(), tempDir()]
    const around = { env: testEnv(), tmpDir, bounds: use }
    const command = 'head -c 3000000 /dev/zero > large; sleep 60'
    const agent = createCommandAgent(command, { ...around, cwd })
    const outcome = await agent.run(agentRequest(cwd), signal, () => undefined)
    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: 'over-limit',
      message: expect.stringContaining('limits.disk_mb: 1 MB'),
    })
  })

  it('ends so where it is a build', async () => {
    const cwd = tempDir()
    const door = cageDoor({ mode: 'off', env: {}, hide: [] })
    const runner = createCommandRunner(testEnv(), {
      ...{ door, home: cwd, hosts: [], uncaged: [], bounds: use },
    })
    const { outcome } = await runner.run('head -c 3000000 /dev/zero > large; sleep 60', {
      cwd,
      wallMs: 60_000,
      signal,
    })
    expect(outcome).toMatchObject({ kind: 'over-limit', limit: 'disk' })
    const small = await runner.run('head -c 100000 /dev/zero > small', { cwd, wallMs: 60_000, signal })
    expect(small.outcome).toEqual({ kind: 'exit', code: 0 })
  })
})
