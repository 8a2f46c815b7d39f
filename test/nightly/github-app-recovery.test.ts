/** App and Action when things go wrong around them: restarts, lost, doubled and shuffled webhooks, a GitHub that stutters. */
import { afterEach, describe, expect, test } from '@jest/globals'
import type { Faults } from '../../local-github/types.ts'
import type { GateWorld } from '../../local-github/world.ts'
import {
  checksOn,
  commentsOn,
  conclusionsOn,
  DIAMOND,
  dispatches,
  eventsOf,
  type HeldAgent,
  heldAgent,
  onlyRun,
  openPlan,
  ourComment,
  PLAN_DIR,
  planFiles,
  runsOf,
  say,
  thingWorld,
  verifyInClone,
} from '../github/support.ts'
import { specPlan, taskPlan, workflow } from '../support/plans.ts'

let world: GateWorld | undefined
let held: HeldAgent | undefined
afterEach(async () => {
  await world?.close()
  await held?.remove()
  world = held = undefined
})

const LONG = 600_000
const TWO = [{ id: '1' }, { id: '2', after: ['1'] }]
const landedAt = (here: GateWorld): Promise<string> => here.git('rev-parse', 'refs/heads/plan')
const bodyOf = async (here: GateWorld, pull: number): Promise<string> => (await ourComment(here, pull)).body

