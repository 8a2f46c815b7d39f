import { beforeAll, describe, expect, test } from '@jest/globals'
import { expectSameEnd, undisturbed, type Undisturbed } from '../support/kill-checks.ts'
import { type Ended, killRig, type KillRig, type Line, theDemo, type Victims } from '../support/kill-rig.ts'

/** How long an agent takes, milliseconds: long enough that a kill after an event finds agents at work. */
const DELAY_MS = 60
const MOMENTS = 20

/** Kills at the k-th event, resumes until it ends, and compares. */
async function killAt(k: number, who: Victims, whole: Undisturbed): Promise<void> {
  const rig = await killRig(theDemo(DELAY_MS))
  const first = await rig.start({ when: (_, index) => index === k, who })
  expect(first.killed).toBe(true)
  await endAndCompare(rig, [first], whole)
}

async function endAndCompare(rig: KillRig, before: Ended[], whole: Undisturbed): Promise<void> {
  const last = await rig.start()
  await expectSameEnd(rig, [...before, last], whole)
}

describe('a run of the demo that is killed with SIGKILL', () => {
  let whole: Undisturbed
  beforeAll(async () => {
    whole = await undisturbed(theDemo(DELAY_MS))
  }, 120_000)

  /** Spread evenly over the run: a fraction of its events, whose number differs a little from run to run. */
  const moments = Array.from({ length: MOMENTS }, (_, i) => (i + 0.5) / MOMENTS)
  const index = (fraction: number): number => Math.floor(fraction * (whole.events - 4))

  test.each(moments)(
    'with everything under it, at %f of its events: resume comes to the same end',
    async (fraction) => {
      await killAt(index(fraction), 'everything', whole)
    },
    180_000,
  )

  test.each([0.2, 0.35, 0.5, 0.65, 0.8])(
    'alone, at %f of its events, its agents living on: resume ends them first and comes to the same end',
    async (fraction) => {
      await killAt(index(fraction), 'only us', whole)
    },
    180_000,
  )

  const inside: [string, (line: Line) => boolean][] = [
    [
      'a unit is implemented',
      (line) => line.type === 'step-started' && line['step'] === 'implement' && line['phase'] === '3',
    ],
    [
      'three reviewers read',
      (line) => line.type === 'step-started' && line['step'] === 'review-perf' && line['phase'] === '2',
    ],
    [
      'a build runs',
      (line) => line.type === 'check-started' && line['check'] === 'build' && line['phase'] === '4',
    ],
    ['a fixer works', (line) => line.type === 'step-started' && String(line['step']).startsWith('fix-p')],
    ['a commit was just made', (line) => line.type === 'commit' && line['phase'] === '5'],
    ['a phase was just merged', (line) => line.type === 'phase-merged' && line['phase'] === '2'],
    [
      'the last phase was just merged, before it landed',
      (line) => line.type === 'phase-merged' && line['phase'] === '6',
    ],
    ['it has just landed', (line) => line.type === 'landed'],
  ]
  test.each(inside)(
    'while %s: resume comes to the same end',
    async (_, when) => {
      const rig = await killRig(theDemo(DELAY_MS))
      const first = await rig.start({ when, who: 'everything' })
      expect(first.killed).toBe(true)
      await endAndCompare(rig, [first], whole)
    },
    180_000,
  )

  test('again and again, during every resume as well', async () => {
    const rig = await killRig(theDemo(DELAY_MS))
    const ends: Ended[] = []
    for (let n = 0; n < 12; n++) {
      // Far enough for each to get somewhere, and no two at the same place.
      const end = await rig.start({
        when: (_, at) => at === 14 + 5 * n,
        who: n % 3 === 2 ? 'only us' : 'everything',
      })
      ends.push(end)
      if (!end.killed) break
    }
    expect(ends.filter((end) => end.killed).length).toBeGreaterThan(3)
    if (ends.at(-1)?.killed === true) ends.push(await rig.start())
    await expectSameEnd(rig, ends, whole)
  }, 300_000)
})
