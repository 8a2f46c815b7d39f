import { beforeAll, describe, expect, test } from '@jest/globals'
import { expectSameEnd, undisturbed, type Undisturbed } from '../support/kill-checks.ts'
import { aTeam, type Ended, killRig, type Line, type Victims } from '../support/kill-rig.ts'

/** How long a member takes, milliseconds: long enough that a kill finds several at work. */
const DELAY_MS = 150

describe('a run that teams do, killed with SIGKILL and resumed', () => {
  let whole: Undisturbed
  beforeAll(async () => {
    whole = await undisturbed(aTeam(DELAY_MS))
    // What is killed below is what a team can come to.
    expect(whole.outcome.failed).toEqual(
      expect.arrayContaining([
        '1 implement 1.3 agent-crashed',
        expect.stringMatching(/^1 implement 1\.[12] unit-collision$/),
      ]),
    )
    expect(whole.outcome.teams['1/1']).toEqual(
      expect.arrayContaining([
        'Plan of 1.2 rejected (1 of 2): Say which function ends a session',
        '1.1 found out, told to all: Sessions end by end(id)',
        'Worker of 1.3 is stuck (agent-crashed) and replaced (1 of 2).',
      ]),
    )
  }, 180_000)

  const begins = (step: string, unit: string, nth = 1): ((line: Line) => boolean) => {
    let seen = 0
    return (line) =>
      line.type === 'step-started' && line['step'] === step && line['unit'] === unit && ++seen === nth
  }
  const ends =
    (step: string, unit: string): ((line: Line) => boolean) =>
    (line) =>
      line.type === 'step-finished' && line['step'] === step && line['unit'] === unit
  const moments: [string, Victims, () => (line: Line) => boolean][] = [
    ['with everybody, while workers plan', 'everything', () => begins('lead', '1.3')],
    ['with everybody, when one of three plans is there', 'everything', () => ends('lead', '1.1')],
    ['alone, while workers plan', 'only us', () => begins('lead', '1.2')],
    ['with everybody, while the lead judges', 'everything', () => begins('lead', '')],
    ['alone, while a plan that was sent back is made anew', 'only us', () => begins('lead', '1.2', 2)],
    ['with everybody, while the second plan is judged', 'everything', () => begins('lead', '', 2)],
    ['with everybody, while three workers work', 'everything', () => begins('implement', '1.3')],
    ['alone, while three workers work', 'only us', () => begins('implement', '1.3')],
    ['with everybody, when the first of them is done', 'everything', () => ends('implement', '1.1')],
    ['alone, when the second of them is done', 'only us', () => ends('implement', '1.2')],
    ['with everybody, when a worker crashed', 'everything', () => ends('implement', '1.3')],
    ['with everybody, just after a commit', 'everything', () => (line) => line.type === 'commit'],
    ['alone, while a replaced worker works', 'only us', () => begins('implement', '1.3', 2)],
    ['with everybody, while a finding is fixed', 'everything', () => begins('fix-p2', '')],
  ]
  test.each(moments)(
    '%s: nothing is lost and nothing is done twice',
    async (_, who, when) => {
      const rig = await killRig(aTeam(DELAY_MS))
      const first = await rig.start({ when: when(), who })
      expect({ killed: first.killed, stderr: first.stderr }).toMatchObject({ killed: true })
      await expectSameEnd(rig, [first, await rig.start()], whole)
    },
    180_000,
  )

  test('again and again, during every resume as well', async () => {
    const rig = await killRig(aTeam(DELAY_MS))
    const all: Ended[] = []
    for (let n = 0; n < 10; n++) {
      const who = n % 3 === 2 ? 'only us' : 'everything'
      const end = await rig.start({ when: (_, at) => at === 9 + 3 * n, who })
      all.push(end)
      if (!end.killed) break
    }
    expect(all.filter((end) => end.killed).length).toBeGreaterThan(3)
    if (all.at(-1)?.killed === true) all.push(await rig.start())
    await expectSameEnd(rig, all, whole)
  }, 300_000)
})
