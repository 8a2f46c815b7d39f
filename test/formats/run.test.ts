import { describe, expect, test } from '@jest/globals'
import { mayChangeNothing } from '../../src/core/execute/units.ts'
import { phaseId } from '../../src/core/model/ids.ts'
import { isOptional } from '../../src/core/model/optional-tasks.ts'
import type { Plan } from '../../src/core/model/plan.ts'
import { answerWell, type FakeCall } from '../support/fake-agent.ts'
import { type RunRig, runRig } from '../support/run-rig.ts'
import { filesIn, runPlan } from './fixtures.ts'
import { planOf } from './read-plan.ts'
import { unseen } from './seen.ts'
import { faultsOfEnd } from './write-back.ts'

/** An agent that does what it is asked, also where that is only to look. */
const dutiful = (plan: Plan) => async (call: FakeCall) => {
  const phase = plan.phases.find(({ id }) => id === call.phase)
  const title = phase?.tasks.find(({ id }) => id === call.unit)?.title ?? phase?.title ?? ''
  if (call.step === 'implement' && mayChangeNothing({ kind: 'task', title })) await call.finish()
  else await answerWell(call)
}

/** One for each way of writing back; `test/nightly/formats.test.ts` runs all. */
const WAYS = ['bmad-v6', 'gsd', 'spec-kit', 'superpowers', 'task-master']

describe.each(WAYS)('a plan of %s, as somebody wrote it', (name) => {
  test('runs to its end, is merged phase by phase, and has every status written back', async () => {
    const { files, path, mode } = runPlan(name)
    const plan = await planOf(files, path)
    expect(plan.mode).toBe(mode)
    const rig = await runRig({ files: { ...files }, at: path, answer: dutiful(plan) })

    const ended = await rig.run()

    expect(ended.failures).toEqual([])
    expect(ended.view).toMatchObject({ state: 'landed', words: plan.words })
    const states = ended.view?.phases.map(({ id, state }) => [id, state])
    expect(states).toEqual(plan.phases.map((phase) => [phase.id, isOptional(phase) ? 'excluded' : 'merged']))
    const open = plan.phases.filter((phase) => phase.status !== 'completed' && !isOptional(phase))
    expect(new Set(rig.agent.calls.map(({ phase }) => phase))).toEqual(new Set(open.map(({ id }) => id)))
    expect(await faultsOfEnd(plan, files, filesIn(rig.repo.path), path)).toEqual([])
    expect(unseen(name, rig.agent.calls)).toEqual([])
    await rig.verify()
  })
})

describe('what a plan leaves to its approver', () => {
  const { files, path } = runPlan('kiro')

  test('is left out, its boxes stay open, and what an agent needs of the requirements is in its prompt', async () => {
    const plan = await planOf(files, path)
    const rig = await runRig({ files: { ...files }, at: path, config: { phases: [phaseId('6')] } })
    const text = String(files[`${path}/tasks.md`]).replace('- [ ] 6.2', '- [ ]* 6.2')
    rig.repo.commit({ [`${path}/tasks.md`]: text }, 'Leave 6.2 to whoever approves')
    const ended = await rig.run()
    expect(ended.failures).toEqual([])
    expect(rig.calls().filter((call) => call.startsWith('implement'))).toEqual(['implement 6.1'])
    const [call] = rig.agent.calls
    expect(call?.prompt).toContain('decided: 6.2 Update PriceService to support pagination.')
    expect(call?.prompt).toContain(plan.phases[0]?.tasks[0]?.context?.[0]?.text)
    const written = rig.repo.git('show', `main:${path}/tasks.md`)
    expect(written).toContain('- [x] 6. Add pagination')
    expect(written).toContain('- [x] 6.1')
    expect(written).toContain('- [ ]* 6.2')
  })

  test('is asked about at the gate, and done where the answer is yes', async () => {
    const rig = await runRig({ files: { ...files }, at: path })
    const asked: string[] = []
    rig.person = {
      choose: async (question, text, choices) => {
        asked.push(question)
        if (question.startsWith('Do what'))
          expect(text).toContain('9.1 Create unit tests for random sampling')
        return choices.find(({ value }) => value === 'all' || value === 'yes')?.value
      },
      ask: async () => undefined,
    }
    const ended = await rig.run({ yes: false })
    expect(ended.failures).toEqual([])
    expect(asked).toEqual(['Run it?', 'Do what the plan calls optional too (1 task)?'])
    expect(ended.view?.phases.map(({ id, state }) => [id, state])).toEqual([
      ['6', 'merged'],
      ['7', 'merged'],
      ['9', 'merged'],
    ])
    expect(rig.repo.git('show', `main:${path}/tasks.md`)).toContain('- [x]* 9.1')
  })

  test('says so where nothing else is left', async () => {
    const rig = await runRig({ files: { ...files }, at: path })
    const text = String(files[`${path}/tasks.md`]).replace(/- \[ \] /gu, '- [x] ')
    rig.repo.commit({ [`${path}/tasks.md`]: text }, 'Do the rest')
    const ended = await rig.run()
    expect(ended.exit).not.toBe(0)
    expect(ended.failures).toMatchObject([
      { reason: 'nothing-to-do', hint: 'Add --with-optional to have it done.' },
    ])
  })
})

test('phases that run while another one is merged are marked as under way', async () => {
  const path = '.kiro/specs/two'
  const files = { [`${path}/tasks.md`]: '- [ ] 1. First\n- [ ] 2. Second\n' }
  const rig = await runRig({ files, at: path, config: { parallel: true } })
  rig.agent.auto(async (call) => {
    // 2 begins its work before 1 may be merged, and goes on after that
    if (call.phase === '1' && call.step.startsWith('review')) await secondBegan
    if (call.phase === '2') began()
    if (call.phase === '2') await firstMerged(rig)
    await answerWell(call)
  })
  let began = (): void => undefined
  const secondBegan = new Promise<void>((resolve) => (began = resolve))
  const ended = await rig.run()
  expect(ended.failures).toEqual([])
  const first = ended.view?.phases[0]?.merge ?? ''
  expect(rig.repo.git('show', `${first}:${path}/tasks.md`)).toBe('- [x] 1. First\n- [-] 2. Second')
  expect(rig.repo.git('show', `main:${path}/tasks.md`)).toBe('- [x] 1. First\n- [x] 2. Second')
  await rig.verify()
})

async function firstMerged(rig: RunRig): Promise<void> {
  while (!rig.events.some((event) => event.type === 'phase-merged' && event.phase === '1'))
    await new Promise((go) => setTimeout(go, 10))
}
