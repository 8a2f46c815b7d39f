import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import { phaseRef } from '../../src/core/execute/phase-book.ts'
import type { PhaseEvent } from '../../src/core/model/event.ts'
import { phaseId, sha } from '../../src/core/model/ids.ts'
import { answerWell, type FakeCall } from '../support/fake-agent.ts'
import { taskPlan, workflow } from '../support/plans.ts'
import { type RigOptions, runRig } from '../support/run-rig.ts'

const MAP = 'docs/CODEBASE_MAP.md'
const PLAN = { 'task_plan.md': taskPlan([{ id: '1' }]), 'workflow.md': workflow() }
const FILES = { [MAP]: '# Map\n\n- README.md: what it is\n' }

const project = (resolveDocs: (call: FakeCall) => unknown, more: Partial<RigOptions> = {}) =>
  runRig({
    plan: PLAN,
    files: FILES,
    answer: async (call) => {
      if (call.step === 'resolve-docs') await resolveDocs(call)
      else await answerWell(call)
    },
    ...more,
  })

const refresh = async (call: FakeCall): Promise<void> => {
  await call.append(MAP, `- part-${call.phase}.txt: part ${call.phase}\n`)
  await call.finish()
}

describe('the codebase map', () => {
  test('is refreshed by one call, after all that is checked and before the merge', async () => {
    const rig = await project(refresh)
    expect((await rig.run()).failures).toEqual([])
    expect(rig.calls()).toHaveLength(5)
    expect(rig.calls().at(-1)).toBe('resolve-docs')
    const call = rig.agent.calls.at(-1)
    expect(call?.prompt).toContain('## Files that the phase changed\n```\n1.1.txt\n```')
    expect(rig.repo.git('log', '-2', '--format=%s', 'main^2').split('\n')).toEqual([
      'orchestrate(phase-1): refresh the codebase map',
      'orchestrate(phase-1): Write part 1 in part-1.txt',
    ])
    expect(rig.repo.git('diff', '--name-only', 'main^2^', 'main^2')).toBe(MAP)
    expect(rig.repo.git('show', `main:${MAP}`)).toContain('- part-1.txt: part 1')
    expect(rig.result('1')?.docs).toBe('refreshed')
    const checks = rig.events.filter((event) => event.type === 'check-finished')
    expect(checks.map((event) => event.check)).toEqual(['build', 'test'])
    await rig.verify()
  })

  test('may be right as it is', async () => {
    const rig = await project((call) => call.finish())
    expect((await rig.run()).failures).toEqual([])
    expect(rig.repo.git('log', '-1', '--format=%s', 'main^2')).toContain('Write part 1')
    expect(rig.result('1')?.docs).toBe('refreshed')
    await rig.verify()
  })

  test('costs nothing where the project keeps none', async () => {
    const rig = await project(refresh, { files: {} })
    expect((await rig.run()).failures).toEqual([])
    expect(rig.calls()).toHaveLength(4)
    expect(rig.result('1')?.docs).toBe('no-map')
    expect(rig.repo.git('ls-tree', 'main', MAP)).toBe('')
  })

  test('is all that its agent may change: the rest is set aside, and said', async () => {
    const rig = await project(async (call) => {
      await call.write({ 'README.md': 'advertisement\n', 'docs/new.md': 'more\n', '1.1.txt': null })
      await refresh(call)
    })
    expect((await rig.run()).failures).toEqual([])
    expect(rig.repo.git('diff', '--name-only', 'main^2^', 'main^2')).toBe(MAP)
    expect(rig.repo.git('show', 'main:README.md')).toBe('# Project')
    expect(rig.repo.git('show', 'main:1.1.txt')).toContain('implement')
    expect(rig.result('1')).toMatchObject({
      docs: 'refreshed',
      notes: [`resolve-docs may change ${MAP} alone. Set aside: 1.1.txt, README.md, docs/new.md.`],
    })
    await rig.verify()
  })

  test('is all that a record may say was changed without being built and tested', async () => {
    const rig = await project(refresh)
    await rig.run()
    const { repository, ledger } = await rig.ports()
    const ref = phaseRef((await rig.view()).run, phaseId('1'), 1)
    const chain = await ledger.read(ref)
    if (!chain.ok) throw new Error(chain.error[0]?.message)
    const { entries, head } = chain.value
    const events = entries.map((entry) => entry.event as PhaseEvent)
    const at = events.findIndex((event) => event.type === 'step-passed' && event.step === 'resolve-docs')
    const [parent, entry] = [entries[at - 1], entries[at]]
    if (!parent || !entry) throw new Error('nothing was refreshed')
    // With what the merge wrote into the plan: more than the map.
    const more = sha(rig.repo.git('commit-tree', 'main^{tree}', '-p', 'main^2^', '-m', 'more'))
    const artifact = 'artifacts/resolve-docs.1.json'
    const forged = await ledger.append({
      ref: `${ref}-forged`,
      expected: undefined,
      parent: parent.commit,
      subject: 'forged',
      event: { ...events[at], commits: [{ sha: more, subject: 'more' }] },
      files: new Map([[artifact, (await ledger.file(entry.commit, artifact)) ?? '']]),
      at: 0,
    })
    expect(forged.ok && (await repository.updateRefs([{ ref, from: head, to: forged.head }]))).toBe(true)
    await expect(rig.verify()).rejects.toThrow(
      /resolve-docs changed \.claude\/handoff\.md, which was not built and tested after it/,
    )
  })
})

