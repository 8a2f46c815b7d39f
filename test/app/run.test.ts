import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { sha, type Sha } from '../../src/core/model/ids.ts'
import { openLedger } from './ledger.ts'
import { pick, PLAN, requestsSince, rig, type Rig } from './support.ts'

let it: Rig
beforeAll(async () => {
  it = await rig()
})
afterAll(() => it.close())
beforeEach(() => {
  it.dispatches.length = 0
})

/** A run of the three phases of the plan, approved at the head. */
async function approved(over: { land?: 'end' | 'each' | 'none' } = {}) {
  const repo = await it.repository()
  const pull = await repo.planned()
  const ledger = await openLedger(repo, pull, over.land ?? 'end')
  const branch = `refs/heads/orchestrate/${ledger.run}/plan`
  /** As a job's push of the plan branch wakes the App. */
  const converge = async () => {
    const after = await repo.git('rev-parse', branch)
    await it.github.raise(repo.fullName, 'push', { ref: branch, after, before: after, commits: [] })
    await it.settled()
  }
  const sweep = async () => {
    await it.running.sweep()
    await it.settled()
  }
  await converge()
  return { repo, pull, ledger, converge, sweep }
}

test('an approved run is shown: the gate runs, phases that began have a check with buttons, waiting ones have none', async () => {
  const { repo, pull, ledger, converge } = await approved()
  expect(await repo.gate(pull)).toMatchObject({ status: 'in_progress', title: 'Running: 0 of 3 phases done' })
  await ledger.claim('1')
  await converge()
  let checks = await repo.checks(pull)
  expect([...checks.keys()].sort()).toEqual(['Orchestrate', 'Orchestrate: phase 1'])
  expect(checks.get('Orchestrate: phase 1')).toMatchObject({ status: 'in_progress' })
  await ledger.stop('1', 'the build is red')
  await converge()
  checks = await repo.checks(pull)
  expect(checks.get('Orchestrate: phase 1')).toMatchObject({ conclusion: 'action_required' })
  expect(await repo.gate(pull)).toMatchObject({ conclusion: 'action_required' })
  expect(await repo.said(pull)).toHaveLength(1)

  const check = Number(checks.get('Orchestrate: phase 1')?.['id'])
  await it.github.pressButton(repo.fullName, check, 'retry', 'alice')
  await it.settled()
  expect(it.dispatches.map(({ payload }) => payload['inputs'])).toMatchObject([
    {
      command: '/retry 1',
      source: expect.stringMatching(`^check:${check}@[1-9]`),
      run: ledger.run,
      head: '',
    },
  ])
})

test('merged phases land once, with a fast-forward of the pull request, when the whole was checked', async () => {
  const { repo, pull, ledger, converge } = await approved()
  const before = await repo.head(pull)
  let tip: Sha = sha(before)
  for (const id of ['1', '2', '3']) {
    await ledger.claim(id)
    tip = await ledger.merge(id)
  }
  await converge()
  expect(await repo.head(pull)).toBe(before)
  await ledger.checked('green')
  await converge()
  expect(await repo.head(pull)).toBe(tip)
  expect(await repo.gate(pull)).toMatchObject({ status: 'completed', conclusion: 'success' })
  expect(await repo.said(pull)).toHaveLength(1)
  const from = it.github.requests.length
  await converge()
  expect(
    requestsSince(it, from).filter(({ method, path }) => method === 'PATCH' && path.includes('/git/')),
  ).toEqual([])

  // The ledger, which the App does not write, still says "approved": where the branch stands counts.
  const dispatched = it.dispatches.length
  await repo.comment(pull, '/abort', 'alice')
  await it.settled()
  expect(it.dispatches).toHaveLength(dispatched)
  expect(await repo.gate(pull)).toMatchObject({ status: 'completed', conclusion: 'success' })
  expect(await repo.said(pull)).toEqual([expect.stringContaining('landed')])
})

test('a red last check does not land', async () => {
  const { repo, pull, ledger, converge } = await approved()
  const before = await repo.head(pull)
  for (const id of ['1', '2', '3']) {
    await ledger.claim(id)
    await ledger.merge(id)
  }
  await ledger.checked('red')
  await converge()
  expect(await repo.head(pull)).toBe(before)
})

