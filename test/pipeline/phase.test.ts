import { describe, expect, test } from '@jest/globals'
import { answerWell, type FakeCall } from '../support/fake-agent.ts'
import { specPlan, taskPlan, workflow } from '../support/plans.ts'
import { runRig } from '../support/run-rig.ts'

const TWO_SPECS = specPlan([
  { name: 'alpha', phase: 1, sprint: 1 },
  { name: 'beta', phase: 1, sprint: 1 },
])

describe('one phase through all gates', () => {
  test('of two specs takes five agent calls when nothing is found', async () => {
    const rig = await runRig({ plan: { ...TWO_SPECS, 'workflow.md': workflow() } })
    const ended = await rig.run()
    expect(ended.failures).toEqual([])
    expect(ended.exit).toBe(0)
    expect(rig.calls().sort()).toEqual([
      'implement alpha',
      'implement beta',
      'review-code',
      'review-perf',
      'review-test',
    ])
    expect(rig.repo.git('log', '--format=%s', '--first-parent', 'main').split('\n')[0]).toBe(
      'Merge orchestrate phase 1: alpha, beta',
    )
    expect(await rig.verify()).toMatchObject({ phases: 1 })
  })

  test('commits each spec with its trailers and merges without fast-forward', async () => {
    const rig = await runRig({ plan: { ...TWO_SPECS, 'workflow.md': workflow() } })
    await rig.run()
    const [merge = ''] = rig.repo.git('log', '-1', '--format=%B%x00', 'main').split('\0')
    expect(merge).toContain('Orchestrate-Step: merge')
    expect(rig.repo.git('log', '-1', '--format=%P', 'main').split(' ')).toHaveLength(2)
    const subjects = rig.repo.git('log', '--format=%s', 'main^1..main^2').split('\n').sort()
    expect(subjects).toEqual([
      'orchestrate(phase-1/sprint-1): alpha — Makes alpha work.',
      'orchestrate(phase-1/sprint-1): beta — Makes beta work.',
    ])
    const trailers = rig.repo.git('log', '--grep', 'Spec: alpha', '-1', '--format=%(trailers)', 'main^2')
    expect(trailers).toContain('Requirements: REQ-1')
    expect(trailers).toContain('Orchestrate-Phase: 1')
    expect(trailers).toContain('Orchestrate-Attempt: 1')
  })

  test('with findings of all severities takes nine calls and a commit per pass', async () => {
    const rig = await runRig({ plan: { ...TWO_SPECS, 'workflow.md': workflow() }, answer: withFindings })
    const ended = await rig.run()
    expect(ended.failures).toEqual([])
    expect(rig.calls().slice(5)).toEqual(['fix-p0p1', 'fix-p2', 'fix-p3', 'verify'])
    expect(rig.calls()).toHaveLength(9)
    const subjects = rig.repo.git('log', '--format=%s', 'main^1..main^2').split('\n')
    expect(subjects.slice(0, 3)).toEqual([
      'orchestrate(phase-1): fix P3 findings',
      'orchestrate(phase-1): fix P2 findings',
      'orchestrate(phase-1): fix P0+P1 findings',
    ])
    expect(
      rig
        .result('1')
        ?.fixesApplied.map((f) => f.severity)
        .sort(),
    ).toEqual(['P0', 'P2', 'P3'])
    expect(rig.result('1')?.verdict).toBe('clean')
    await rig.verify()
  })

  test('builds and tests again after every pass that changed something', async () => {
    const rig = await runRig({ plan: { ...TWO_SPECS, 'workflow.md': workflow() }, answer: withFindings })
    await rig.run()
    const checks = rig.events.filter((event) => event.type === 'check-finished').map((event) => event.check)
    // After the units, and after each of three passes.
    expect(checks).toEqual(['build', 'test', 'build', 'test', 'build', 'test', 'build', 'test'])
  })

  test('sends a red build to a fixer twice, then stops with what happened', async () => {
    const rig = await runRig({
      plan: {
        'task_plan.md': taskPlan([{ id: '1' }]),
        'workflow.md': workflow({ build: 'echo it is broken; false' }),
      },
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    expect(rig.calls()).toEqual(['implement 1.1', 'fix-build', 'fix-build'])
    expect(ended.failures[0]?.message).toContain(
      'Phase 1 needs input. The build fails after 2 fix attempts: `echo it is broken; false`.',
    )
    expect(ended.failures[0]?.message).toContain('it is broken')
    expect(rig.repo.git('status', '--porcelain')).toBe('')
    expect(rig.repo.git('rev-parse', '--abbrev-ref', 'HEAD')).toBe('main')
  })

  test('goes on when the fixer mends the build', async () => {
    const rig = await runRig({
      plan: {
        'task_plan.md': taskPlan([{ id: '1' }]),
        'workflow.md': workflow({ build: 'test -f built.txt' }),
      },
      answer: async (call) => {
        if (call.step === 'fix-build') await call.write({ 'built.txt': 'now\n' })
        if (call.step === 'implement') await call.write({ 'part-1.txt': 'part\n' })
        await call.finish()
      },
    })
    const ended = await rig.run()
    expect(ended.failures).toEqual([])
    expect(rig.calls()).toEqual(
      ['implement 1.1', 'fix-build', 'review-test', 'review-code', 'review-perf'].sort(byStart(rig.calls())),
    )
    expect(rig.repo.git('show', 'main:built.txt')).toBe('now')
    await rig.verify()
  })

  test('says loudly that nothing was built or tested where no command is known', async () => {
    const rig = await runRig({ plan: { 'task_plan.md': taskPlan([{ id: '1' }]) } })
    await rig.run()
    expect(rig.result('1')).toMatchObject({
      build: { status: 'no-command' },
      tests: { status: 'no-command' },
    })
  })

  test('runs units that share a file one after the other, in one directory', async () => {
    const rig = await runRig({
      plan: specPlan([
        { name: 'alpha', phase: 1, sprint: 1, files: ['shared.txt'] },
        { name: 'beta', phase: 1, sprint: 1, files: ['shared.txt'] },
      ]),
      answer: async (call) => {
        if (call.step === 'implement') await call.append('shared.txt', `${call.unit}\n`)
        await call.finish()
      },
    })
    const ended = await rig.run()
    expect(ended.failures).toEqual([])
    expect(rig.repo.git('show', 'main:shared.txt')).toBe('alpha\nbeta')
  })

  test('runs a unit again alone when it collides with one beside it', async () => {
    const rig = await runRig({
      plan: TWO_SPECS,
      answer: async (call) => {
        // Both say they touch a file of their own, and both write another one.
        if (call.step === 'implement') await call.append('surprise.txt', `${call.unit}\n`)
        await call.finish()
      },
    })
    const ended = await rig.run()
    expect(ended.failures).toEqual([])
    expect(rig.calls().filter((c) => c.startsWith('implement'))).toHaveLength(3)
    expect(rig.repo.git('show', 'main:surprise.txt').split('\n').sort()).toEqual(['alpha', 'beta'])
    await rig.verify()
  })

  test('lets the other unit go on when one of a batch fails, and keeps its commit', async () => {
    const rig = await runRig({
      plan: TWO_SPECS,
      answer: async (call) => {
        if (call.unit === 'beta' && call.attempt === 1) return await call.exit(7)
        await answerWell(call)
      },
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    expect(ended.failures[0]?.message).toContain('exit')
    expect(await rig.resume()).toMatchObject({ exit: 0 })
    expect(rig.calls().filter((c) => c === 'implement alpha')).toHaveLength(1)
    expect(rig.calls().filter((c) => c === 'implement beta')).toHaveLength(2)
    await rig.verify()
  })

  test('sets aside what an agent writes into the plan, and says so', async () => {
    const rig = await runRig({
      plan: { 'task_plan.md': taskPlan([{ id: '1' }]) },
      answer: async (call) => {
        if (call.step === 'implement') {
          await call.write({
            'part-1.txt': 'x\n',
            'plan/task_plan.md': 'all done!\n',
            'plan/progress.md': 'lies\n',
          })
        }
        await call.finish()
      },
    })
    const ended = await rig.run()
    expect(ended.failures).toEqual([])
    expect(rig.repo.git('show', 'main:plan/task_plan.md')).toContain('## Phase 1: Part 1')
    expect(rig.repo.git('show', 'main:plan/progress.md')).not.toContain('lies')
    expect(rig.result('1')?.notes.join(' ')).toContain('plan/progress.md was set aside')
  })

  test('one agent does the whole phase with --no-subprocess, and its reviews are checked', async () => {
    const rig = await runRig({
      plan: { ...TWO_SPECS, 'workflow.md': workflow() },
      config: { subprocess: false },
      answer: async (call) => {
        if (call.step === 'phase') await call.write({ 'src/alpha.ts': 'a\n', 'src/beta.ts': 'b\n' })
        await answerWell(call)
      },
    })
    const ended = await rig.run()
    expect(ended.failures).toEqual([])
    expect(rig.calls()[0]).toBe('phase')
    expect(rig.calls().filter((c) => c === 'implement')).toEqual([])
  })

  test('stops at a P0 that stays open after two rounds', async () => {
    const rig = await runRig({
      plan: { 'task_plan.md': taskPlan([{ id: '1' }]) },
      answer: async (call) => {
        if (call.step === 'review-code') return await call.finish({ artifact: review([finding('P0')]) })
        if (call.step === 'verify')
          return await call.finish({ artifact: { ...review([]), reopened: ['C1'] } })
        if (call.step === 'implement') await call.write({ 'part-1.txt': 'one\n' })
        if (call.step.startsWith('fix')) await call.append('part-1.txt', 'more\n')
        await call.finish()
      },
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    expect(ended.failures[0]?.message).toContain('C1 P0 part-1.txt:1 Something is wrong')
    expect(rig.calls().slice(4)).toEqual(['fix-p0p1', 'verify', 'fix-p0p1', 'verify'])
    expect(rig.repo.git('log', '-1', '--format=%s', 'main')).toBe('Write the plan')
  })

  test('takes an unmet criterion for a P1', async () => {
    const rig = await runRig({
      plan: { 'task_plan.md': taskPlan([{ id: '1' }]) },
      answer: async (call) => {
        if (call.step === 'review-code') {
          const criteria = [{ id: 'AC-1', met: false, evidence: 'part-1.txt:1 is empty' }]
          return await call.finish({ artifact: { ...review([]), criteria } })
        }
        await answerWell(call)
      },
    })
    const ended = await rig.run()
    expect(ended.failures).toEqual([])
    expect(rig.calls().slice(4)).toEqual(['fix-p0p1', 'verify'])
  })
})

const review = (findings: object[]) => ({ summary: 'Read it.', findings, criteria: [] })
const finding = (severity: string, file = 'part-1.txt') => ({
  severity,
  file,
  line: 1,
  title: 'Something is wrong',
  detail: 'It does not do what it says.',
  recommendation: 'Do it.',
})

async function withFindings(call: FakeCall): Promise<void> {
  const file = 'alpha.txt'
  if (call.step === 'review-test') return await call.finish({ artifact: review([finding('P2', file)]) })
  if (call.step === 'review-code') return await call.finish({ artifact: review([finding('P0', file)]) })
  if (call.step === 'review-perf') return await call.finish({ artifact: review([finding('P3', file)]) })
  if (call.step.startsWith('fix-')) {
    await call.append(file, `${call.step}\n`)
    return await call.finish()
  }
  await answerWell(call)
}

/** Reviews start side by side: their order among each other is free. */
const byStart = (calls: string[]) => (a: string, b: string) => calls.indexOf(a) - calls.indexOf(b)
