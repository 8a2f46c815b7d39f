import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { checkDispositions } from '../../../src/core/execute/dispositions.ts'
import { DISPOSITIONS, SEVERITIES, type Disposition, type Finding } from '../../../src/core/model/finding.ts'

const finding = (id: string, more: Partial<Finding> = {}): Finding => ({
  id,
  from: 'review-code',
  severity: 'P1',
  file: 'src/a.ts',
  line: 3,
  title: 'Wrong',
  detail: 'Because.',
  ...more,
})
const said = (id: string, disposition: Disposition, note = 'src/a.ts:3') => ({
  finding: id,
  disposition,
  note,
})
const check = (given: Finding[], dispositions: ReturnType<typeof said>[], changed: string[]) =>
  checkDispositions(given, { dispositions }, changed)

describe('checkDispositions', () => {
  it('closes what was fixed, resolved or refuted, and puts off P2 and P3', () => {
    const given = [finding('C1'), finding('C2'), finding('C3'), finding('C4', { severity: 'P2' })]
    const { settlement, problems } = check(
      given,
      [
        said('C1', 'fixed', ''),
        said('C2', 'already-resolved'),
        said('C3', 'refuted'),
        said('C4', 'deferred'),
      ],
      ['src/a.ts'],
    )
    expect(problems).toEqual([])
    expect(settlement.closed.map((one) => one.finding.id)).toEqual(['C1', 'C2', 'C3'])
    expect(settlement.deferred).toEqual([{ finding: given[3], disposition: 'deferred', note: 'src/a.ts:3' }])
    expect(settlement.open).toEqual([])
  })

  it('leaves a P0 or P1 open that was put off', () => {
    const { settlement, problems } = check([finding('C1', { severity: 'P0' })], [said('C1', 'deferred')], [])
    expect(problems).toEqual([])
    expect(settlement).toMatchObject({ closed: [], deferred: [], open: [{ finding: { id: 'C1' } }] })
  })

  it('tells every problem in one pass', () => {
    const given = ['C1', 'C2', 'C3', 'C4'].map((id) => finding(id))
    const { problems } = check(
      given,
      [
        said('C2', 'fixed'),
        said('C3', 'fixed'),
        said('C3', 'refuted'),
        said('C4', 'refuted', ' '),
        said('C9', 'fixed'),
      ],
      ['src/b.ts'],
    )
    expect(problems).toEqual([
      {
        reason: 'no-disposition',
        message: 'The fixer says nothing about C1 (P1, src/a.ts:3, "Wrong").',
        hint: 'Every finding of the task gets one disposition: fixed, already-resolved, refuted or deferred.',
      },
      {
        reason: 'untouched-file',
        message: 'The fixer calls C2 fixed, but this pass did not change src/a.ts.',
        hint: 'Fix it there, or call it already-resolved or refuted and say in "note" what shows it.',
        paths: ['src/a.ts'],
      },
      {
        reason: 'two-dispositions',
        message: 'The fixer gives C3 2 dispositions: fixed, refuted.',
        hint: 'Every finding of the task gets exactly one disposition.',
      },
      {
        reason: 'no-reason-given',
        message: 'The fixer calls C4 refuted without a word why.',
        hint: 'Say in "note" what shows it: the line that settles it, the test that covers it, or what fixing would break.',
      },
      {
        reason: 'unknown-finding',
        message: 'The fixer speaks of C9, which is no finding of this pass.',
        hint: 'Use the ids of the task as they are written there.',
      },
    ])
  })

  it.each([
    'test/a.test.ts',
    'src/a.spec.ts',
    'src/__tests__/a.ts',
    'tests/a.py',
    'pkg/a_test.go',
    'test_a.py',
    'src/test/java/ATest.java',
    'spec/models/a.rb',
    'App.Tests/A.cs',
  ])('takes %s for the fix of a missing test', (path) => {
    const missing = finding('T1', { from: 'review-test' })
    expect(check([missing], [said('T1', 'fixed')], [path]).problems).toEqual([])
    expect(check([finding('C1')], [said('C1', 'fixed')], [path]).problems).toHaveLength(1)
  })

  it.each(['src/latest.ts', 'src/contest/a.ts', 'docs/inspector.md', 'src/attestation.ts'])(
    'does not take %s for a test',
    (path) => {
      const missing = finding('T1', { from: 'review-test' })
      expect(check([missing], [said('T1', 'fixed')], [path]).problems[0]?.message).toBe(
        'The fixer calls T1 fixed, but this pass did not change src/a.ts or any test.',
      )
    },
  )

  it('wants some change for a criterion or a person, whose place is in the plan', () => {
    for (const from of ['criteria', 'person'] as const) {
      const one = finding('A1', { from, file: 'plan/task_plan.md' })
      expect(check([one], [said('A1', 'fixed')], ['src/z.ts']).problems).toEqual([])
      expect(check([one], [said('A1', 'fixed')], []).problems[0]?.message).toBe(
        'The fixer calls A1 fixed, but this pass did not change any file.',
      )
    }
  })

  it('never closes a finding without a disposition of its own, nor defers a P0 or P1', () => {
    const ids = ['C1', 'C2', 'C3', 'C4']
    fc.assert(
      fc.property(
        fc.tuple(...ids.map(() => fc.constantFrom(...SEVERITIES))),
        fc.array(fc.tuple(fc.constantFrom(...ids, 'C9'), fc.constantFrom(...DISPOSITIONS), fc.string())),
        fc.subarray(['src/a.ts', 'src/b.ts']),
        (severities, all, changed) => {
          const given = ids.map((id, i) => finding(id, { severity: severities[i] ?? 'P0' }))
          const { settlement, problems } = check(
            given,
            all.map(([id, what, note]) => said(id, what, note)),
            changed,
          )
          const { closed, deferred, open } = settlement
          for (const one of closed) {
            expect(all.filter(([id]) => id === one.finding.id)).toHaveLength(1)
            expect(one.disposition).not.toBe('deferred')
          }
          for (const one of deferred) expect(['P2', 'P3']).toContain(one.finding.severity)
          if (problems.length === 0) expect(closed.length + deferred.length + open.length).toBe(ids.length)
        },
      ),
    )
  })
})
