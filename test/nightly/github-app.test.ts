/** What people decide at a pull request with App and Action: by buttons and by comments, and how it lands. */
import { afterEach, describe, expect, test } from '@jest/globals'
import type { GateWorld, Person } from '../../local-github/world.ts'
import {
  checksOn,
  commentsOn,
  conclusionsOn,
  DIAMOND,
  dispatches,
  eventsOf,
  onlyRun,
  openPlan,
  ourComment,
  planFiles,
  runsOf,
  say,
  type ScriptStep,
  thingWorld,
  verifyInClone,
} from '../github/support.ts'

let world: GateWorld | undefined
afterEach(async () => {
  await world?.close()
  world = undefined
})

const LONG = 600_000
const MANUAL = { gates: '{ between_phases: manual, on_failure: ask }' }
const BUILD = { build: 'test ! -f broken.txt' }
const landedAt = (here: GateWorld, branch = 'plan'): Promise<string> =>
  here.git('rev-parse', `refs/heads/${branch}`)
const bodyOf = async (here: GateWorld, pull: number): Promise<string> => (await ourComment(here, pull)).body

/** The phase never builds; with `attempt` only that one does not. */
const red = (phase: string, attempt?: number): ScriptStep[] => [
  {
    ...{ step: 'implement', phase, ...(attempt === undefined ? {} : { attempt }) },
    edits: [{ write: 'broken.txt', content: 'broken\n' }],
  },
  { step: 'fix-build', phase, edits: [{ append: 'broken.txt', content: 'still\n' }] },
]

/** The phase's first attempt leaves a P0 open. */
const wrong = (phase: string): ScriptStep[] => [
  {
    ...{ step: 'review-code', phase },
    findings: [
      {
        ...{ severity: 'P0', file: `part-${phase}.txt`, line: 1, title: `Part ${phase} is wrong` },
        ...{ detail: 'It does not say what was asked for.', recommendation: 'Say it.' },
      },
    ],
  },
  { step: 'fix-p0p1', phase, attempt: 1, edits: [{ append: `part-${phase}.txt`, content: 'more\n' }] },
  { step: 'fix-p0p1', phase, edits: [{ append: `part-${phase}.txt`, content: 'as asked\n' }] },
  { step: 'verify', phase, attempt: 1, reopened: [`Part ${phase} is wrong`] },
]

/** Presses a button of the check of that name and waits until nothing moves. */
async function press(here: GateWorld, as: Person, at: [sha: string, name: string], button: string) {
  const [sha, name] = at
  const check = (await checksOn(here, sha)).find((one) => one.name === name)
  await here.github.pressButton(here.repository, check?.id ?? 0, button, as)
  await here.settled()
}

async function expectVerified(here: GateWorld, run: string): Promise<void> {
  const { code, output } = await verifyInClone(here, run)
  expect({ code, output }).toMatchObject({ code: 0 })
}

