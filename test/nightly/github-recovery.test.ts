/** The Action alone when things go wrong underneath: machines that die, events that come twice, a GitHub that stutters. */
import { afterEach, describe, expect, test } from '@jest/globals'
import type { Faults } from '../../local-github/types.ts'
import type { GateWorld } from '../../local-github/world.ts'
import {
  comes,
  conclusionsOn,
  DIAMOND,
  dispatches,
  eventsOf,
  type HeldAgent,
  heldAgent,
  onlyRun,
  openPlan,
  ourComment,
  phaseJobs,
  planFiles,
  runsOf,
  say,
  thingWorld,
  verifyInClone,
} from '../github/support.ts'

let world: GateWorld | undefined
let held: HeldAgent | undefined
afterEach(async () => {
  await world?.close()
  await held?.remove()
  world = held = undefined
})

const LONG = 600_000

/** Every phase claimed and merged once, the whole looked at and landed. */
const wholeRun = (phases: readonly string[]): string[] =>
  [
    ...['run-created', 'run-approved', 'run-checked', 'run-landed'],
    ...phases.flatMap((id) => [`phase-claimed ${id}`, `phase-merged ${id}`]),
  ].sort()

async function expectVerified(here: GateWorld, run: string): Promise<void> {
  const { code, output } = await verifyInClone(here, run)
  expect({ code, output }).toMatchObject({ code: 0 })
}

describe('the Action alone', () => {
  test(
    'goes on from the checkpoint of a job whose machine is gone',
    async () => {
      held = await heldAgent()
      const here = (world = await thingWorld({ app: false, agent: held }))
      await held.hold('2', 'review-code')
      const { pull, head } = await openPlan(here, planFiles(DIAMOND))
      await here.comment('maintainer', pull, '/approve')
      await held.begun('2', 'review-code')
      const job = here.runner?.jobs().find(({ name }) => name === `phase 2 (#${pull})`)
      await held.letGo('2', 'review-code')
      await here.runner?.killJob(job?.id ?? 0)
      await here.settled()

      const run = await onlyRun(here)
      const events = await eventsOf(here, run)
      expect(events.filter((event) => event.startsWith('phase-taken-over'))).toEqual(['phase-taken-over 2'])
      expect(events.filter((event) => !event.startsWith('phase-taken-over')).sort()).toEqual(
        wholeRun(['1', '2', '3', '4']),
      )
      const landed = await here.git('rev-parse', 'refs/heads/plan')
      for (const id of ['1', '2', '3', '4']) {
        expect(await here.git('show', `${landed}:part-${id}.txt`)).toBe(`part ${id}`)
        const commits = await here.git(
          'log',
          '--no-merges',
          '--format=%s',
          `${head}..${landed}`,
          '--',
          `part-${id}.txt`,
        )
        expect(commits.split('\n')).toHaveLength(1)
      }
      expect(await conclusionsOn(here, landed)).toEqual({ Orchestrate: 'success' })
      await expectVerified(here, run)
    },
    LONG,
  )

  test(
    'does a chain of ten in one job',
    async () => {
      const here = (world = await thingWorld({ app: false }))
      const ids = Array.from({ length: 10 }, (_, index) => String(index + 1))
      const chain = ids.map((id, index) => ({ id, after: index === 0 ? [] : [String(index)] }))
      const { pull } = await openPlan(here, planFiles(chain))
      await say(here, 'maintainer', pull, '/approve')
      const run = await onlyRun(here)
      expect((await eventsOf(here, run)).sort()).toEqual(wholeRun(ids))
      expect(dispatches(here).map(phaseJobs)).toEqual([['phase 1']])
      expect((await ourComment(here, pull)).body).toContain('Landed: 10 of 10 phases done')
      await expectVerified(here, run)
    },
    LONG,
  )

  test(
    'makes one run and one claim of an approval that comes several times',
    async () => {
      const here = (world = await thingWorld({ app: false }))
      const { pull } = await openPlan(here, planFiles([{ id: '1' }, { id: '2', after: ['1'] }]))
      const [comment] = await Promise.all([
        here.comment('maintainer', pull, '/approve'),
        here.comment('owner', pull, '/approve'),
      ])
      const [first] = await comes('a dispatch', () =>
        dispatches(here).length > 0 ? dispatches(here) : undefined,
      )
      const inputs = { pull: String(pull), head: await here.git('rev-parse', 'refs/heads/plan') }
      const again = {
        ref: here.defaultBranch,
        inputs: { ...inputs, 'plan-dir': 'plans/thing', command: '/approve', source: `comment:${comment}` },
      }
      const dispatch = () =>
        here.api('maintainer', 'POST', '/actions/workflows/orchestrate.yml/dispatches', again)
      await Promise.all([dispatch(), dispatch()])
      await comes('a run', async () => ((await runsOf(here)).length > 0 ? true : undefined))
      const [run = ''] = await runsOf(here)
      const begin = {
        ref: here.defaultBranch,
        inputs: { pull: String(pull), run, phases: '["1"]' },
      }
      const twice = () =>
        here.api('maintainer', 'POST', '/actions/workflows/orchestrate.yml/dispatches', begin)
      await Promise.all([twice(), twice()])
      await here.settled()

      expect(first?.event).toBe('workflow_dispatch')
      expect(await runsOf(here)).toEqual([run])
      expect((await eventsOf(here, run)).sort()).toEqual(wholeRun(['1', '2']))
      expect((await ourComment(here, pull)).body).toContain('Landed: 2 of 2 phases done')
      await expectVerified(here, run)
    },
    LONG,
  )

  test(
    'comes through a GitHub that answers 429 and 502, before and after it did what was asked',
    async () => {
      const here = (world = await thingWorld({ app: false }))
      const { pull } = await openPlan(here, planFiles(DIAMOND))
      here.github.faults.respond = stutter()
      await say(here, 'maintainer', pull, '/approve')
      delete here.github.faults.respond
      const statuses = here.github.requests.map(({ status }) => status)
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(2)
      expect(statuses.filter((status) => status === 502).length).toBeGreaterThan(5)
      const run = await onlyRun(here)
      expect((await eventsOf(here, run)).sort()).toEqual(wholeRun(['1', '2', '3', '4']))
      expect((await ourComment(here, pull)).body).toContain('Landed: 4 of 4 phases done')
      const landed = await here.git('rev-parse', 'refs/heads/plan')
      expect(await conclusionsOn(here, landed)).toEqual({ Orchestrate: 'success' })
      await expectVerified(here, run)
    },
    LONG,
  )
})

/** Of the calls that jobs make, every fifth fails: by turns with a limit, without having been done, and after it was done. */
function stutter(): NonNullable<Faults['respond']> {
  let calls = 0
  return ({ as, path }) => {
    if (as !== 'github-actions[bot]' || path.includes('.git/')) return undefined
    calls += 1
    if (calls % 5 !== 0) return undefined
    const turn = (calls / 5) % 3
    if (turn === 0)
      return {
        status: 429,
        headers: { 'retry-after': '1' },
        body: { message: 'You have exceeded a secondary rate limit.' },
      }
    return { status: 502, body: { message: 'Server Error' }, after: turn === 1 }
  }
}