test('land: each moves the pull request after every merge and the approval still holds', async () => {
  const { repo, pull, ledger, converge } = await approved({ land: 'each' })
  await ledger.claim('1')
  const tip = await ledger.merge('1')
  await converge()
  expect(await repo.head(pull)).toBe(tip)
  expect(await repo.gate(pull)).toMatchObject({ status: 'in_progress', title: 'Running: 1 of 3 phases done' })
})

test('a plan that is edited after the approval needs approval again, and status changes do not count', async () => {
  const { repo, pull, ledger } = await approved()
  const text = PLAN['plan/task_plan.md']
  await repo.push('the-plan', {
    'plan/task_plan.md': text.replace('**Status:** pending', '**Status:** in_progress'),
  })
  await it.settled()
  expect(await repo.gate(pull)).toMatchObject({ status: 'in_progress', title: 'Running: 0 of 3 phases done' })
  await repo.push('the-plan', { 'plan/task_plan.md': text.replace('Part 2', 'Something else') })
  await it.settled()
  expect(await repo.gate(pull)).toMatchObject({
    conclusion: 'action_required',
    title: 'Needs approval again',
  })
  expect((await repo.said(pull))[0]).toMatch(/does not hold any more.*running stop at their next step/s)
  await repo.comment(pull, '/retry 1', 'alice')
  await it.settled()
  expect(it.dispatches).toEqual([])
  await repo.comment(pull, '/approve', 'alice')
  await it.settled()
  expect(it.dispatches).toHaveLength(1)
  expect(ledger.run).toMatch(/^pr/)
})

test('another base voids the approval', async () => {
  const { repo, pull } = await approved()
  await repo.push('release', { 'other.txt': 'x' })
  await repo.api('bob', 'PATCH', `/pulls/${pull}`, { base: 'release' })
  await it.settled()
  expect(await repo.gate(pull)).toMatchObject({ title: 'Needs approval again' })
})

test('a run that nobody works on any more is taken up again by the sweep', async () => {
  const { ledger, sweep } = await approved()
  await ledger.claim('1', 'actions:424242:1:phase 1')
  // Other runs of this file are quiet as well by then.
  const sent = () =>
    it.dispatches.map(({ payload }) => payload['inputs']).filter((one) => pick(one, 'run') === ledger.run)
  await sweep()
  expect(sent()).toEqual([])
  ledger.later(11 * 60_000)
  await sweep()
  expect(sent()).toMatchObject([{ command: '', phases: '', app: 'true' }])
  await sweep()
  expect(sent()).toHaveLength(1)
})

test('a review that requests changes in what was merged is passed on; by a reader, or of the plan, it is not', async () => {
  const { repo, pull, ledger, converge } = await approved({ land: 'none' })
  const ask = async (who: 'alice' | 'carol', comments: object[] = []): Promise<number> => {
    const body = { event: 'REQUEST_CHANGES', body: 'It is too slow.', comments }
    const made = await repo.api(who, 'POST', `/pulls/${pull}/reviews`, body)
    await it.settled()
    return Number(pick(made, 'id'))
  }
  await ask('alice')
  await ledger.claim('1')
  await ledger.merge('1')
  await converge()
  await ask('carol')
  await ask('alice', [{ path: 'plan/task_plan.md', line: 1, side: 'RIGHT', body: 'Why?' }])
  expect(it.dispatches).toEqual([])
  const review = await ask('alice')
  const inputs = it.dispatches.map(({ payload }) => pick(payload, 'inputs'))
  expect(inputs).toMatchObject([{ command: '/fix', source: `review:${review}`, run: ledger.run }])
  // Once: a sweep finds it taken.
  await it.running.sweep()
  await it.settled()
  expect(it.dispatches).toHaveLength(1)

  // Of several phases a review of everything names none, and says so.
  await ledger.claim('2')
  await ledger.merge('2')
  await converge()
  await ask('alice')
  expect(it.dispatches).toHaveLength(1)
  expect((await repo.said(pull))[0]).toContain('does not tell which phase')
})
