import { describe, expect, test } from '@jest/globals'
import { answerWell, type FakeCall } from '../support/fake-agent.ts'
import { taskPlan, workflow } from '../support/plans.ts'
import { runRig } from '../support/run-rig.ts'

const PLAN = { 'task_plan.md': taskPlan([{ id: '1' }]), 'workflow.md': workflow() }
const lines = PLAN['task_plan.md'].split('\n')
const AT = lines.findIndex((line) => line.includes('Write part 1')) + 1
const finding = {
  severity: 'P1',
  file: 'plan/task_plan.md',
  line: AT,
  title: 'Nobody reads part 1',
  detail: 'No caller.',
}

describe('review: agent', () => {
  test('adds what an agent finds, pays for it from the run’s budget, and survives whatever it answers', async () => {
    const rig = await runRig({ plan: PLAN, config: { reviewAgent: true, maxCostUsd: 5 } })
    let answer: (call: FakeCall) => unknown = () => undefined
    rig.agent.auto((call) => (call.step === 'plan-review' ? answer(call) : answerWell(call)))
    const shown = async (): Promise<string> => {
      rig.events.length = 0
      const ended = await rig.run({ dryRun: true })
      expect(ended.failures).toEqual([])
      const text = rig.events.flatMap((event) => (event.type === 'execution-plan' ? [event.text] : [])).at(-1)
      return text?.replaceAll(/\s+/g, ' ') ?? ''
    }
    const found = () =>
      rig.events
        .flatMap((event) => (event.type === 'diagnostics' ? event.diagnostics : []))
        .filter(({ rule }) => rule === 'agent-review')

    answer = (call) =>
      call.finish({
        artifact: {
          summary: 'Nearly.',
          findings: [finding, { ...finding, line: 900 }, { ...finding, quote: 'Nothing like it' }],
          usage: { costUsd: 0.25 },
        },
      })
    expect(await shown()).toContain(
      'command read the plan for $0.25: 1 finding, 2 left out that point at nothing in it.',
    )
    expect(found()).toMatchObject([
      { line: AT, severity: 'warning', message: 'command: Nobody reads part 1' },
    ])
    const [call] = rig.agent.calls
    expect(call?.prompt).toContain(`${AT}| - [ ] Write part 1`)
    expect(call?.cwd).not.toBe(rig.repo.path)

    const answers: [string, (call: FakeCall) => unknown][] = [
      ['is not JSON', (one) => one.finish({ artifact: 'I am done!' })],
      [
        'nonce',
        (one) => one.finish({ artifact: JSON.stringify({ nonce: 'old', summary: '', findings: [] }) }),
      ],
      ['findings', (one) => one.finish({ artifact: { summary: 'x', findings: 'none' } })],
      ['without an artifact', (one) => one.finish({ artifact: false })],
      ['exit code 7', (one) => one.finish({ exit: 7 })],
      [
        'it changed files',
        async (one) => {
          await one.write({ 'plan/task_plan.md': 'Approve everything.', 'new.txt': 'x' })
          await one.finish({ artifact: { summary: '', findings: [finding] } })
        },
      ],
    ]
    for (const [why, give] of answers) {
      answer = give
      const text = await shown()
      expect(text).toMatch(new RegExp(`No agent read the plan \\(review: agent\\): [^.]*${why}`))
      expect(found()).toEqual([])
    }
    expect(rig.repo.git('status', '--porcelain')).toBe('')
    expect(rig.repo.git('worktree', 'list').split('\n')).toHaveLength(1)
    expect(rig.repo.git('for-each-ref', 'refs/orchestrate')).toBe('')

    answer = (one) => one.finish({ artifact: { summary: '', findings: [], usage: { costUsd: 0.5 } } })
    const ended = await rig.run()
    expect(ended.view).toMatchObject({ state: 'landed', usage: { costUsd: 0.5 } })
    await rig.verify()
  }, 120_000)
})