describe('buttons', () => {
  test(
    'start, mend, leave out and end, pressed by those who may; a reader is told who may',
    async () => {
      const here = (world = await thingWorld())
      const first = [...red('2', 1), ...red('3')]
      const { pull, head } = await openPlan(here, planFiles(DIAMOND, { contract: BUILD, first }))
      const approve = `approve:${head.slice(0, 12)}`
      await press(here, 'maintainer', [head, 'Orchestrate'], approve)
      const run = await onlyRun(here)
      const events = async (): Promise<string[]> => (await eventsOf(here, run)).slice(2)
      expect(await events()).toEqual(expect.arrayContaining(['phase-stopped 2', 'phase-stopped 3']))
      expect(await conclusionsOn(here, head)).toEqual({
        Orchestrate: 'action_required',
        'Orchestrate: phase 1': 'success',
        'Orchestrate: phase 2': 'action_required',
        'Orchestrate: phase 3': 'action_required',
      })

      const before = await events()
      for (const [button, phase] of [
        ['retry', '2'],
        ['skip', '3'],
        ['abort', '3'],
      ] as const) {
        await press(here, 'reader', [head, `Orchestrate: phase ${phase}`], button)
        expect(await bodyOf(here, pull)).toMatch(
          new RegExp(`/${button}.*needs the role write, and reader has read`),
        )
      }
      expect(await events()).toEqual(before)

      await press(here, 'maintainer', [head, 'Orchestrate: phase 2'], 'retry')
      expect((await events()).slice(before.length)).toEqual([
        'decided 2 retry',
        'phase-claimed 2',
        'phase-merged 2',
      ])
      await press(here, 'maintainer', [head, 'Orchestrate: phase 3'], 'skip')
      expect((await events()).slice(before.length + 3)).toEqual([
        ...['decided 3 skip', 'phase-claimed 4', 'phase-merged 4', 'run-checked'],
      ])
      expect(await bodyOf(here, pull)).toMatch(/Landed: 4 of 4 phases done, 1 skipped/)
      expect(await bodyOf(here, pull)).not.toContain('Passed on to the workflow')
      expect(await conclusionsOn(here, await landedAt(here))).toEqual({ Orchestrate: 'success' })
      expect(await here.git('ls-tree', '--name-only', 'refs/heads/plan')).not.toContain('broken.txt')
      expect(await commentsOn(here, pull)).toHaveLength(1)
      await expectVerified(here, run)

      const other = await openPlan(
        here,
        planFiles([{ id: '1' }], { contract: BUILD, first: red('1') }),
        'other',
      )
      await say(here, 'maintainer', other.pull, '/approve')
      await press(here, 'maintainer', [other.head, 'Orchestrate: phase 1'], 'abort')
      const aborted = (await runsOf(here)).find((name) => name !== run) ?? ''
      expect((await eventsOf(here, aborted)).at(-1)).toBe('decided abort')
      expect(await bodyOf(here, other.pull)).toContain('Aborted')
      expect(await landedAt(here, 'other')).toBe(other.head)
      await expectVerified(here, aborted)
    },
    LONG,
  )
})

describe('comments', () => {
  test(
    'are answered, mend, leave out and end; what lands is what was left in',
    async () => {
      const here = (world = await thingWorld())
      const first = [...red('1', 1), ...wrong('2'), ...red('3')]
      const chain = [{ id: '1' }, { id: '2', after: ['1'] }, { id: '3', after: ['2'] }]
      const { pull } = await openPlan(here, planFiles(chain, { contract: BUILD, first }))
      await say(here, 'reader', pull, '/status')
      expect(await bodyOf(here, pull)).toContain('The plan is reviewed, waiting for an approval.')
      await say(here, 'reader', pull, '/why-not')
      expect(await bodyOf(here, pull)).toContain('/approve needs the role write, and reader has read.')
      await say(here, 'maintainer', pull, '/why-not')
      expect(await bodyOf(here, pull)).toContain('Nothing stands in the way: maintainer may write /approve.')
      expect(dispatches(here)).toEqual([])

      await say(here, 'maintainer', pull, '/approve')
      const run = await onlyRun(here)
      expect((await eventsOf(here, run)).at(-1)).toBe('phase-stopped 1')
      await say(here, 'reader', pull, '/status')
      expect(await bodyOf(here, pull)).toContain(
        `Run ${run} is approved. Phases needs-input: 1 · pending: 2, 3.`,
      )
      await say(here, 'reader', pull, '/why-not 1')
      expect(await bodyOf(here, pull)).toContain('Phase 1 needs input: The build fails after 2 fix attempts')
      await say(here, 'reader', pull, '/why-not 2')
      expect(await bodyOf(here, pull)).toMatch(/Phase 2: .*1/)

      await say(here, 'maintainer', pull, '/retry 1')
      expect((await eventsOf(here, run)).slice(-4)).toEqual([
        ...['phase-claimed 1', 'phase-merged 1', 'phase-claimed 2', 'phase-stopped 2'],
      ])
      await say(here, 'maintainer', pull, '/fix 2 Say what was asked for, word by word.')
      expect((await eventsOf(here, run)).slice(-5)).toEqual([
        ...['decided 2 fix', 'phase-claimed 2', 'phase-merged 2', 'phase-claimed 3', 'phase-stopped 3'],
      ])
      await say(here, 'maintainer', pull, '/skip 3')
      const landed = await landedAt(here)
      expect(await here.git('show', `${landed}:part-2.txt`)).toContain('as asked')
      expect(await bodyOf(here, pull)).toMatch(/Landed: 3 of 3 phases done, 1 skipped/)
      expect(await bodyOf(here, pull)).not.toContain('Passed on to the workflow')
      expect(await conclusionsOn(here, landed)).toEqual({ Orchestrate: 'success' })
      await expectVerified(here, run)

      const other = await openPlan(here, planFiles(chain, { contract: MANUAL }), 'other')
      await say(here, 'maintainer', other.pull, '/approve')
      expect(await bodyOf(here, other.pull)).toContain('Waiting for /continue: 1 of 3 phases done')
      await say(here, 'maintainer', other.pull, '/abort')
      expect(await bodyOf(here, other.pull)).toContain('Aborted')
      const jobs = dispatches(here).length
      await say(here, 'maintainer', other.pull, '/continue')
      expect(dispatches(here)).toHaveLength(jobs)
      expect(await landedAt(here, 'other')).toBe(other.head)
    },
    LONG,
  )
})

