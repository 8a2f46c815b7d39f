import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createHmac } from 'node:crypto'
import { PLAN, PROJECT, pick, type Repo, rig, type Rig, setClock } from './support.ts'

let it: Rig
beforeAll(async () => {
  it = await rig()
})
afterAll(() => it.close())
beforeEach(() => {
  it.dispatches.length = 0
  delete it.github.faults.duplicateDelivery
  delete it.github.faults.dropDelivery
  delete it.github.faults.holdDeliveries
})

const inputs = () => it.dispatches.map(({ payload }) => pick(payload, 'inputs'))

test('a maintainer’s /approve starts the workflow with what was approved and where that was said', async () => {
  const repo = await it.repository()
  const pull = await repo.planned()
  const head = await repo.head(pull)
  const comment = await repo.comment(pull, '/approve --phases 1-2 --max-cost 5 --model opus', 'alice')
  await it.settled()
  expect(inputs()).toEqual([
    {
      pull: String(pull),
      run: '',
      head,
      'plan-dir': 'plan',
      command: '/approve --phases 1-2 --max-cost 5 --model opus',
      source: `comment:${comment}`,
      phases: '',
      app: 'true',
    },
  ])
  expect(await repo.reactions(comment)).toEqual(['eyes', 'rocket'])
  expect(await repo.gate(pull)).toMatchObject({ status: 'in_progress', title: 'Approved by alice: starting' })
  expect(await repo.said(pull)).toHaveLength(1)

  // The job refused it or died: it left no run.
  setClock(() => Date.now() + 16 * 60_000)
  await it.running.sweep()
  await it.settled()
  setClock(() => Date.now())
  expect(await repo.gate(pull)).toMatchObject({ title: 'Needs approval: 3 phases' })
  expect((await repo.said(pull))[0]).toMatch(/nothing came of it yet/)
})

test('five deliveries of one comment, and one more by hand, are one approval', async () => {
  const repo = await it.repository()
  const pull = await repo.planned()
  await it.another()
  it.github.faults.duplicateDelivery = () => true
  const comment = await repo.comment(pull, '/approve', 'alice')
  await it.settled()
  delete it.github.faults.duplicateDelivery
  const delivery = it.github.deliveries.findLast(({ event }) => event === 'issue_comment')
  await Promise.all([1, 2, 3].map(() => it.github.redeliver(delivery?.id ?? '')))
  await it.settled()
  expect(it.dispatches).toHaveLength(1)
  expect(await repo.reactions(comment)).toEqual(['eyes', 'rocket'])
  expect(await repo.said(pull)).toHaveLength(1)
})

test.each([
  ['a reader', 'carol', '/approve', /needs the role write, and carol has read/],
  ['the author, where another person has to', 'bob', '/approve', /bob.*another person has to approve/s],
  ['somebody who means another commit', 'alice', '/approve 1234567', /approval is for 1234567/],
  ['an unknown flag', 'alice', '/approve --fast', /no flag --fast/],
  ['a command without a run', 'alice', '/retry 2', /No run has been started/],
] as const)('%s is refused, with the reason', async (_, who, says, why) => {
  const repo = await sharedRepo()
  const comment = await repo.comment(1, says, who)
  await it.settled()
  expect(it.dispatches).toEqual([])
  expect(await repo.reactions(comment)).toEqual(['confused', 'eyes'])
  const [answer, ...more] = await repo.said(1)
  expect(answer?.replaceAll('&#8203;', '').replaceAll('\\', '')).toMatch(why)
  expect(more).toEqual([])
})

test('quoted commands, those of bots, and those where nobody asked for a gate are passed over', async () => {
  const repo = await sharedRepo()
  const quoted = await repo.comment(1, '> /approve\n\n`/approve`', 'alice')
  await repo.push('other', { 'src/x.ts': '' })
  const other = await repo.openPull('other')
  const elsewhere = await repo.comment(other, '/approve', 'alice')
  await it.settled()
  expect(it.dispatches).toEqual([])
  expect(await repo.reactions(quoted)).toEqual([])
  expect(await repo.reactions(elsewhere)).toEqual([])
})

