import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { Person } from '../../src/core/ports.ts'
import { answerWell } from '../support/fake-agent.ts'
import { taskPlan } from '../support/plans.ts'
import { type RunRig, runRig } from '../support/run-rig.ts'

/** Answers the question about worktrees, stops at the gate, and keeps what it was shown. */
function sitting(answer: 'keep' | 'remove'): Person & { asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    choose: async (question, text, choices) => {
      asked.push(`${question}\n${text}`)
      const wanted = question.includes('worktree') ? answer : 'stop'
      return choices.find(({ value }) => value === wanted)?.value
    },
    ask: async () => undefined,
  }
}

/** A run that stopped in its phase and was aborted: its worktree is left, with the agent's work committed. */
async function aborted(): Promise<{ rig: RunRig; path: string }> {
  const rig = await runRig({
    plan: { 'task_plan.md': taskPlan([{ id: '1' }]) },
    answer: async (call) => {
      if (call.step === 'review-code') await call.finish({ artifact: 'no JSON' })
      else await answerWell(call)
    },
  })
  expect((await rig.run()).exit).toBe(3)
  expect((await rig.decide({ kind: 'abort' })).exit).toBe(0)
  const [worktree] = await (await rig.ports()).repository.workspaces.list()
  const path = worktree?.path ?? ''
  expect(existsSync(join(path, '1.1.txt'))).toBe(true)
  return { rig, path }
}

describe('worktrees of runs that have ended', () => {
  test('are removed where a person says so and their work is saved', async () => {
    const { rig, path } = await aborted()
    const person = sitting('remove')
    rig.person = person
    await rig.run({ yes: false })
    expect(person.asked[0]).toContain('1 worktree of ended runs is still there. What now?')
    expect(person.asked[0]).toContain(path)
    expect(existsSync(path)).toBe(false)
    expect(rig.events).toContainEqual({ type: 'note', message: 'Removed 1 worktree of ended runs.' })
    expect(rig.repo.git('worktree', 'list').split('\n')).toHaveLength(1)
  })

  test('stay where they hold work that is in no commit, with the command that shows it', async () => {
    const { rig, path } = await aborted()
    writeFileSync(join(path, 'by-hand.txt'), 'mine\n')
    rig.person = sitting('remove')
    await rig.run({ yes: false })
    expect(existsSync(join(path, 'by-hand.txt'))).toBe(true)
    expect(rig.events).toContainEqual(
      expect.objectContaining({
        type: 'warning',
        message: expect.stringContaining('was kept: it holds changes that are in no commit.'),
        hint: expect.stringContaining(`git -C "${path}" status`),
      }),
    )
  })

  test('stay where a person keeps them, and nothing more is said', async () => {
    const { rig, path } = await aborted()
    rig.events.length = 0
    rig.person = sitting('keep')
    await rig.run({ yes: false })
    expect(existsSync(path)).toBe(true)
    expect(rig.events.filter(({ type }) => type === 'warning')).toEqual([])
  })

  test('are only named where nobody is to be asked', async () => {
    const { rig, path } = await aborted()
    const person = sitting('remove')
    rig.person = person
    await rig.run({ dryRun: true })
    expect(person.asked).toEqual([])
    expect(existsSync(path)).toBe(true)
    expect(rig.events).toContainEqual(
      expect.objectContaining({ hint: expect.stringContaining(`git worktree remove "${path}"`) }),
    )
  })

  test('are not offered while their run can still go on', async () => {
    const rig = await runRig({
      plan: { 'task_plan.md': taskPlan([{ id: '1' }]) },
      answer: async (call) => await call.finish({ artifact: false }),
    })
    await rig.run()
    const person = sitting('remove')
    rig.person = person
    await rig.run({ dryRun: true })
    await rig.run({ yes: false })
    expect(person.asked.filter((text) => text.includes('worktree'))).toEqual([])
    expect(await (await rig.ports()).repository.workspaces.list()).toHaveLength(1)
  })
})
