import { hostname } from 'node:os'
import { expect, test } from '@jest/globals'
import { landRun, runStatus } from '../../src/core/pipeline.ts'
import { taskPlan } from '../support/plans.ts'
import { runRig } from '../support/run-rig.ts'

test('status says which process works on the run, and that none does after it died', async () => {
  const rig = await runRig({ plan: { 'task_plan.md': taskPlan([{ id: '1' }]) } })
  rig.agent.auto(undefined)
  const running = rig.run()
  const call = await rig.agent.next({ step: 'implement' })
  expect((await rig.view()).process).toEqual({ pid: process.pid, host: hostname() })
  rig.abort.abort()
  await running
  await call.gone
  const view = await rig.view()
  expect(view.process).toBeNull()
  expect(view.phases[0]?.state).toBe('running')
})

test('status without a name takes the newest of several ended runs and names the others; nothing else does', async () => {
  const rig = await runRig({ plan: { 'task_plan.md': taskPlan([{ id: '1' }]) } })
  await rig.run()
  const first = (await rig.view()).run
  rig.repo.commit({
    'plan/task_plan.md': taskPlan([{ id: '1', tasks: ['Write more in `more.txt`', 'And `most.txt`'] }]),
  })
  await rig.run()
  const ports = await rig.ports()
  const newest = await runStatus(undefined, ports, { newest: true })
  expect(newest.ok && newest.value.run).not.toBe(first)
  expect(newest.ok && newest.value.others).toEqual([first])
  const named = await runStatus(first, ports, { newest: true })
  expect(named.ok && named.value.run).toBe(first)
  expect(named.ok && named.value.others).toBeUndefined()
  expect((await landRun(undefined, ports)).failures[0]?.reason).toBe('several-runs')
})