test('/orchestrate asks for a gate where no label is: it sets the label', async () => {
  const repo = await it.repository()
  await repo.push('the-plan', PLAN)
  const pull = await repo.openPull('the-plan')
  await repo.comment(pull, '/orchestrate', 'carol')
  await it.settled()
  expect(await repo.gate(pull)).toMatchObject({ conclusion: 'success' })
  await repo.comment(pull, '/orchestrate', 'bob')
  await it.settled()
  expect(await repo.gate(pull)).toMatchObject({ title: 'Needs approval: 3 phases' })
  expect(await repo.said(pull)).toHaveLength(1)
})

test('/status and /why-not are answered in the one comment', async () => {
  const repo = await sharedRepo()
  await repo.comment(1, '/why-not', 'carol')
  await it.settled()
  expect((await repo.said(1))[0]).toMatch(/carol.*role write/s)
  const asked = await repo.comment(1, '/status', 'carol')
  await it.settled()
  expect((await repo.said(1))[0]).toMatch(/carol.*waiting for an approval/s)
  expect(await repo.reactions(asked)).toEqual(['+1', 'eyes'])
  expect(await repo.said(1)).toHaveLength(1)
})

test('the approve button means the commit that the check shows', async () => {
  const repo = await it.repository()
  const pull = await repo.planned()
  const check = await repo.gate(pull)
  const identifier = `approve:${(await repo.head(pull)).slice(0, 12)}`
  await it.github.pressButton(repo.fullName, check.id, identifier, 'carol')
  await it.settled()
  expect(it.dispatches).toEqual([])
  await it.github.pressButton(repo.fullName, check.id, identifier, 'alice')
  await it.settled()
  expect(inputs()).toMatchObject([{ source: `check:${check.id}`, 'plan-dir': 'plan' }])
})

test('an approving review counts where the base branch says so', async () => {
  const repo = await it.repository({ ...PROJECT, '.github/orchestrate.yml': 'approve:\n  reviews: true\n' })
  const pull = await repo.planned()
  await repo.api('alice', 'POST', `/pulls/${pull}/reviews`, { event: 'APPROVE', body: 'Good.' })
  await it.settled()
  expect(inputs()).toMatchObject([{ command: expect.stringMatching(/^\/approve [0-9a-f]+$/) }])
})

test('an approval that waits while the head moves is refused, and both commits are named', async () => {
  const repo = await it.repository()
  const pull = await repo.planned()
  const before = await repo.head(pull)
  await repo.push('the-plan', { 'plan/task_plan.md': `${PLAN['plan/task_plan.md']}\nMore.\n` })
  const after = await repo.head(pull)
  await repo.comment(pull, `/approve ${before}`, 'alice')
  await it.settled()
  expect(it.dispatches).toEqual([])
  const [said] = await repo.said(pull)
  expect(said).toContain(before.slice(0, 10))
  expect(said).toContain(after.slice(0, 10))
})

test('a command whose webhook was lost is found by the sweep, once', async () => {
  const repo = await it.repository()
  const pull = await repo.planned()
  it.github.faults.dropDelivery = ({ event }) => event === 'issue_comment'
  await repo.comment(pull, '/approve', 'alice')
  await it.settled()
  expect(it.dispatches).toEqual([])
  delete it.github.faults.dropDelivery
  await it.running.sweep()
  await it.running.sweep()
  await it.settled()
  expect(it.dispatches).toHaveLength(1)
})

