import { expect, it } from '@jest/globals'
import { earlierSteps, forecast } from '../../src/core/pipeline/forecast.ts'
import { prepare } from '../../src/core/pipeline/prepare.ts'
import { openPlanSource } from '../../src/adapters/files/plan-source.ts'
import type { PhaseStep } from '../../src/core/model/phase-step.ts'
import { answerWell } from '../support/fake-agent.ts'
import { taskPlan } from '../support/plans.ts'
import { runRig } from '../support/run-rig.ts'

const step = (name: string, costUsd: number, minutes: number, agent = 'claude opus'): PhaseStep => ({
  ...{ step: name, unit: '', state: 'ok', agent, costUsd, durationMs: minutes * 60_000 },
})
const EARLIER = [
  ...[1, 2, 3, 4, 5].map((n) => step('implement', n, n)),
  ...[0.1, 0.1, 0.3, 0.3].map((usd) => step('review-code', usd, 1)),
  step('fix-p3', 0.5, 2),
  step('implement', 900, 900, 'codex'),
]

it('says what a run may come to, by its size and by earlier steps, and how many those are', async () => {
  const rig = await runRig({
    plan: {
      'task_plan.md': taskPlan([
        { id: '1', tasks: ['Write one in `1.txt`', 'Write two in `2.txt`'] },
        { id: '2', after: ['1'] },
      ]),
    },
    answer: async (call) => {
      if (call.step !== 'implement') return await answerWell(call)
      await call.write({ [`${call.unit}.txt`]: 'x\n' })
      await call.finish({ artifact: { ...call.goodArtifact(), usage: { costUsd: 0.25 } } })
    },
  })
  const ports = await rig.ports()
  const source = await openPlanSource({ path: 'plan', cwd: rig.repo.path, root: rig.repo.path })
  if (!source.ok) throw new Error('no plan')
  const prepared = await prepare(source.value, rig.config, ports)
  if (!prepared.ok) throw new Error('no plan')
  const config = { ...rig.config, agent: 'claude' as const, model: 'opus', maxParallel: 3 }
  const told = forecast(prepared.value.plan, config, EARLIER)
  expect(told).toMatchObject({ steps: [9, 21], restsOn: 10 })
  // Three units at $2 and six reviews at $0.10; then at $4, $0.30, and twelve fixes at $0.50.
  expect(told.usd?.map((usd) => Math.round(usd * 100))).toEqual([660, 1_980])
  // One after the other: 2 + 1 and 2 + 1; at most 8 + 1 + 12 and 4 + 1 + 12.
  expect(told.ms?.map((ms) => ms / 60_000)).toEqual([6, 38])
  expect(forecast(prepared.value.plan, { ...config, agent: 'gemini' }, EARLIER)).toEqual({
    steps: [9, 21],
    restsOn: 0,
  })

  await rig.run()
  const earlier = await earlierSteps(ports)
  expect(earlier.filter((one) => one.step === 'implement')).toHaveLength(3)
  // Reviews told no cost: they are taken for what those cost that did.
  const again = forecast(prepared.value.plan, rig.config, earlier)
  expect(again).toMatchObject({ restsOn: earlier.length, usd: [2.25, expect.any(Number)] })
  const [shown] = rig.events.filter((event) => event.type === 'execution-plan')
  expect(shown?.text).toContain('forecast  9–21 agent steps; no earlier step to go by')
})
