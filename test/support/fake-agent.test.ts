import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCommandAgent } from '../../src/adapters/agents/command.ts'
import type { AgentOutcome, AgentRequest } from '../../src/core/ports.ts'
import { agentRequest } from './agent-request.ts'
import { answerWell, FakeAgentRig } from './fake-agent.ts'

let cwd: string
let rig: FakeAgentRig
beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'rig-'))
  rig = await FakeAgentRig.create()
})
afterEach(async () => {
  await rig.close()
  rmSync(cwd, { recursive: true, force: true })
})

const start = (more: Partial<AgentRequest> = {}): Promise<AgentOutcome> =>
  createCommandAgent(rig.command, { env: { PATH: process.env['PATH'] }, tmpDir: tmpdir(), cwd }).run(
    agentRequest(cwd, more),
    new AbortController().signal,
    () => {},
  )

it('gives each waiter the call that it waits for, whichever comes first', async () => {
  const running = [start({ step: 'review-code', unit: '' }), start({ unit: '1.2' })]
  const second = await rig.next({ unit: '1.2' })
  const review = await rig.next({ step: 'review-code' })
  expect([second.step, review.step]).toEqual(['implement', 'review-code'])
  await Promise.all([second.finish(), review.finish({ exit: 3 })])
  expect((await Promise.all(running)).map((outcome) => outcome.kind)).toEqual(['failed', 'completed'])
})

it('answers by a handler what no test waits for, also what came before', async () => {
  const first = start({ unit: 'data model' })
  await rig.next().then((call) => call.finish())
  rig.auto(answerWell)
  const outcomes = await Promise.all([
    first,
    start({ unit: 'data model' }),
    start({ step: 'fix-p2', unit: 'data model' }),
  ])
  expect(outcomes.map((outcome) => outcome.kind)).toEqual(['completed', 'completed', 'completed'])
  expect(readFileSync(join(cwd, 'data-model.txt'), 'utf8').split('\n').sort()).toEqual([
    '',
    'fix-p2 1',
    'implement 1',
  ])
  expect(rig.calls).toHaveLength(3)
})

it('writes and deletes files where the agent works', async () => {
  const running = start()
  const call = await rig.next()
  await call.write({ 'a/b.txt': 'b', 'c.txt': 'c' })
  expect(readFileSync(join(cwd, 'a/b.txt'), 'utf8')).toBe('b')
  await call.write({ a: null })
  expect(existsSync(join(cwd, 'a'))).toBe(false)
  await expect(call.append('no/such/dir.txt', 'x')).rejects.toThrow('ENOENT')
  await call.finish()
  await running
})

it('ends calls that are open when the test ends', async () => {
  const running = start()
  const call = await rig.next()
  await rig.close()
  await call.gone
  expect(await running).toMatchObject({ kind: 'failed', reason: 'crashed' })
})

it('tells a test what its handler threw', async () => {
  const broken = await FakeAgentRig.create()
  broken.auto(() => {
    throw new Error('wrong in the test')
  })
  const agent = createCommandAgent(broken.command, {
    env: { PATH: process.env['PATH'] },
    tmpDir: tmpdir(),
    cwd,
  })
  const outcome = await agent.run(agentRequest(cwd), new AbortController().signal, () => {})
  expect(outcome.kind).toBe('failed')
  await expect(broken.close()).rejects.toThrow('wrong in the test')
})