describe('a refresh that fails does not stop the phase', () => {
  const failing: [string, (call: FakeCall) => unknown, string][] = [
    ['its agent crashes', (call) => call.crash(), 'agent of resolve-docs failed'],
    [
      'its agent says nothing',
      async (call) => {
        await call.append(MAP, 'half a line')
        await call.finish({ artifact: false })
      },
      'resolve-docs',
    ],
    [
      'its agent deletes the map',
      async (call) => {
        await call.write({ [MAP]: null })
        await call.finish()
      },
      `resolve-docs left no file at ${MAP}.`,
    ],
  ]
  test.each(failing)('when %s', async (_, resolveDocs, why) => {
    const rig = await project(resolveDocs)
    expect((await rig.run()).failures).toEqual([])
    expect(rig.calls().filter((call) => call === 'resolve-docs')).toHaveLength(1)
    expect(rig.result('1')).toMatchObject({ status: 'completed', docs: 'failed' })
    expect(rig.result('1')?.notes.join('\n')).toContain('The codebase map is as it was: ')
    expect(rig.result('1')?.notes.join('\n')).toContain(why)
    expect(`${rig.repo.git('show', `main:${MAP}`)}\n`).toBe(FILES[MAP])
    await rig.verify()
  })

  test('when a hook refuses its commit', async () => {
    const rig = await project(refresh)
    rig.repo.write(
      '.git/hooks/pre-commit',
      '#!/bin/sh\n! git diff --cached --name-only | grep -q MAP\n',
      true,
    )
    expect((await rig.run()).failures).toEqual([])
    expect(rig.result('1')).toMatchObject({ status: 'completed', docs: 'failed' })
    expect(rig.result('1')?.notes.join('\n')).toContain('pre-commit hook refused the commit')
    expect(`${rig.repo.git('show', `main:${MAP}`)}\n`).toBe(FILES[MAP])
    await rig.verify()
  })

  test('when a hook changes other files along with it', async () => {
    const rig = await project(refresh)
    rig.repo.write(
      '.git/hooks/pre-commit',
      '#!/bin/sh\ngrep -q part-1 docs/*.md && echo x >> README.md\ntrue\n',
      true,
    )
    expect((await rig.run()).failures).toEqual([])
    expect(rig.result('1')?.docs).toBe('failed')
    expect(rig.result('1')?.notes.join('\n')).toContain('A hook changed README.md as the map was committed.')
    expect(rig.repo.git('show', 'main:README.md')).toBe('# Project')
    await rig.verify()
  })

  test('when the money is spent: it is left out', async () => {
    const rig = await runRig({
      plan: PLAN,
      files: FILES,
      config: { maxCostUsd: 1 },
      answer: async (call) => {
        if (!call.step.startsWith('review-')) return await answerWell(call)
        await call.finish({ artifact: { ...call.goodArtifact(), usage: { costUsd: 0.5 } } })
      },
    })
    expect((await rig.run()).failures).toEqual([])
    expect(rig.calls()).not.toContain('resolve-docs')
    expect(rig.result('1')).toMatchObject({
      status: 'completed',
      docs: 'failed',
      notes: ['The codebase map is as it was: The budget of the run is spent.'],
    })
    await rig.verify()
  })
})

describe('phases beside each other', () => {
  test('that refresh the same lines: the later one does it again on what was merged', async () => {
    const merged = async () => {
      while (!rig.events.some((event) => event.type === 'phase-merged' && event.phase === '1'))
        await setTimeout(20)
    }
    const rig = await project(
      async (call) => {
        if (call.phase === '2') await merged()
        await refresh(call)
      },
      { plan: { ...PLAN, 'task_plan.md': taskPlan([{ id: '1' }, { id: '2' }]) }, config: { parallel: true } },
    )
    expect((await rig.run()).failures).toEqual([])
    const docs = rig.agent.calls.filter((call) => call.step === 'resolve-docs').map((call) => call.phase)
    // Both ask while neither is merged, in any order; the one that merges later asks again.
    expect(docs.slice(0, 2).sort()).toEqual(['1', '2'])
    expect(docs.slice(2)).toEqual(['2'])
    expect(rig.repo.git('show', `main:${MAP}`)).toBe(
      `${FILES[MAP]}- part-1.txt: part 1\n- part-2.txt: part 2`,
    )
    expect(rig.result('2')).toMatchObject({ status: 'completed', docs: 'refreshed' })
    await rig.verify()
  })
})
