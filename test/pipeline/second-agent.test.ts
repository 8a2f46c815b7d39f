import { expect, test } from '@jest/globals'
import { tmpdir } from 'node:os'
import { createAgent } from '../../src/adapters/agents/create-agent.ts'
import { modelEndpoints } from '../../src/adapters/agents/endpoints.ts'
import { DEFAULT_CONFIG } from '../../src/core/model/config.ts'
import type { ProgressEvent } from '../../src/core/model/progress-event.ts'
import { answerWell, FakeAgentRig } from '../support/fake-agent.ts'
import { afterThisTest, testEnv } from '../support/git.ts'
import { specPlan } from '../support/plans.ts'
import { runRig } from '../support/run-rig.ts'

test('what one agent wrote another reviews, each with its model, as the gate shows and the ledger records', async () => {
  const writer = await FakeAgentRig.create()
  const reviewer = await FakeAgentRig.create()
  afterThisTest(async () => {
    await writer.close()
    await reviewer.close()
  })
  writer.auto(async (call) => {
    if (call.step === 'fix-p2') await call.append('alpha.txt', 'longer\n')
    await answerWell(call)
  })
  reviewer.auto(async (call) => {
    const findings = [
      {
        severity: 'P2',
        file: 'alpha.txt',
        line: 1,
        title: 'Too short',
        detail: 'It is.',
        recommendation: 'Add',
      },
    ]
    await call.finish(call.step === 'review-code' ? { artifact: { summary: 'Read it.', findings } } : {})
  })
  const config = {
    ...DEFAULT_CONFIG,
    agent: 'command' as const,
    agentCommand: writer.command,
    model: 'large',
    models: { fix: 'small', review: 'other' },
    agents: { review: { agent: 'command' as const, agentCommand: reviewer.command } },
  }
  const agent = createAgent(config, {
    ...{ env: testEnv(), tmpDir: tmpdir(), cwd: '/', node: process.execPath },
    endpoints: modelEndpoints({}),
    scripted: { script: '', program: '' },
  })
  if (!agent.ok) throw new Error(agent.error[0]?.message)
  const rig = await runRig({
    plan: specPlan([{ name: 'alpha', phase: 1, sprint: 1 }]),
    config,
    otherAgent: agent.value,
  })
  const ended = await rig.run()
  expect(ended.failures).toEqual([])

  const asked = (calls: FakeAgentRig['calls']) =>
    calls.map(({ step, env }) => `${step} ${env['ORCHESTRATE_MODEL']}`)
  expect(asked(writer.calls)).toEqual(['implement large', 'fix-p2 small'])
  expect(asked(reviewer.calls).toSorted()).toEqual(
    ['review-code', 'review-perf', 'review-test', 'verify'].map((step) => `${step} other`),
  )
  const gate = rig.events.find(
    (event): event is ProgressEvent & { type: 'execution-plan' } => event.type === 'execution-plan',
  )
  expect(gate?.text.replace(/\s+/g, ' ')).toContain('steps implement large · review command (')
  expect(gate?.text.replace(/\s+/g, ' ')).toContain('other · fix small · research large')
  const recorded = rig.result('1')?.steps?.filter(({ agent }) => agent !== undefined)
  expect(recorded?.map(({ step, agent }) => [step, agent])).toEqual(
    expect.arrayContaining([
      ['implement', 'command large'],
      ['review-code', expect.stringMatching(/^command \(.+\) other$/)],
      ['fix-p2', 'command small'],
      ['verify', expect.stringMatching(/^command \(.+\) other$/)],
    ]),
  )
  await rig.verify()
})
