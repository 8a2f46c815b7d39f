import { describe, expect, test } from '@jest/globals'
import { answerWell, type FakeCall } from '../support/fake-agent.ts'
import { specPlan } from '../support/plans.ts'
import { type RunRig, runRig } from '../support/run-rig.ts'

const TWO_SPECS = specPlan([
  { name: 'alpha', phase: 1, sprint: 1 },
  { name: 'beta', phase: 1, sprint: 1 },
])

const saved = (rig: RunRig): string[] =>
  rig.repo
    .git('for-each-ref', '--format=%(refname)', 'refs/orchestrate')
    .split('\n')
    .filter((ref) => ref.includes('/saved/'))
const worktrees = (rig: RunRig): string[] => rig.repo.git('worktree', 'list').split('\n').slice(1)

/** Answers alpha only after beta has been committed. */
function alphaLast(rig: () => RunRig, places: Map<string, string>) {
  return async (call: FakeCall): Promise<void> => {
    if (call.step === 'implement') places.set(call.unit, call.cwd)
    if (call.unit === 'alpha') {
      while (!rig().events.some(({ type }) => type === 'commit'))
        await new Promise((go) => setTimeout(go, 10))
    }
    await answerWell(call)
  }
}

describe('units beside each other', () => {
  test('work apart, the first in the directory of the phase, and end in any order with nothing left', async () => {
    const places = new Map<string, string>()
    const rig: RunRig = await runRig({ plan: TWO_SPECS, answer: alphaLast(() => rig, places) })
    const ended = await rig.run()
    expect(ended.failures).toEqual([])
    expect(places.get('alpha')).toMatch(/phase-1$/)
    expect(places.get('beta')).toMatch(/phase-1\.beta$/)
    const subjects = rig.repo.git('log', '--reverse', '--format=%s', 'main^1..main^2').split('\n')
    expect(subjects.map((subject) => /alpha|beta/.exec(subject)?.[0])).toEqual(['beta', 'alpha'])
    // What the first wrote was recorded when its directory followed the branch: no copy of it is kept.
    expect(saved(rig)).toEqual([])
    expect(worktrees(rig)).toEqual([])
    await rig.verify()
  })

  test('that change one file which the plan names for neither are merged where that fits, and it is told', async () => {
    const lines = Array.from({ length: 9 }, (_, i) => `line ${i}`)
    const rig: RunRig = await runRig({
      plan: TWO_SPECS,
      files: { 'index.txt': `${lines.join('\n')}\n` },
      answer: async (call) => {
        if (call.step !== 'implement') return await answerWell(call)
        const at = call.unit === 'alpha' ? 0 : 8
        const changed = lines.with(at, `${call.unit} was here`)
        await call.write({ 'index.txt': `${changed.join('\n')}\n` })
        await alphaLast(() => rig, new Map())(call)
      },
    })
    expect((await rig.run()).failures).toEqual([])
    expect(rig.repo.git('show', 'main:index.txt').split('\n')).toEqual([
      ...['alpha was here', ...lines.slice(1, 8), 'beta was here'],
    ])
    expect(rig.calls().filter((call) => call.startsWith('implement'))).toHaveLength(2)
    expect(rig.result('1')?.notes).toContain(
      'alpha changed index.txt beside another piece that did too: the two changes were merged.',
    )
    await rig.verify()
  })

  test('leave no directory behind where the phase stops before the first of them', async () => {
    const rig = await runRig({ plan: TWO_SPECS, config: { setupCmd: 'false' } })
    const ended = await rig.run()
    expect(ended.failures[0]?.message).toContain('could not be set up')
    expect(rig.calls()).toEqual([])
    expect(worktrees(rig)).toHaveLength(1)
    expect(worktrees(rig)[0]).toMatch(/phase-1 /)
  })
})