test('two instances that sweep at once dispatch once, and one comment is left', async () => {
  const repo = await it.repository()
  const [first, second] = [it.running, await it.another()]
  await repo.push('the-plan', PLAN)
  const pull = await repo.openPull('the-plan')
  await it.settled()
  it.github.faults.dropDelivery = () => true
  await repo.label(pull)
  await Promise.all([first.sweep(), second.sweep()])
  await repo.comment(pull, '/approve', 'alice')
  await Promise.all([first.sweep(), second.sweep()])
  await first.sweep()
  delete it.github.faults.dropDelivery
  await it.settled()
  expect(it.dispatches).toHaveLength(1)
  expect(await repo.said(pull)).toHaveLength(1)
  expect(await repo.gate(pull)).toMatchObject({ title: 'Approved by alice: starting' })
})

test('label, push and closing in any order end in the same state', async () => {
  const ends: unknown[] = []
  for (const order of ['as sent', 'reversed']) {
    const repo = await it.repository()
    const pull = await repo.planned()
    it.github.faults.holdDeliveries = true
    await repo.push('the-plan', { 'plan/task_plan.md': `${PLAN['plan/task_plan.md']}\nMore.\n` })
    await repo.comment(pull, '/status', 'alice')
    await repo.api('bob', 'PATCH', `/pulls/${pull}`, { state: 'closed' })
    await repo.api('bob', 'PATCH', `/pulls/${pull}`, { state: 'open' })
    await it.github.releaseDeliveries((held) => (order === 'reversed' ? held.reverse() : held))
    delete it.github.faults.holdDeliveries
    await it.settled()
    const { status, conclusion, title } = await repo.gate(pull)
    ends.push({ status, conclusion, title, comments: (await repo.said(pull)).length })
  }
  expect(ends[0]).toEqual({
    ...{ status: 'completed', conclusion: 'action_required' },
    ...{ title: 'Needs approval: 3 phases', comments: 1 },
  })
  expect(ends[1]).toEqual(ends[0])
})

test('without the workflow on the default branch an approval says how to add it', async () => {
  const { '.github/workflows/orchestrate.yml': _, ...bare } = PROJECT
  const repo = await it.repository(bare)
  const pull = await repo.planned()
  await repo.comment(pull, '/approve', 'alice')
  await it.settled()
  expect(it.dispatches).toEqual([])
  expect((await repo.said(pull))[0]).toMatch(/alice.*Nothing can be run here yet/s)
})

test('a delivery with a wrong signature is refused with 401 and has no effect', async () => {
  const before = it.github.requests.length
  const send = (secret: string | undefined) => {
    const body = JSON.stringify({ action: 'created' })
    const signature = `sha256=${createHmac('sha256', secret ?? '')
      .update(body)
      .digest('hex')}`
    return fetch(`${it.running.url}/api/github/webhooks`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'issue_comment',
        'x-github-delivery': 'd-1',
        ...(secret === undefined ? {} : { 'x-hub-signature-256': signature }),
      },
      body,
    })
  }
  expect((await send('wrong')).status).toBe(401)
  expect((await send(undefined)).status).toBe(401)
  expect((await send(it.app.webhookSecret)).status).toBe(202)
  await it.settled()
  expect(it.github.requests).toHaveLength(before)
})

test('health and metrics tell how the App does', async () => {
  const health = await fetch(`${it.running.url}/health`)
  expect(await health.json()).toMatchObject({ ok: true, waiting: 0 })
  const metrics = await (await fetch(`${it.running.url}/metrics`)).text()
  expect(metrics).toMatch(/^orchestrate_webhooks_total\{event="issue_comment"\} \d+$/m)
  expect(metrics).toMatch(/^# TYPE orchestrate_http_seconds histogram$/m)
  expect((await fetch(`${it.running.url}/nothing`)).status).toBe(404)
  expect((await fetch(`${it.running.url}/api/github/webhooks`)).status).toBe(405)
})

let shared: Repo | undefined
/** A reviewed plan at pull request 1, for tests that change nothing of it. */
async function sharedRepo(): Promise<Repo> {
  if (shared === undefined) {
    shared = await it.repository()
    await shared.planned()
  }
  return shared
}