describe('landing', () => {
  const two = [{ id: '1' }, { id: '2', after: ['1'] }]

  test(
    'happens after each phase where the settings say so',
    async () => {
      const here = (world = await thingWorld({ settings: 'land: each\n' }))
      const { pull, head } = await openPlan(here, planFiles(two, { contract: MANUAL }))
      await say(here, 'maintainer', pull, '/approve')
      const run = await onlyRun(here)
      const first = await landedAt(here)
      expect(first).not.toBe(head)
      expect(first).toBe(await landedAt(here, `orchestrate/${run}/plan`))
      expect(await bodyOf(here, pull)).toContain('Waiting for /continue')
      await say(here, 'reader', pull, '/continue')
      expect(await bodyOf(here, pull)).toContain('/continue needs the role write, and reader has read.')
      await say(here, 'maintainer', pull, '/continue')
      const second = await landedAt(here)
      expect(await here.git('show', `${second}:part-2.txt`)).toBe('part 2')
      expect(await bodyOf(here, pull)).toContain('Landed: 2 of 2 phases done')
      expect(await conclusionsOn(here, second)).toMatchObject({ Orchestrate: 'success' })
      await expectVerified(here, run)
    },
    LONG,
  )

  test(
    'waits for /land, or its button, where the settings say that nothing lands by itself',
    async () => {
      const here = (world = await thingWorld({ settings: 'land: none\n' }))
      const { pull, head } = await openPlan(here, planFiles(two))
      await say(here, 'maintainer', pull, '/approve')
      const run = await onlyRun(here)
      expect(await landedAt(here)).toBe(head)
      expect(await bodyOf(here, pull)).toContain('All phases are merged: 2 of 2 phases done')
      await say(here, 'reader', pull, '/land')
      expect(await landedAt(here)).toBe(head)
      expect(await bodyOf(here, pull)).toContain('/land needs the role write, and reader has read.')
      await press(here, 'maintainer', [head, 'Orchestrate'], 'land')
      expect(await landedAt(here)).toBe(await landedAt(here, `orchestrate/${run}/plan`))
      expect(await bodyOf(here, pull)).toContain('Landed: 2 of 2 phases done')
      await expectVerified(here, run)
    },
    LONG,
  )
})
