/** What people decide at a pull request with the Action alone: mend, leave out, end, go on, land, and what they push meanwhile. */
import { afterEach, describe, expect, test } from '@jest/globals'
import type { GateWorld } from '../../local-github/world.ts'
import {
  conclusionsOn,
  dispatches,
  eventsOf,
  type HeldAgent,
  heldAgent,
  onlyRun,
  openPlan,
  ourComment,
  phaseJobs,
  PLAN_DIR,
  planFiles,
  pushByHand,
  review,
  say,
  type ScriptStep,
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
const landedAt = (here: GateWorld): Promise<string> => here.git('rev-parse', 'refs/heads/plan')

async function expectVerified(here: GateWorld, run: string): Promise<void> {
  const { code, output } = await verifyInClone(here, run)
  expect({ code, output }).toMatchObject({ code: 0 })
}

/** Phase 1 leaves a P0 open until its second attempt; phase 2 never builds. */
const TROUBLE: ScriptStep[] = [
  {
    step: 'review-code',
    phase: '1',
    findings: [
      {
        ...{ severity: 'P0', file: 'part-1.txt', line: 1, title: 'Part 1 is wrong' },
        ...{ detail: 'It does not say what was asked for.', recommendation: 'Say it.' },
      },
    ],
  },
  { step: 'fix-p0p1', phase: '1', attempt: 1, edits: [{ append: 'part-1.txt', content: 'more\n' }] },
  { step: 'fix-p0p1', phase: '1', edits: [{ append: 'part-1.txt', content: 'as asked\n' }] },
  { step: 'verify', phase: '1', attempt: 1, reopened: ['Part 1 is wrong'] },
  { step: 'implement', phase: '2', edits: [{ write: 'broken.txt', content: 'broken\n' }] },
  { step: 'fix-build', phase: '2', edits: [{ append: 'broken.txt', content: 'still\n' }] },
]
const troubled = () =>
  planFiles([{ id: '1' }, { id: '2', after: ['1'] }, { id: '3', after: ['2'] }], {
    contract: { build: 'test ! -f broken.txt' },
    first: TROUBLE,
  })

describe('a person decides', () => {
  test(
    'mends a phase by what they found, leaves another out, and the rest is landed',
    async () => {
      const here = (world = await thingWorld({ app: false }))
      const { pull } = await openPlan(here, troubled())
      await say(here, 'maintainer', pull, '/approve')
      const run = await onlyRun(here)
      const begun = ['run-created', 'run-approved', 'phase-claimed 1', 'phase-stopped 1']
      expect(await eventsOf(here, run)).toEqual(begun)
      expect((await ourComment(here, pull)).body).toContain('Part 1 is wrong')

      await say(here, 'maintainer', pull, '/fix 1 Say what was asked for, word by word.')
      const fixed = [
        'decided 1 fix',
        'phase-claimed 1',
        'phase-merged 1',
        'phase-claimed 2',
        'phase-stopped 2',
      ]
      expect(await eventsOf(here, run)).toEqual([...begun, ...fixed])
      const comment = (await ourComment(here, pull)).body
      expect(comment).toContain('Phase 2 needs you: 1 of 3 phases done')

      await say(here, 'maintainer', pull, '/skip 2')
      expect(await eventsOf(here, run)).toEqual([
        ...[...begun, ...fixed],
        ...['decided 2 skip', 'phase-claimed 3', 'phase-merged 3', 'run-checked', 'run-landed'],
      ])
      const landed = await landedAt(here)
      expect(await here.git('show', `${landed}:part-1.txt`)).toContain('as asked')
      expect(await here.git('ls-tree', '--name-only', landed)).not.toContain('broken.txt')
      expect((await ourComment(here, pull)).body).toMatch(/Landed: 3 of 3 phases done, 1 skipped/)
      expect(await conclusionsOn(here, landed)).toEqual({ Orchestrate: 'success' })
      await expectVerified(here, run)
    },
    LONG,
  )

  test(
    'mends what a review finds at the lines of a phase that has landed, and lands it again',
    async () => {
      const here = (world = await thingWorld({ app: false }))
      const mended: ScriptStep[] = [
        { step: 'fix-p0p1', phase: '1', edits: [{ append: 'part-1.txt', content: 'as reviewed\n' }] },
        { step: 'fix-p0p1', phase: '2', edits: [{ append: 'part-2.txt', content: 'as asked\n' }] },
      ]
      const { pull } = await openPlan(
        here,
        planFiles([{ id: '1' }, { id: '2', after: ['1'] }], { first: mended }),
      )
      await say(here, 'maintainer', pull, '/approve')
      const run = await onlyRun(here)
      const begun = await eventsOf(here, run)
      expect(begun.slice(-2)).toEqual(['run-checked', 'run-landed'])
      const first = await landedAt(here)

      // Of the plan alone, and by somebody who may not: nothing comes of it.
      await review(here, 'maintainer', pull, [{ path: `${PLAN_DIR}/task_plan.md`, body: 'Why so?' }])
      await review(here, 'reader', pull, [{ path: 'part-1.txt', body: 'I do not like it.' }])
      await say(here, 'maintainer', pull, '/status')
      expect(await eventsOf(here, run)).toEqual(begun)

      await review(here, 'maintainer', pull, [{ path: 'part-1.txt', body: 'Say what was reviewed.' }])
      await say(here, 'maintainer', pull, '/status')
      const again = ['decided 1 fix', 'phase-claimed 1', 'phase-merged 1', 'run-checked', 'run-landed']
      expect(await eventsOf(here, run)).toEqual([...begun, ...again])
      const second = await landedAt(here)
      expect(await here.git('rev-list', '--count', `${first}..${second}`)).not.toBe('0')
      expect(await here.git('show', `${second}:part-1.txt`)).toContain('as reviewed')
      const decided = await here.git('log', '--format=%b', `refs/orchestrate/${run}/run`)
      expect(decided).toContain('"text":"Please mend it.\\n\\npart-1.txt:1: Say what was reviewed."')

      await say(here, 'maintainer', pull, '/fix 2 It lacks what was asked for.')
      const third = await landedAt(here)
      expect(await here.git('show', `${third}:part-2.txt`)).toContain('as asked')
      expect((await ourComment(here, pull)).body).toContain('Landed: 2 of 2 phases done')
      expect(await conclusionsOn(here, third)).toEqual({ Orchestrate: 'success' })
      expect(await eventsOf(here, run)).toHaveLength(begun.length + 2 * again.length)
      await expectVerified(here, run)
    },
    LONG,
  )

  test(
    'ends a run: nothing of it is taken over',
    async () => {
      const here = (world = await thingWorld({ app: false }))
      const { pull, head } = await openPlan(here, troubled())
      await say(here, 'maintainer', pull, '/approve')
      await say(here, 'maintainer', pull, '/abort')
      const run = await onlyRun(here)
      expect((await eventsOf(here, run)).at(-1)).toBe('decided abort')
      expect(await landedAt(here)).toBe(head)
      const { body } = await ourComment(here, pull)
      expect(body).toContain('Aborted')
      const jobs = dispatches(here).length
      await say(here, 'maintainer', pull, '/retry 1')
      expect(dispatches(here)).toHaveLength(jobs)
      await expectVerified(here, run)
    },
    LONG,
  )

  test(
    'goes on phase by phase where the plan asks for it, and lands by /land',
    async () => {
      const here = (world = await thingWorld({ app: false, settings: 'land: none\n' }))
      const contract = { gates: '{ between_phases: manual, on_failure: ask }' }
      const { pull, head } = await openPlan(
        here,
        planFiles([{ id: '1' }, { id: '2', after: ['1'] }], { contract }),
      )
      await say(here, 'maintainer', pull, '/approve')
      const run = await onlyRun(here)
      expect((await ourComment(here, pull)).body).toContain('Waiting for /continue: 1 of 2 phases done')
      await say(here, 'reader', pull, '/continue')
      expect((await ourComment(here, pull)).body).toContain('/continue needs the role write')
      await say(here, 'maintainer', pull, '/continue')
      expect((await eventsOf(here, run)).slice(-4)).toEqual([
        ...['decided continue', 'phase-claimed 2', 'phase-merged 2', 'run-checked'],
      ])
      expect(await landedAt(here)).toBe(head)
      expect((await ourComment(here, pull)).body).toContain('All phases are merged: 2 of 2 phases done')
      await say(here, 'maintainer', pull, '/land')
      expect(await landedAt(here)).toBe(await here.git('rev-parse', `refs/heads/orchestrate/${run}/plan`))
      expect((await ourComment(here, pull)).body).toContain('Landed: 2 of 2 phases done')
      await expectVerified(here, run)
    },
    LONG,
  )

  test(
    'lands each time a phase is merged, where the settings say so',
    async () => {
      const here = (world = await thingWorld({ app: false, settings: 'land: each\n' }))
      const contract = { gates: '{ between_phases: manual, on_failure: ask }' }
      const { pull, head } = await openPlan(
        here,
        planFiles([{ id: '1' }, { id: '2', after: ['1'] }], { contract }),
      )
      await say(here, 'maintainer', pull, '/approve')
      const run = await onlyRun(here)
      const first = await landedAt(here)
      expect(first).not.toBe(head)
      expect(first).toBe(await here.git('rev-parse', `refs/heads/orchestrate/${run}/plan`))
      expect((await ourComment(here, pull)).body).toContain('Waiting for /continue')
      await say(here, 'maintainer', pull, '/continue')
      const second = await landedAt(here)
      expect(await here.git('show', `${second}:part-2.txt`)).toBe('part 2')
      expect((await ourComment(here, pull)).body).toContain('Landed: 2 of 2 phases done')
      expect(await conclusionsOn(here, second)).toEqual({ Orchestrate: 'success' })
      await expectVerified(here, run)
    },
    LONG,
  )

  test(
    'resolves what two phases wrote into one line, and the run goes on',
    async () => {
      const here = (world = await thingWorld({ app: false }))
      const shared = (id: string): ScriptStep => ({
        ...{ step: 'implement', phase: id },
        edits: [
          { write: `part-${id}.txt`, content: `part ${id}\n` },
          { write: 'shared.txt', content: `by phase ${id}\n` },
        ],
      })
      const { pull } = await openPlan(
        here,
        planFiles(
          [{ id: '1' }, { id: '2', after: ['1'] }, { id: '3', after: ['1'] }, { id: '4', after: ['2', '3'] }],
          { first: [shared('2'), shared('3')] },
        ),
      )
      await say(here, 'maintainer', pull, '/approve')
      const run = await onlyRun(here)
      const events = await eventsOf(here, run)
      const stopped = events.find((event) => event.startsWith('phase-stopped'))?.split(' ')[1] ?? ''
      expect(['2', '3']).toContain(stopped)
      const asked = (await ourComment(here, pull)).body
      const branch = `orchestrate/${run}/phase-${stopped}-part-${stopped}`
      expect(asked).toContain('shared.txt')
      expect(asked).toContain(branch)
      expect(asked).not.toContain('Worktree')

      await pushByHand(here, 'maintainer', branch, async (git, write) => {
        await git('merge', '--no-commit', `origin/orchestrate/${run}/plan`).catch(() => undefined)
        await write('shared.txt', 'by both\n')
        await git('add', '--all')
        await git('commit', '--quiet', '--message', 'Merge both')
      })
      await say(here, 'maintainer', pull, `/resume ${stopped}`)
      const landed = await landedAt(here)
      expect((await eventsOf(here, run)).at(-1)).toBe('run-landed')
      expect(await here.git('show', `${landed}:shared.txt`)).toBe('by both')
      expect(await here.git('show', `${landed}:part-4.txt`)).toBe('part 4')
      await expectVerified(here, run)
    },
    LONG,
  )

  test(
    'is asked where somebody pushed to the pull request meanwhile; nothing is overwritten',
    async () => {
      held = await heldAgent()
      const here = (world = await thingWorld({ app: false, agent: held }))
      await held.hold('1', 'review-code')
      const { pull } = await openPlan(here, planFiles([{ id: '1' }]))
      await here.comment('maintainer', pull, '/approve')
      await held.begun('1', 'review-code')
      const mine = await here.push('author', 'plan', { 'README.md': '# Thing, by hand\n' }, 'Say more')
      await held.letGo('1', 'review-code')
      await here.settled()
      const run = await onlyRun(here)
      expect(await landedAt(here)).toBe(mine)
      const { body } = await ourComment(here, pull)
      expect(body).toContain('Somebody pushed to plan after the approval')
      expect(body).toContain(`orchestrate/${run}/plan`)

      await pushByHand(here, 'maintainer', 'plan', async (git) => {
        await git('merge', '--quiet', '--no-edit', `origin/orchestrate/${run}/plan`)
      })
      await here.settled()
      const landed = await landedAt(here)
      expect(await here.git('show', `${landed}:part-1.txt`)).toBe('part 1')
      expect(await conclusionsOn(here, landed)).toEqual({ Orchestrate: 'neutral' })
      await expectVerified(here, run)
    },
    LONG,
  )

  test(
    'may wait: a phase that stopped holds back only what needs it',
    async () => {
      const here = (world = await thingWorld({ app: false }))
      const { pull } = await openPlan(
        here,
        planFiles(
          [{ id: '1' }, { id: '2', after: ['1'] }, { id: '3', after: ['1'] }, { id: '4', after: ['2'] }],
          {
            contract: { build: 'test ! -f broken.txt' },
            first: TROUBLE.filter(({ phase }) => phase === '2'),
          },
        ),
      )
      await say(here, 'maintainer', pull, '/approve')
      const run = await onlyRun(here)
      const events = await eventsOf(here, run)
      expect(events).toEqual(expect.arrayContaining(['phase-stopped 2', 'phase-merged 3']))
      expect(events).not.toContain('phase-claimed 4')
      const { body } = await ourComment(here, pull)
      expect(body).toContain('Phase 2 needs you: 2 of 4 phases done')
      expect(dispatches(here).map(phaseJobs)).toEqual([['phase 1'], ['phase 2', 'phase 3']])
      await say(here, 'maintainer', pull, '/retry 2')
      expect((await eventsOf(here, run)).filter((event) => event === 'phase-stopped 2')).toHaveLength(2)
      await expectVerified(here, run)
    },
    LONG,
  )
})
