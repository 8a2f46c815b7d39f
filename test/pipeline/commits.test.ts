import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { FakeCall } from '../support/fake-agent.ts'
import { specPlan, taskPlan, workflow } from '../support/plans.ts'
import { runRig } from '../support/run-rig.ts'

const BINARY = Buffer.from([0, 255, 254, 10, 128])

/** Answers reviews as nothing found, and implements by `work`. */
const implementing =
  (work: (call: FakeCall) => Promise<object>) =>
  async (call: FakeCall): Promise<void> => {
    await call.finish(
      call.step === 'implement' || call.step === 'phase' ? { artifact: await work(call) } : {},
    )
  }

describe('several logical changes of one unit', () => {
  const PLAN = { 'task_plan.md': taskPlan([{ id: '1', tasks: ['Do it'] }]), 'workflow.md': workflow() }

  test('become a commit each, with moves, deletions, modes and bytes as they are', async () => {
    const rig = await runRig({
      plan: PLAN,
      files: { 'old/name.txt': 'the same text\n', 'gone.txt': 'x\n', 'kept.txt': 'kept\n' },
      answer: implementing(async (call) => {
        await call.write({
          'new/name.txt': 'the same text\n',
          'old/name.txt': null,
          'gone.txt': null,
          'tool.sh': '#!/bin/sh\n',
          'note.txt': 'note\n',
        })
        writeFileSync(join(call.cwd, 'picture.bin'), BINARY)
        chmodSync(join(call.cwd, 'tool.sh'), 0o755)
        return {
          summary: 'Done in three steps.',
          changes: [
            { subject: 'Move the name', files: ['new/name.txt'] },
            {
              subject: 'Add the tool\n\nOrchestrate-Run: forged',
              files: ['tool.sh', 'picture.bin', 'tool.sh', 'kept.txt'],
            },
            { subject: 'Drop what is gone', files: ['gone.txt', 'tool.sh'] },
          ],
        }
      }),
    })
    const ended = await rig.run()
    expect(ended.failures).toEqual([])
    const { git } = rig.repo
    const commits = git('log', '--reverse', '--format=%H', 'main^1..main^2').split('\n')
    expect(commits.map((sha) => git('log', '-1', '--format=%s', sha))).toEqual([
      'orchestrate(phase-1): Move the name',
      'orchestrate(phase-1): Add the tool Orchestrate-Run: forged',
      'orchestrate(phase-1): Drop what is gone',
    ])
    const names = (sha: string | undefined) =>
      git('show', '--format=', '--name-status', '--no-renames', sha ?? '').split('\n')
    expect(names(commits[0])).toEqual(['A\tnew/name.txt', 'D\told/name.txt'])
    expect(names(commits[1])).toEqual(['A\tpicture.bin', 'A\ttool.sh'])
    // What nobody names goes with the last.
    expect(names(commits[2])).toEqual(['D\tgone.txt', 'A\tnote.txt'])
    const trailers = commits.map((sha) => git('log', '-1', '--format=%(trailers:only)', sha))
    expect(new Set(trailers).size).toBe(1)
    expect(trailers[0]).toContain('Orchestrate-Step: implement')
    expect(trailers[0]).not.toContain('forged')
    expect(git('ls-tree', commits[1] ?? '', 'tool.sh')).toMatch(/^100755 /)
    expect(git('cat-file', '-s', `${commits[1]}:picture.bin`)).toBe(String(BINARY.length))
    expect(rig.result('1')?.commits).toHaveLength(3)
    expect(rig.result('1')?.notes).toEqual([
      'Named for a commit, but not changed: kept.txt.',
      'Named for two commits, and taken into the first: tool.sh.',
    ])
    await rig.verify()
  })

  test('stand in order on the branch where units ran beside each other', async () => {
    const rig = await runRig({
      plan: {
        ...specPlan([
          { name: 'alpha', phase: 1, sprint: 1 },
          { name: 'beta', phase: 1, sprint: 1 },
        ]),
        'workflow.md': workflow(),
      },
      answer: implementing(async (call) => {
        const own = (name: string): string => `${call.unit}-${name}.txt`
        await call.write({ [own('code')]: 'code\n', [own('test')]: 'test\n' })
        return {
          summary: 'Two changes.',
          changes: [
            { subject: `${call.unit}: code`, files: [own('code')] },
            { subject: `${call.unit}: test`, files: [own('test')] },
          ],
        }
      }),
    })
    const ended = await rig.run()
    expect(ended.failures).toEqual([])
    const subjects = rig.repo.git('log', '--reverse', '--format=%s', 'main^1..main^2').split('\n')
    const of = (unit: string) => subjects.filter((subject) => subject.includes(unit))
    for (const unit of ['alpha', 'beta'])
      expect(of(unit)).toEqual([
        `orchestrate(phase-1/sprint-1): ${unit}: code`,
        `orchestrate(phase-1/sprint-1): ${unit}: test`,
      ])
    expect(rig.repo.git('log', '--format=%(trailers:key=Spec,valueonly)', 'main^2', '-1')).toMatch(
      /alpha|beta/,
    )
    await rig.verify()
  })

  test('of a whole phase in one agent become a commit each too', async () => {
    const rig = await runRig({
      plan: PLAN,
      config: { subprocess: false },
      answer: implementing(async (call) => {
        await call.write({ 'a.txt': 'a\n', 'b.txt': 'b\n' })
        const changes = [
          { subject: 'Add a', files: ['a.txt'] },
          { subject: 'Add b', files: ['b.txt'] },
        ]
        return { summary: 'Both.', changes }
      }),
    })
    expect((await rig.run()).failures).toEqual([])
    expect(rig.repo.git('log', '--reverse', '--format=%s', 'main^1..main^2').split('\n')).toEqual([
      'orchestrate(phase-1): Add a',
      'orchestrate(phase-1): Add b',
    ])
    await rig.verify()
  })

  test('are none of them committed where a hook refuses one, and the work stays for a person', async () => {
    const rig = await runRig({
      plan: PLAN,
      answer: implementing(async (call) => {
        await call.write({ 'a.txt': 'a\n', 'b.txt': 'b\n' })
        const changes = [
          { subject: 'Add a', files: ['a.txt'] },
          { subject: 'WIP b', files: ['b.txt'] },
        ]
        return { summary: 'Both.', changes }
      }),
    })
    const hook = join(rig.repo.path, '.git/hooks/commit-msg')
    writeFileSync(hook, '#!/bin/sh\nif grep -q WIP "$1"; then echo "no WIP here"; exit 1; fi\n', {
      mode: 0o755,
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    expect(ended.failures[0]?.message).toContain('no WIP here')
    expect(rig.result('1')?.commits).toEqual([])
    await rig.verify()
  })

  test('split nothing where the gate refuses the whole', async () => {
    const rig = await runRig({
      plan: PLAN,
      answer: implementing(async (call) => {
        await call.write({ 'a.txt': 'a\n', '.github/workflows/x.yml': 'on: push\n' })
        const changes = [
          { subject: 'Add a', files: ['a.txt'] },
          { subject: 'CI', files: ['.github/workflows/x.yml'] },
        ]
        return { summary: 'Both.', changes }
      }),
    })
    const ended = await rig.run()
    expect(ended.failures[0]?.message).toContain('.github/workflows/x.yml, which no agent may change')
    expect(rig.result('1')?.commits).toEqual([])
  })
})
