import { describe, expect, test } from '@jest/globals'
import { answerWell } from '../support/fake-agent.ts'
import { taskPlan, workflow } from '../support/plans.ts'
import { runRig } from '../support/run-rig.ts'

const PLAN = { 'task_plan.md': taskPlan([{ id: '1' }]), 'workflow.md': workflow() }
const usage = { costUsd: 0.2 }

describe('an answer that cannot be read', () => {
  test('is asked for once more with what was wrong, and the phase goes on', async () => {
    const rig = await runRig({
      plan: PLAN,
      answer: async (call) => {
        const again = call.prompt.includes('## Your last answer was refused')
        if (call.step === 'implement' && !again) {
          await call.write({ '1.1.txt': 'done in the first call\n' })
          return await call.finish({ artifact: { nonce: 'of-yesterday', summary: 'Done.' } })
        }
        if (call.step === 'review-code' && !again)
          return await call.finish({ artifact: { summary: 'See below.', usage } })
        if (call.step === 'implement') return await call.finish()
        const artifact = { ...call.goodArtifact(), usage }
        await call.finish({ artifact })
      },
    })
    const ended = await rig.run()
    expect(ended.failures).toEqual([])
    expect(rig.calls().filter((call) => !/test|perf/.test(call))).toEqual([
      'implement 1.1',
      'implement 1.1',
      'review-code',
      'review-code',
    ])
    const prompts = rig.agent.calls.map(({ prompt }) => prompt).filter((text) => text.includes('was refused'))
    expect(prompts[0]).toContain('it was not written for this call')
    expect(prompts[1]).toContain('does not fit its schema at findings')
    // What the first call did stands; what it cost counts.
    expect(rig.repo.git('show', 'main:1.1.txt')).toBe('done in the first call')
    expect(rig.result('1')?.usage.costUsd).toBeCloseTo(0.8)
    await rig.verify()
  })

  test('is not asked for a third time', async () => {
    const rig = await runRig({
      plan: PLAN,
      answer: async (call) => {
        if (call.step === 'review-perf') await call.finish({ artifact: 'All fine!' })
        else await answerWell(call)
      },
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    expect(ended.failures[0]?.message).toContain('is not JSON')
    expect(rig.calls().filter((call) => call === 'review-perf')).toHaveLength(2)
    await rig.verify()
  })

  test('is not asked for again where there was none, or where the money is spent', async () => {
    const none = await runRig({ plan: PLAN, answer: async (call) => await call.finish({ artifact: false }) })
    expect((await none.run()).exit).toBe(3)
    expect(none.calls()).toEqual(['implement 1.1'])
    const poor = await runRig({
      plan: PLAN,
      config: { maxCostUsd: 0.1 },
      answer: async (call) => await call.finish({ artifact: { summary: 3, usage } }),
    })
    expect((await poor.run()).exit).toBe(3)
    expect(poor.calls()).toEqual(['implement 1.1'])
  })
})