/** The one end that every story here has: each phase merged once, landed once by the App, one comment of ours that says so. */
async function expectLanded(here: GateWorld, pull: number, run: string, phases: string[]): Promise<void> {
  const events = await eventsOf(here, run)
  expect([...events].sort()).toEqual(
    [
      ...['run-created', 'run-approved', 'run-checked'],
      ...phases.flatMap((id) => [`phase-claimed ${id}`, `phase-merged ${id}`]),
    ].sort(),
  )
  const landed = await landedAt(here)
  expect(landed).toBe(await here.git('rev-parse', `refs/heads/orchestrate/${run}/plan`))
  for (const id of phases) expect(await here.git('show', `${landed}:part-${id}.txt`)).toBe(`part ${id}`)
  const moves = here.github.requests.filter(
    ({ method, path }) => method === 'PATCH' && path.endsWith('/git/refs/heads/plan'),
  )
  // A move whose answer was lost is not asked for again: that the branch stands there is found out by reading it.
  expect(moves.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
  expect([...new Set(moves.map(({ as }) => as))]).toEqual([here.localApp?.bot])
  expect((await checksOn(here, landed)).filter(({ name }) => name === 'Orchestrate')).toMatchObject([
    { conclusion: 'success' },
  ])
  expect(await ourComment(here, pull)).toMatchObject({ author: here.localApp?.bot })
  expect(await bodyOf(here, pull)).toContain(`Landed: ${phases.length} of ${phases.length} phases done`)
  const { code, output } = await verifyInClone(here, run)
  expect({ code, output }).toMatchObject({ code: 0 })
}

describe('App and Action', () => {
  test(
    'come to the same end where the App is restarted in the middle and no webhook reaches it',
    async () => {
      held = await heldAgent()
      const here = (world = await thingWorld({ agent: held }))
      await held.hold('1', 'review-code')
      const { pull, head } = await openPlan(here, planFiles(DIAMOND))
      await here.comment('maintainer', pull, '/approve')
      await held.begun('1', 'review-code')
      here.github.faults.dropDelivery = () => true
      await here.restartApp()
      await here.app()?.idle()
      expect(await conclusionsOn(here, head)).toMatchObject({ Orchestrate: 'in_progress' })
      await held.letGo('1', 'review-code')
      await here.runner?.idle()
      await here.settled()
      expect(await landedAt(here)).toBe(head)
      delete here.github.faults.dropDelivery
      await here.restartApp()
      await here.settled()
      await expectLanded(here, pull, await onlyRun(here), ['1', '2', '3', '4'])
      expect(await commentsOn(here, pull)).toHaveLength(2)
    },
    LONG,
  )

  test(
    'make one run and leave one comment where nobody switched the gate of the Action off',
    async () => {
      const here = (world = await thingWorld({ vars: {} }))
      const { github } = here
      github.faults.holdDeliveries = true
      const { pull } = await openPlan(here, planFiles(TWO))
      await here.runner?.idle()
      expect((await ourComment(here, pull)).author).toBe('github-actions[bot]')
      delete github.faults.holdDeliveries
      await github.releaseDeliveries()
      await here.settled()
      expect((await ourComment(here, pull)).author).toBe(here.localApp?.bot)
      await say(here, 'maintainer', pull, '/approve')
      expect(
        dispatches(here).filter(({ jobs }) =>
          jobs.some(({ name, conclusion }) => name.startsWith('plan (') && conclusion !== 'skipped'),
        ),
      ).toHaveLength(1)
      await expectLanded(here, pull, await onlyRun(here), ['1', '2'])
      expect(await commentsOn(here, pull)).toHaveLength(2)
    },
    LONG,
  )

  test(
    'come to the same end where every webhook comes twice and in another order',
    async () => {
      const here = (world = await thingWorld())
      const { github } = here
      const shuffled = async (work: () => Promise<unknown>): Promise<void> => {
        github.faults.holdDeliveries = true
        await work()
        await here.runner?.idle()
        delete github.faults.holdDeliveries
        await github.releaseDeliveries((those) => those.reverse())
      }
      github.faults.duplicateDelivery = () => true
      let pull = 0
      await shuffled(async () => {
        await here.push('author', 'plan', planFiles(TWO))
        pull = await here.openPull('author', 'plan', 'A plan for the thing')
        await here.label('maintainer', pull)
        await here.comment('reader', pull, '/approve')
        await here.push('author', 'plan', { 'README.md': '# Thing, said better\n' })
      })
      await here.settled()
      const head = await landedAt(here)
      expect(dispatches(here)).toEqual([])
      expect(await conclusionsOn(here, head)).toEqual({ Orchestrate: 'action_required' })
      await shuffled(() => here.comment('maintainer', pull, '/approve'))
      // The App has just learned of the approval: what it starts goes by while all that is told of it is held back.
      await shuffled(() => here.github.idle().then(() => here.app()?.idle()))
      await here.settled()
      await expectLanded(here, pull, await onlyRun(here), ['1', '2'])
      expect(await commentsOn(here, pull)).toHaveLength(3)
    },
    LONG,
  )

  test(
    'come through a GitHub that answers 429 and 502, before and after it did what was asked',
    async () => {
      const here = (world = await thingWorld())
      here.github.faults.respond = stutter()
      const { pull } = await openPlan(here, planFiles(DIAMOND))
      await say(here, 'maintainer', pull, '/approve')
      delete here.github.faults.respond
      const failed = here.github.requests.filter(({ status }) => status === 429 || status === 502)
      const whose = new Set(failed.map(({ as }) => as))
      expect([...whose].sort()).toEqual(['github-actions[bot]', here.localApp?.bot].sort())
      // What a request failed for that came too late for another try, the next sweep finds.
      await here.app()?.sweep()
      await here.settled()
      await expectLanded(here, pull, await onlyRun(here), ['1', '2', '3', '4'])
      expect(await commentsOn(here, pull)).toHaveLength(2)
    },
    LONG,
  )

  test(
    'ask for approval again where the plan is edited meanwhile, and land nothing of what was approved before',
    async () => {
      held = await heldAgent()
      const here = (world = await thingWorld({ agent: held }))
      await held.hold('1', 'review-code')
      const { pull } = await openPlan(here, planFiles(TWO))
      await here.comment('maintainer', pull, '/approve')
      await held.begun('1', 'review-code')
      const plan = taskPlan(TWO).replace('part 2 is there', 'part 2 is there, and good')
      const changed = await here.push('author', 'plan', { [`${PLAN_DIR}/task_plan.md`]: plan })
      await here.github.idle()
      await here.app()?.idle()
      const [gate] = (await checksOn(here, changed)).filter(({ name }) => name === 'Orchestrate')
      expect(gate).toMatchObject({ title: 'Needs approval again', conclusion: 'action_required' })
      expect(await bodyOf(here, pull)).toContain('phases that were running stop at their next step')
      await held.letGo('1', 'review-code')
      await here.settled()
      const run = await onlyRun(here)
      expect(await landedAt(here)).toBe(changed)

      await say(here, 'reader', pull, '/approve')
      expect(await runsOf(here)).toEqual([run])
      await say(here, 'maintainer', pull, '/approve')
      const other = (await runsOf(here)).find((name) => name !== run) ?? ''
      await expectLanded(here, pull, other, ['1', '2'])
    },
    LONG,
  )
})

describe('the App', () => {
  test('reads a plan with 40 specs in as many requests as one with 3', async () => {
    const here = (world = await thingWorld({ action: false }))
    const counts: number[] = []
    for (const many of [2, 3, 40]) {
      const files = specPlan(
        Array.from({ length: many }, (_, index) => {
          const name = `part-${many}-${index + 1}`
          return { name, phase: 1 + Math.floor(index / 5), sprint: 1 + (index % 5) }
        }),
      )
      const at = Object.entries({ ...files, 'workflow.md': workflow() }).map(
        ([file, text]) => [`plans/thing-${many}/${file}`, text] as const,
      )
      const branch = `plan-${many}`
      const head = await here.push('author', branch, Object.fromEntries(at))
      const pull = await here.openPull('author', branch, `A plan of ${many} specs`)
      await here.settled()
      const before = here.github.requests.length
      await here.label('maintainer', pull)
      await here.settled()
      const asked = here.github.requests.slice(before).filter(({ as }) => as === here.localApp?.bot)
      counts.push(asked.length)
      expect(await conclusionsOn(here, head)).toEqual({ Orchestrate: 'action_required' })
      expect(await bodyOf(here, pull)).toContain(`part-${many}-${many}`)
      await here.api('author', 'PATCH', `/pulls/${pull}`, { state: 'closed' })
      await here.settled()
    }
    const [, three, forty] = counts
    expect(forty).toBe(three)
    expect(forty).toBeLessThanOrEqual(9)
  }, 120_000)

  test('tells both of two open plans that are to change the same files', async () => {
    const here = (world = await thingWorld({ action: false }))
    const { pull: first } = await openPlan(here, planFiles(TWO))
    const { pull: second } = await openPlan(here, planFiles(TWO), 'other')
    const told = (pull: number): string =>
      `The plan of pull request ${pull} is to change part-1.txt, part-2.txt as well`
    expect(await bodyOf(here, second)).toContain(told(first))
    expect(await bodyOf(here, first)).toContain(told(second))
  }, 60_000)
})

describe('the Action alone', () => {
  test(
    'lands by a token whose pushes start no CI: a check of it that is required has to be started by a person',
    async () => {
      const ci =
        'name: ci\non: pull_request\njobs:\n  ci:\n    name: ci\n    runs-on: ubuntu-24.04\n    steps:\n      - run: true\n'
      const here = (world = await thingWorld({
        app: false,
        files: { 'README.md': '# Thing\n', '.github/workflows/ci.yml': ci },
      }))
      here.github.protectBranch(here.repository, here.defaultBranch, {
        requiredChecks: [{ context: 'Orchestrate' }, { context: 'ci' }],
      })
      const { pull, head } = await openPlan(here, planFiles([{ id: '1' }]))
      const named = async (sha: string) => (await checksOn(here, sha)).filter(({ name }) => name === 'ci')
      expect(await named(head)).toMatchObject([{ conclusion: 'success' }])
      await say(here, 'maintainer', pull, '/approve')
      const landed = await landedAt(here)
      expect(await here.git('show', `${landed}:part-1.txt`)).toBe('part 1')
      expect(await named(landed)).toEqual([])
      const merge = (): Promise<unknown> => here.api('maintainer', 'PUT', `/pulls/${pull}/merge`, {})
      await expect(merge()).rejects.toThrow(/405.*ci.*is expected/)
      await here.api('maintainer', 'PATCH', `/pulls/${pull}`, { state: 'closed' })
      await here.api('maintainer', 'PATCH', `/pulls/${pull}`, { state: 'open' })
      await here.settled()
      expect(await named(landed)).toMatchObject([{ conclusion: 'success' }])
      await merge()
    },
    LONG,
  )
})

/** Of the calls that App and jobs make, every fifth fails: by turns with a limit, without having been done, and after it was done. */
function stutter(): NonNullable<Faults['respond']> {
  let calls = 0
  return ({ as, path }) => {
    if (!as.endsWith('[bot]') || path.includes('.git/')) return undefined
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
