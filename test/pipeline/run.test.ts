import { describe, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ProgressEvent } from '../../src/core/model/progress-event.ts'
import { answerWell } from '../support/fake-agent.ts'
import { atRepo, runGit, tempDir } from '../support/git.ts'
import { taskPlan, workflow } from '../support/plans.ts'
import { rigAt, runRig } from '../support/run-rig.ts'

const DIAMOND = {
  'task_plan.md': taskPlan([
    { id: '1' },
    { id: '2', after: ['1'] },
    { id: '3', after: ['1'] },
    { id: '4', after: ['2', '3'] },
  ]),
  'workflow.md': workflow(),
}

/** What somebody does who has the branch alone: a commit with a file, on top of where it stands. */
function putOnBranch(repo: ReturnType<typeof atRepo>, branch: string, file: string, subject: string): string {
  const dir = join(tempDir(), 'by-hand')
  runGit(tempDir(), 'clone', '--quiet', '--branch', branch, repo.path, dir)
  const there = atRepo(dir)
  there.write(file, 'by hand\n')
  there.git('add', '-A')
  const asAda = ['-c', 'user.name=Ada Example', '-c', 'user.email=ada@example.org']
  there.git(...asAda, 'commit', '--quiet', '-m', subject)
  there.git('push', '--quiet', 'origin', `HEAD:${branch}`)
  return there.git('rev-parse', 'HEAD')
}

