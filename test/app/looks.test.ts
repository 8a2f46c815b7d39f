/** What makes the App look again, at whom, and what a look costs. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { taskPlan } from '../support/plans.ts'
import { PROJECT, requestsSince, rig, type Repo, type Rig } from './support.ts'

let it: Rig
beforeAll(async () => {
  it = await rig()
})
afterAll(() => it.close())

const operations = (from: number): string[] =>
  requestsSince(it, from).flatMap(({ operation }) => operation ?? [])
const planIn = (dir: string, task: string) => ({
  [`${dir}/task_plan.md`]: taskPlan([{ id: '1', tasks: [task] }]),
})
const told = async (repo: Repo, pull: number): Promise<string> => (await repo.said(pull)).join('\n')

test('another look at the same commits reads no file again', async () => {
  const repo = await it.repository()
  const pull = await repo.planned()
  const look = async (): Promise<string[]> => {
    const from = it.github.requests.length
    await repo.api('bob', 'PATCH', `/pulls/${pull}`, { state: 'closed' })
    await repo.api('bob', 'PATCH', `/pulls/${pull}`, { state: 'open' })
    await it.settled()
    return operations(from)
  }
  expect((await look()).filter((one) => /Files|Tree/.test(one))).toEqual([])
  expect(await repo.gate(pull)).toMatchObject({ conclusion: 'action_required' })
  const from = it.github.requests.length
  await repo.push('the-plan', planIn('plan', 'Write `src/other.ts`'))
  await it.settled()
  expect(operations(from).filter((one) => /Files|Tree/.test(one)).length).toBeGreaterThan(0)
  expect(await repo.gate(pull)).toMatchObject({ title: 'Needs approval: 1 phase' })
})

test('who plans the same files hears at once: of a plan, of its end, of its return, of files taken out of it', async () => {
  const repo = await it.repository()
  const first = await repo.planned(planIn('one', 'Write `src/shared.ts`'), 'one')
  const second = await repo.planned(planIn('two', 'Write `src/shared.ts`'), 'two')
  const note = new RegExp(`pull request ${second} .*src/shared`)
  expect(await told(repo, first)).toMatch(note)
  await repo.api('bob', 'PATCH', `/pulls/${second}`, { state: 'closed' })
  await it.settled()
  expect(await told(repo, first)).not.toMatch(note)
  await repo.api('bob', 'PATCH', `/pulls/${second}`, { state: 'open' })
  await it.settled()
  expect(await told(repo, first)).toMatch(note)
  await repo.api('bob', 'DELETE', `/issues/${second}/labels/orchestrate`)
  await it.settled()
  expect(await told(repo, first)).not.toMatch(note)
  await repo.label(second)
  await it.settled()
  expect(await told(repo, first)).toMatch(note)
  await repo.push('two', planIn('two', 'Write `src/own.ts`'))
  await it.settled()
  expect(await told(repo, first)).not.toMatch(note)
})

test('a sweep finds gates by the label that the default branch names, and a change of its rules is one', async () => {
  const repo = await it.repository({ ...PROJECT, '.github/orchestrate.yml': 'label: gate-me\n' })
  await repo.push('quiet', planIn('plan', 'Write `src/a.ts`'))
  it.github.setWebhookUrl(it.app.id, 'http://127.0.0.1:9/nobody-listens')
  const pull = await repo.openPull('quiet')
  await repo.label(pull, 'bob', 'gate-me')
  await it.github.idle()
  expect((await repo.checks(pull)).size).toBe(0)
  it.github.setWebhookUrl(it.app.id, `${it.running.url}/api/github/webhooks`)
  const from = it.github.requests.length
  await it.running.sweep()
  await it.settled()
  expect(await repo.gate(pull)).toMatchObject({ conclusion: 'action_required' })
  expect(operations(from).filter((one) => one === 'OrchestrateDefaultConfig').length).toBeGreaterThan(0)

  await repo.push(
    'main',
    { '.github/orchestrate.yml': 'label: gate-me\nbuild_cmd: make everything\n' },
    'alice',
  )
  await it.settled()
  expect(await told(repo, pull)).toContain('make everything')
})

test('flags given with /orchestrate are answered with the approval that sets them', async () => {
  const repo = await it.repository()
  const pull = await repo.planned()
  const comment = await repo.comment(pull, '/orchestrate --max-cost 5 --parallel', 'bob')
  await it.settled()
  expect(await repo.reactions(comment)).toContain('+1')
  expect(await told(repo, pull)).toContain('whoever approves writes /approve --parallel --max-cost 5')
})
