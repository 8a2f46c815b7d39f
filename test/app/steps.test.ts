/** What the check of a phase under way shows, and how often it is rewritten. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openLedger } from './ledger.ts'
import { pick, requestsSince, rig, type Rig } from './support.ts'

let it: Rig
beforeAll(async () => {
  it = await rig()
})
afterAll(() => it.close())

/** A run whose first phase is under way and shown. */
async function underWay() {
  const repo = await it.repository()
  const pull = await repo.planned()
  const ledger = await openLedger(repo, pull, 'end')
  const pushed = async (branch: string, created: boolean): Promise<void> => {
    const ref = `refs/heads/orchestrate/${ledger.run}/${branch}`
    const after = await repo.head(pull)
    await it.github.raise(repo.fullName, 'push', { ref, after, before: after, commits: [], created })
    await it.settled()
  }
  /** Any event after which the App looks at once. */
  const look = () => pushed('plan', false)
  const phase = async () => {
    const check = (await repo.checks(pull)).get('Orchestrate: phase 1')
    return {
      ...{ id: check?.['id'], status: check?.['status'], conclusion: check?.['conclusion'] },
      ...{ title: pick(check, 'output.title'), text: String(pick(check, 'output.text')) },
    }
  }
  await look()
  await ledger.claim('1')
  await pushed('phase-1-part-1', true)
  expect(await phase()).toMatchObject({ status: 'in_progress', title: 'Running' })
  return { ledger, look, phase, checkpoint: () => pushed('phase-1-part-1', false) }
}

test('steps are shown with the request that reads the run, at most once in 30 s; a transition at once', async () => {
  const { ledger, look, phase } = await underWay()
  await ledger.steps('1', 'implement')
  await look()
  expect(await phase()).toMatchObject({ title: 'Running' })
  ledger.later(31_000)
  let from = it.github.requests.length
  await look()
  const queries = requestsSince(it, from).flatMap(({ operation }) => operation ?? [])
  expect(queries.filter((one) => one === 'OrchestrateLedger')).toHaveLength(1)
  const first = await phase()
  expect(first.title).toBe('Running: 1 step done')
  expect(first.text).toContain('| implement | scripted opus | passed | – | – | 1m 01s | $0.25 |')

  await ledger.steps('1', 'review-code')
  ledger.later(29_000)
  from = it.github.requests.length
  await look()
  expect(
    requestsSince(it, from).filter(({ method, path }) => method === 'PATCH' && path.includes('check')),
  ).toEqual([])
  ledger.later(2_000)
  await look()
  const second = await phase()
  expect(second).toMatchObject({ id: first.id, title: 'Running: 2 steps done' })
  expect(second.text).toContain('| review-code | scripted opus | passed | nothing found |')

  await ledger.stop('1', 'the build is red')
  await look()
  expect(await phase()).toMatchObject({ id: first.id, conclusion: 'action_required' })
})

test('a checkpoint of a phase costs no request where something else happens soon', async () => {
  const { ledger, look, checkpoint } = await underWay()
  await ledger.steps('1', 'implement')
  const from = it.github.requests.length
  await checkpoint()
  await checkpoint()
  expect(requestsSince(it, from)).toEqual([])
  await look()
  expect(requestsSince(it, from)).not.toEqual([])
})

test('after a checkpoint the App looks by itself', async () => {
  it.settings.calmMs = 1
  await it.another()
  const { ledger, phase, checkpoint } = await underWay()
  await ledger.steps('1', 'implement')
  ledger.later(31_000)
  await checkpoint()
  while ((await phase()).title !== 'Running: 1 step done') await it.settled()
})
