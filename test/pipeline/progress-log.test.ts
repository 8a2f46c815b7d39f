import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { type FakeCall, answerWell } from '../support/fake-agent.ts'
import { taskPlan, workflow } from '../support/plans.ts'
import { type RunRig, runRig } from '../support/run-rig.ts'

const LOG = '.claude/progress-log.md'
const OLD = '# Progress log\n\n- what was before\n'

const plan = (enforcement: string) => ({
  'task_plan.md': taskPlan([{ id: '1' }]),
  'workflow.md': workflow().replace('execution:\n', `execution:\n  progress_enforcement: ${enforcement}\n`),
})
const rigWith = (enforcement: string, implement: (call: FakeCall) => Promise<void>): Promise<RunRig> =>
  runRig({
    plan: plan(enforcement),
    files: { [LOG]: OLD },
    answer: async (call) => {
      if (call.step === 'implement') await implement(call)
      await answerWell(call)
    },
  })
const truncate = (call: FakeCall): Promise<void> => call.write({ [LOG]: '# Empty\n' })
const logOf = (rig: RunRig): string => `${rig.repo.git('show', `main:${LOG}`)}\n`

describe('the progress log', () => {
  test('strict: an agent that takes out what stood in it stops the phase, and nothing of it is taken', async () => {
    const rig = await rigWith('strict', truncate)
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    expect(ended.failures[0]?.message).toContain(
      `The progress log ${LOG} does not begin with what stood in it, and it is append-only.`,
    )
    expect(rig.result('1')?.commits).toEqual([])
    expect(logOf(rig)).toBe(OLD)
    await rig.verify()
  })

  test('warn: the same is said, set aside, and the phase goes on', async () => {
    const rig = await rigWith('warn', truncate)
    expect((await rig.run()).failures).toEqual([])
    expect(logOf(rig).startsWith(OLD)).toBe(true)
    expect(logOf(rig)).toContain('## Phase 1: Part 1 — completed')
    expect(rig.result('1')?.notes).toContain(
      `The progress log ${LOG} does not begin with what stood in it, and it is append-only.`,
    )
    expect(rig.events).toContainEqual(
      expect.objectContaining({
        type: 'warning',
        message: expect.stringContaining('Phase 1: The progress log'),
      }),
    )
  })

  test('none: it is a file like any other, and we write nothing into it', async () => {
    const rig = await rigWith('none', truncate)
    expect((await rig.run()).failures).toEqual([])
    expect(logOf(rig)).toBe('# Empty\n')
    expect(rig.result('1')?.logUpdated).toBe(false)
  })

  test('strict: an entry that an agent adds at the end is set aside and stops nothing', async () => {
    const rig = await rigWith('strict', (call) => call.append(LOG, '- mine\n'))
    expect((await rig.run()).failures).toEqual([])
    expect(logOf(rig).startsWith(OLD)).toBe(true)
    expect(logOf(rig)).not.toContain('- mine')
    expect(rig.result('1')?.notes).toEqual([
      `A change of ${LOG} was set aside: Orchestrate writes it itself.`,
    ])
  })

  test('strict: what a hand rewrote on the branch stops the merge, until it is put back', async () => {
    let fails = true
    const rig = await runRig({
      plan: plan('strict'),
      files: { [LOG]: OLD },
      answer: async (call) => {
        if (call.step === 'review-code' && fails) await call.finish({ artifact: 'no JSON' })
        else await answerWell(call)
      },
    })
    await rig.run()
    fails = false
    const [worktree] = await (await rig.ports()).repository.workspaces.list()
    const log = join(worktree?.path ?? '', LOG)
    writeFileSync(log, 'rewritten\n')
    const stopped = await rig.resume()
    expect(stopped.exit).toBe(3)
    expect(stopped.failures[0]?.message).toContain('does not begin with what stood in it')
    expect(stopped.failures[0]?.hint).toMatch(/git checkout [0-9a-f]{12} -- \.claude\/progress-log\.md/)
    writeFileSync(log, OLD)
    expect((await rig.resume()).failures).toEqual([])
    expect(logOf(rig).startsWith(OLD)).toBe(true)
    await rig.verify()
  })

  test.each([
    ['strict', 3],
    ['warn', 0],
  ])('%s: where a folder stands in its place nothing of that is overwritten', async (enforcement, exit) => {
    const rig = await runRig({ plan: plan(enforcement), files: { [`${LOG}/inner.txt`]: 'kept\n' } })
    const ended = await rig.run()
    expect(ended.exit).toBe(exit)
    expect(rig.repo.git('show', `main:${LOG}/inner.txt`)).toBe('kept')
    const told = exit === 0 ? rig.result('1')?.notes.join('\n') : ended.failures[0]?.message
    expect(told).toContain(`The progress log ${LOG} cannot be written: a folder stands there.`)
  })
})