describe('a run', () => {
  test('of a diamond starts the two middle phases side by side and the last after both', async () => {
    const rig = await runRig({ plan: DIAMOND })
    const ended = await rig.run()
    expect(ended.failures).toEqual([])
    const order = rig.events.flatMap((event) =>
      event.type === 'phase-started'
        ? [`start ${event.phase}`]
        : event.type === 'phase-merged'
          ? [`merged ${event.phase}`]
          : [],
    )
    expect(order.slice(0, 2)).toEqual(['start 1', 'merged 1'])
    expect(order.slice(2, 4).sort()).toEqual(['start 2', 'start 3'])
    expect(order.slice(-2)).toEqual(['start 4', 'merged 4'])
    expect(ended.view?.state).toBe('landed')
    expect(rig.repo.git('ls-files', 'part-*')).toBe('')
    expect(rig.repo.git('ls-files').split('\n')).toEqual(
      expect.arrayContaining(['1.1.txt', '2.1.txt', '3.1.txt', '4.1.txt']),
    )
    expect(await rig.verify()).toMatchObject({ phases: 4 })
  })

  test('leaves no worktree and no process of its own behind', async () => {
    const rig = await runRig({ plan: DIAMOND, processes: true })
    await rig.run()
    expect(rig.repo.git('worktree', 'list').split('\n')).toHaveLength(1)
    expect(rig.repo.git('status', '--porcelain')).toBe('')
  })

  test('runs a plan that states no dependency in written order, and side by side with parallel', async () => {
    const plan = { 'task_plan.md': taskPlan([{ id: '1' }, { id: '2' }]) }
    const inOrder = await runRig({ plan })
    await inOrder.run()
    expect(starts(inOrder.events)).toEqual(['start 1', 'merged 1', 'start 2', 'merged 2'])
    const sideBySide = await runRig({ plan, config: { parallel: true } })
    await sideBySide.run()
    expect(starts(sideBySide.events).slice(0, 2).sort()).toEqual(['start 1', 'start 2'])
  })

  test('builds and tests a merge whose base has moved, and catches two green phases that break each other', async () => {
    // Each phase alone leaves one file; together they are one too many.
    const rig = await runRig({
      plan: {
        'task_plan.md': taskPlan([{ id: '1' }, { id: '2' }]),
        'workflow.md': workflow({ test: 'test "$(ls *.part 2>/dev/null | wc -l)" -lt 2' }),
      },
      config: { parallel: true },
      answer: async (call) => {
        if (call.step === 'implement') await call.write({ [`${call.phase}.part`]: 'x\n' })
        await call.finish()
      },
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    const view = await rig.view()
    expect(view.phases.map((p) => p.state).sort()).toEqual(['merged', 'needs-input'])
    expect(view.phases.find((p) => p.state === 'needs-input')?.stopped?.reason).toBe('tests-failed')
    expect(rig.repo.git('log', '--format=%s', 'main')).not.toContain('Merge orchestrate')
    await rig.verify()
  })

  test('stops a phase at a merge conflict, lists the files, and goes on after a person settled it', async () => {
    const rig = await runRig({
      plan: { 'task_plan.md': taskPlan([{ id: '1' }, { id: '2' }]) },
      config: { parallel: true },
      answer: async (call) => {
        if (call.step === 'implement') await call.write({ 'same.txt': `from phase ${call.phase}\n` })
        await call.finish()
      },
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    const stopped = (await rig.view()).phases.find((p) => p.state === 'needs-input')
    expect(stopped?.stopped?.message).toContain('in same.txt')
    expect(stopped?.result?.conflictFiles).toEqual(['same.txt'])
    expect(rig.repo.git('status', '--porcelain')).toBe('')

    const path = worktree(rig.events, stopped?.id ?? '')
    const tip = rig.repo.git('rev-parse', `orchestrate/${(await rig.view()).run}/plan`)
    const there = atRepo(path)
    expect(() => there.git('merge', '--quiet', tip)).toThrow()
    there.write('same.txt', 'from both\n')
    there.git('add', 'same.txt')
    there.git(
      '-c',
      'user.name=Ada Example',
      '-c',
      'user.email=ada@example.org',
      'commit',
      '--quiet',
      '-m',
      'Settle it',
    )
    const again = await rig.resume()
    expect(again.failures).toEqual([])
    expect(rig.repo.git('show', 'main:same.txt')).toBe('from both')
    // The person's merge is in the history as it was made.
    expect(rig.repo.git('log', '--format=%s', '--merges', 'main')).toContain('Settle it')
    await rig.verify()
  })

  test('takes over what a person committed and left uncommitted in the worktree', async () => {
    const rig = await runRig({
      plan: {
        'task_plan.md': taskPlan([{ id: '1' }]),
        'workflow.md': workflow({ build: 'test -f three.txt' }),
      },
    })
    expect((await rig.run()).exit).toBe(3)
    const there = atRepo(worktree(rig.events, '1'))
    const asAda = ['-c', 'user.name=Ada Example', '-c', 'user.email=ada@example.org']
    for (const name of ['one', 'two']) {
      there.write(`${name}.txt`, `${name}\n`)
      there.git('add', '-A')
      there.git(...asAda, 'commit', '--quiet', '-m', `Add ${name}`)
    }
    there.write('three.txt', 'three\n')
    const ended = await rig.resume()
    expect(ended.failures).toEqual([])
    expect(
      rig.repo.git('log', '--topo-order', '--format=%s', '--no-merges', 'main').split('\n').slice(0, 3),
    ).toEqual(['orchestrate(phase-1): changes by hand', 'Add two', 'Add one'])
    await rig.verify()
  })

  test('takes over what a person put on the branch of a phase, once they say that it goes on', async () => {
    const rig = await runRig({
      plan: {
        'task_plan.md': taskPlan([{ id: '1' }]),
        'workflow.md': workflow({ build: 'test -f three.txt' }),
      },
    })
    expect((await rig.run()).exit).toBe(3)
    const branch = (await rig.view()).phases[0]?.branch ?? ''
    putOnBranch(rig.repo, branch, 'three.txt', 'Add three')
    const ended = await rig.resume()
    expect(ended.failures).toEqual([])
    expect(rig.repo.git('show', 'main:three.txt')).toBe('by hand')
    expect(rig.repo.git('log', '--format=%s', 'main')).toContain('Add three')
    await rig.verify()
  })

  test('takes nothing over from the branch of a phase where only the contract says that it goes on', async () => {
    const rig = await runRig({
      plan: {
        'task_plan.md': taskPlan([{ id: '1' }]),
        'workflow.md': workflow({ gates: '{ between_phases: auto, on_failure: retry }', retries: 1 }),
      },
      answer: async (call) => {
        if (call.step === 'implement') return await answerWell(call)
        const branch = (await rig.view()).phases[0]?.branch ?? ''
        if (call.attempt === 1) foreign ??= putOnBranch(rig.repo, branch, 'foreign.txt', 'Foreign')
        await call.exit(1)
      },
    })
    let foreign: string | undefined
    await rig.run()
    const [phase] = (await rig.view()).phases
    expect(phase?.stopped).toMatchObject({ reason: 'foreign-commit' })
    expect(rig.repo.git('rev-parse', phase?.branch ?? '')).toBe(foreign)
  })

  test('retry starts a phase again from scratch on a branch of its own and keeps the old one', async () => {
    let broken = true
    const rig = await runRig({
      plan: {
        'task_plan.md': taskPlan([{ id: '1' }]),
        'workflow.md': workflow({ build: '! test -f broken.txt' }),
      },
      answer: async (call) => {
        if (call.step === 'implement' && broken) await call.write({ 'broken.txt': 'x\n' })
        else if (call.step === 'implement') await call.write({ 'good.txt': 'x\n' })
        await call.finish()
      },
    })
    expect((await rig.run()).exit).toBe(3)
    broken = false
    const ended = await rig.decide({ kind: 'retry', phase: '1' })
    expect(ended.failures).toEqual([])
    expect(rig.repo.git('ls-tree', '--name-only', 'main').split('\n')).toEqual(
      expect.arrayContaining(['good.txt']),
    )
    expect(rig.repo.git('ls-tree', '--name-only', 'main').split('\n')).not.toContain('broken.txt')
    expect(rig.repo.git('branch', '--list', 'orchestrate/*/phase-*').split('\n')).toHaveLength(2)
    await rig.verify()
  })

  test('fix gives the agents a finding of a person and goes on', async () => {
    let red = true
    const rig = await runRig({
      plan: {
        'task_plan.md': taskPlan([{ id: '1' }]),
        'workflow.md': workflow({ test: 'test -f tested.txt' }),
      },
      answer: async (call) => {
        if (call.step === 'implement') await call.write({ 'part-1.txt': 'x\n' })
        if (call.step === 'fix-test' && !red) await call.write({ 'tested.txt': 'x\n' })
        if (call.step === 'fix-p0p1') await call.append('part-1.txt', 'as asked\n')
        await call.finish()
      },
    })
    expect((await rig.run()).exit).toBe(3)
    red = false
    const ended = await rig.decide({ kind: 'fix', phase: '1', text: 'part-1.txt must say as asked' })
    expect(ended.failures).toEqual([])
    expect(rig.repo.git('show', 'main:part-1.txt')).toContain('as asked')
    const asked = rig.agent.calls.find((call) => call.step === 'fix-p0p1')
    expect(asked?.prompt).toContain('part-1.txt must say as asked')
    await rig.verify()
  })

  test('fix takes up a merged phase again: fixed, verified and merged once more', async () => {
    const plan = {
      'task_plan.md': taskPlan([{ id: '1' }, { id: '2', after: ['1'] }]),
      'workflow.md': workflow(),
    }
    const rig = await runRig({ plan, config: { land: 'none' } })
    expect((await rig.run()).failures).toEqual([])
    const { planTip } = await rig.view()
    rig.agent.auto(async (call) => {
      if (call.step !== 'fix-p0p1') return await answerWell(call)
      expect(call.prompt).toContain('the first line is missing')
      await call.append('1.1.txt', 'mended\n')
      await call.finish()
    })
    const calls = rig.calls().length
    const ended = await rig.decide({ kind: 'fix', phase: '1', text: 'the first line is missing' })
    expect(ended.failures).toEqual([])
    expect(rig.calls().slice(calls)).toEqual(['fix-p0p1', 'verify'])
    const view = await rig.view()
    expect(view.phases.map(({ state, attempt }) => [state, attempt])).toEqual([
      ['merged', 2],
      ['merged', 1],
    ])
    expect(rig.repo.git('show', `${view.planTip}:1.1.txt`)).toContain('mended')
    expect(rig.repo.git('rev-parse', `${view.planTip}^1`)).toBe(planTip)
    expect(await rig.verify()).toMatchObject({ phases: 2 })
  })

  test('fix takes up what has landed, as often as somebody finds something, and lands it again', async () => {
    const plan = {
      'task_plan.md': taskPlan([{ id: '1' }, { id: '2', after: ['1'] }]),
      'workflow.md': workflow(),
    }
    const rig = await runRig({ plan })
    expect((await rig.run()).failures).toEqual([])
    expect((await rig.view()).state).toBe('landed')
    const asked: string[] = []
    rig.agent.auto(async (call) => {
      if (call.step !== 'fix-p0p1') return await answerWell(call)
      asked.push(...['first find', 'second find'].filter((text) => call.prompt.includes(text)))
      await call.append('1.1.txt', `mended ${asked.length}\n`)
      await call.finish()
    })
    for (const text of ['first find', 'second find']) {
      const ended = await rig.decide({ kind: 'fix', phase: '1', text })
      expect(ended.failures).toEqual([])
      expect((await rig.view()).state).toBe('landed')
    }
    expect(asked).toEqual(['first find', 'second find'])
    expect(rig.repo.git('show', 'main:1.1.txt')).toContain('mended 1\nmended 2')
    expect(await rig.verify()).toMatchObject({ phases: 2 })
  })

  test('skip lets what waits for the phase go on without it', async () => {
    const rig = await runRig({
      plan: DIAMOND,
      answer: async (call) => (call.phase === '2' ? await call.exit(1) : await answerWell(call)),
    })
    expect((await rig.run()).exit).toBe(3)
    const ended = await rig.decide({ kind: 'skip', phase: '2' })
    expect(ended.failures).toEqual([])
    expect(ended.view?.phases.map((p) => p.state)).toEqual(['merged', 'skipped', 'merged', 'merged'])
  })

  test('abort ends the run, keeps its branches, and lets a new one begin', async () => {
    const rig = await runRig({ plan: DIAMOND, answer: (call) => call.exit(1) })
    expect((await rig.run()).exit).toBe(3)
    expect((await rig.run()).failures[0]?.reason).toBe('unfinished-run')
    expect((await rig.decide({ kind: 'abort' })).exit).toBe(0)
    rig.agent.auto(answerWell)
    expect((await rig.run()).failures).toEqual([])
    expect(rig.repo.git('branch', '--list', 'orchestrate/*/plan').split('\n')).toHaveLength(2)
  })

  test('retries by contract, with the continuation prompt, and then asks', async () => {
    const rig = await runRig({
      plan: {
        'task_plan.md': taskPlan([{ id: '1' }]),
        'workflow.md': `${workflow({ gates: '{ between_phases: auto, on_failure: retry }', retries: 2 })}
## Phase Prompt
Build {{ title }}.

## Continuation Prompt
Go on with {{ title }}, attempt {{ attempt }}.
`,
      },
      answer: (call) => call.exit(1),
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    expect(rig.agent.calls.map((call) => call.attempt)).toEqual([1, 2, 3])
    expect(rig.agent.calls[0]?.prompt).toContain('Build Part 1.')
    expect(rig.agent.calls[2]?.prompt).toContain('Go on with Part 1, attempt 3.')
  })

  test('ends with exit 1 and starts nothing more where the contract says stop', async () => {
    const rig = await runRig({
      plan: {
        'task_plan.md': taskPlan([{ id: '1' }, { id: '2' }]),
        'workflow.md': workflow({ gates: '{ between_phases: auto, on_failure: stop }' }),
      },
      answer: (call) => call.exit(1),
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(1)
    expect(rig.calls()).toEqual(['implement 1.1'])
  })

  test('waits between phases where the contract says manual, and resume goes on', async () => {
    const rig = await runRig({
      plan: {
        'task_plan.md': taskPlan([{ id: '1' }, { id: '2' }]),
        'workflow.md': workflow({ gates: '{ between_phases: manual, on_failure: ask }' }),
      },
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    expect(ended.failures[0]?.message).toContain('asks for a go-ahead between phases')
    expect(rig.repo.git('log', '-1', '--format=%s', 'main')).toBe('Write the plan')
    expect((await rig.resume()).exit).toBe(0)
  })

  test('shows the diff and asks where the contract says review', async () => {
    const rig = await runRig({
      plan: {
        'task_plan.md': taskPlan([{ id: '1' }, { id: '2' }]),
        'workflow.md': workflow({ gates: '{ between_phases: review, on_failure: ask }' }),
      },
    })
    const shown: string[] = []
    rig.person = {
      choose: async (_question, text, choices) => {
        shown.push(text)
        return choices[0]?.value
      },
      ask: async () => undefined,
    }
    expect((await rig.run()).exit).toBe(0)
    expect(shown[0]).toContain('+implement 1')
  })

  test('lands nothing with land none, and lands once when asked', async () => {
    const rig = await runRig({ plan: DIAMOND, config: { land: 'none' } })
    const ended = await rig.run()
    expect(ended.exit).toBe(0)
    expect(ended.view?.state).toBe('merged')
    expect(rig.repo.git('log', '-1', '--format=%s', 'main')).toBe('Write the plan')
    expect((await rig.land()).exit).toBe(0)
    expect(rig.repo.git('log', '-1', '--format=%s', 'main')).toBe('Merge orchestrate phase 4: Part 4')
    expect(existsSync(join(rig.repo.path, '4.1.txt'))).toBe(true)
  })

  test('does not land on a branch that somebody moved, and says what to do', async () => {
    const rig = await runRig({ plan: DIAMOND })
    let moved = false
    rig.agent.auto(async (call) => {
      if (!moved) {
        moved = true
        rig.repo.commit({ 'elsewhere.txt': 'x\n' }, 'Somebody else')
      }
      await answerWell(call)
    })
    const ended = await rig.run()
    expect(ended.failures.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      'cannot-land: main was not fast-forwarded: it was changed by somebody meanwhile.',
    ])
    expect(ended.exit).toBe(3)
    expect(rig.repo.git('log', '-1', '--format=%s', 'main')).toBe('Somebody else')
    expect(rig.repo.git('status', '--porcelain')).toBe('')
  })

  test('stops when somebody put commits on the plan branch', async () => {
    const rig = await runRig({ plan: DIAMOND, answer: (call) => call.exit(1) })
    await rig.run()
    const { run } = await rig.view()
    const foreign = rig.repo.git('commit-tree', '-m', 'foreign', '-p', 'main', 'main^{tree}')
    rig.repo.git('update-ref', `refs/heads/orchestrate/${run}/plan`, foreign)
    rig.agent.auto(answerWell)
    const ended = await rig.resume()
    expect(ended.exit).toBe(1)
    expect(ended.failures[0]).toMatchObject({ reason: 'foreign-commit' })
  })

  test('stops at the budget and goes on with a larger one', async () => {
    const rig = await runRig({
      plan: { 'task_plan.md': taskPlan([{ id: '1' }, { id: '2' }]) },
      config: { maxCostUsd: 1 },
      answer: async (call) => {
        if (call.step === 'implement') await call.write({ [`${call.phase}.txt`]: 'x\n' })
        await call.finish({ artifact: { ...call.goodArtifact(), usage: { costUsd: 0.3 } } })
      },
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    expect(ended.failures[0]?.message).toContain('budget')
    const again = await rig.resume({ maxCostUsd: 10 })
    expect(again.failures).toEqual([])
    expect(again.view?.usage.costUsd).toBeCloseTo(0.3 * rig.agent.calls.length)
  })

  test('sets aside what a call of an agent that nobody meters may cost, before it is started', async () => {
    const rig = await runRig({
      plan: { 'task_plan.md': taskPlan([{ id: '1' }]) },
      config: { maxCostUsd: 0.85 },
      answer: async (call) => {
        if (call.step === 'implement') await call.write({ '1.txt': 'x\n' })
        await call.finish({ artifact: { ...call.goodArtifact(), usage: { costUsd: 0.3 } } })
      },
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    // Three reviews begin beside each other: with two of them under way 0.90 is spoken for, and the third is not started.
    expect(rig.agent.calls).toHaveLength(3)
    expect(ended.view?.usage.costUsd).toBeCloseTo(0.9)
  })

  test('goes on in a second clone from the last checkpoint', async () => {
    const rig = await runRig({
      plan: DIAMOND,
      remote: true,
      answer: async (call) => (call.phase === '4' ? await call.exit(1) : await answerWell(call)),
    })
    expect((await rig.run()).exit).toBe(3)
    const before = rig.agent.calls.length
    const other = join(tempDir(), 'clone')
    runGit(tempDir(), 'clone', '--quiet', rig.repo.git('remote', 'get-url', 'origin'), other)
    const clone = atRepo(other)
    clone.git('config', 'user.name', 'Ada Example')
    clone.git('config', 'user.email', 'ada@example.org')
    rig.agent.auto(answerWell)
    const second = rigAt(clone, rig.agent, {})
    const ended = await second.resume()
    expect(ended.failures).toEqual([])
    expect(rig.agent.calls.slice(before).map((call) => call.phase)).toEqual(['4', '4', '4', '4'])
    expect(clone.git('log', '-1', '--format=%s', 'main')).toBe('Merge orchestrate phase 4: Part 4')
  })

  test('a second run of the same plan at the same time is refused with the process that holds it', async () => {
    const rig = await runRig({ plan: DIAMOND, answer: () => undefined })
    const first = rig.run()
    const call = await rig.agent.next()
    const second = await rig.run()
    expect(second.exit).toBe(2)
    expect(second.failures[0]).toMatchObject({
      reason: 'run-in-progress',
      message: `A run of plan is going on already, in process ${process.pid}.`,
    })
    rig.agent.auto(answerWell)
    await answerWell(call)
    expect((await first).exit).toBe(0)
  })

  test('an interrupt ends the agents, records nothing half done, and resume goes on', async () => {
    const rig = await runRig({ plan: DIAMOND, processes: true, answer: () => undefined })
    const running = rig.run()
    const call = await rig.agent.next({ step: 'implement' })
    await call.write({ 'half.txt': 'half\n' })
    rig.abort.abort()
    const ended = await running
    expect(ended.exit).not.toBe(0)
    await call.gone
    const again = rigAt(rig.repo, rig.agent, {}, { processes: true })
    rig.agent.auto(answerWell)
    expect((await again.resume()).failures).toEqual([])
    expect(rig.repo.git('ls-tree', '--name-only', 'main').split('\n')).not.toContain('half.txt')
    await again.verify()
  })
})

const starts = (events: ProgressEvent[]): string[] =>
  events.flatMap((event) => {
    if (event.type === 'phase-started') return [`start ${event.phase}`]
    return event.type === 'phase-merged' ? [`merged ${event.phase}`] : []
  })

const worktree = (events: ProgressEvent[], phase: string): string =>
  events
    .flatMap((event) => (event.type === 'phase-started' && event.phase === phase ? [event.path] : []))
    .at(-1) ?? ''
