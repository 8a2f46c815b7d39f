import { beforeAll, describe, expect, test } from '@jest/globals'
import { expectSameEnd, undisturbed, type Undisturbed } from './support/kill-checks.ts'
import { killRig, type Line, theDemo, type Victims } from './support/kill-rig.ts'

/** The short form of test/nightly/kill-resume.test.ts. */
describe('a run of the demo that is killed with SIGKILL and resumed', () => {
  let whole: Undisturbed
  beforeAll(async () => {
    whole = await undisturbed(theDemo(30))
  }, 120_000)

  const moments: [string, Victims, (line: Line) => boolean][] = [
    [
      'with all its agents, while units are implemented side by side',
      'everything',
      (line) => line.type === 'step-started' && line['phase'] === '3',
    ],
    [
      'alone, while its reviewers live on',
      'only us',
      (line) => line.type === 'step-started' && line['step'] === 'review-perf' && line['phase'] === '2',
    ],
    ['just after a merge', 'everything', (line) => line.type === 'phase-merged' && line['phase'] === '4'],
  ]
  test.each(moments)(
    '%s: comes to the same end as one that nobody killed',
    async (_, who, when) => {
      const rig = await killRig(theDemo(30))
      const first = await rig.start({ when, who })
      expect(first.killed).toBe(true)
      const last = await rig.start()
      await expectSameEnd(rig, [first, last], whole)
    },
    180_000,
  )
})
