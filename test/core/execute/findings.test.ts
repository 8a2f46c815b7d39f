import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  checkCriteria,
  checkFindings,
  checkReopened,
  filesNamed,
  personFinding,
  verdict,
} from '../../../src/core/execute/findings.ts'
import { SEVERITIES, type Finding, type ReportedFinding } from '../../../src/core/model/finding.ts'

const reported = (more: Partial<ReportedFinding> = {}): ReportedFinding => ({
  severity: 'P1',
  file: 'src/a.ts',
  line: 3,
  title: 'Wrong',
  detail: 'Because.',
  ...more,
})
const facts = {
  lines: new Map([
    ['src/a.ts', 10],
    ['empty.txt', 0],
  ]),
  changed: ['src/a.ts', 'src/gone.ts'],
}

describe('checkFindings', () => {
  it.each([
    ['review-test', 'T'],
    ['review-code', 'C'],
    ['review-perf', 'F'],
    ['verify', 'V'],
  ] as const)('numbers the findings of %s %s1, %s2', (step, letter) => {
    const { findings, problems } = checkFindings(step, [reported(), reported({ line: 10 })], facts)
    expect(problems).toEqual([])
    expect(findings.map(({ id, from }) => [id, from])).toEqual([
      [`${letter}1`, step],
      [`${letter}2`, step],
    ])
    expect(checkFindings(step, [reported()], facts, 3).findings[0]?.id).toBe(`${letter}3`)
  })

  it('takes ./ and backslashes for what they mean', () => {
    const odd = [reported({ file: './src/a.ts' }), reported({ file: 'src\\a.ts' })]
    expect(filesNamed({ findings: odd })).toEqual(['src/a.ts'])
    expect(checkFindings('review-code', odd, facts)).toMatchObject({
      problems: [],
      findings: [{ file: 'src/a.ts' }, { file: 'src/a.ts' }],
    })
  })

  it('refuses places that do not exist, all of them in one pass', () => {
    const { problems } = checkFindings(
      'review-code',
      [
        reported({ line: 11 }),
        reported({ file: 'src/b.ts' }),
        reported({ file: '/home/x/repo/src/a.ts' }),
        reported({ file: 'a.ts' }),
      ],
      facts,
    )
    expect(problems).toEqual([
      {
        reason: 'no-such-line',
        message: 'The review of the code points at src/a.ts:11 ("Wrong"), but the file has 10 lines.',
        hint: 'Open the file and give the line that the finding is about.',
        at: 'findings[0].line',
        paths: ['src/a.ts'],
      },
      {
        reason: 'no-such-file',
        message: 'The review of the code points at src/b.ts:3 ("Wrong"), but there is no such file.',
        hint: 'Give the path from the root of the repository, of a file that is there.',
        at: 'findings[1].file',
        paths: ['src/b.ts'],
      },
      {
        reason: 'no-such-file',
        message:
          'The review of the code points at /home/x/repo/src/a.ts:3 ("Wrong"), but there is no such file.',
        hint: 'Give the path from the root of the repository: src/a.ts?',
        at: 'findings[2].file',
        paths: ['/home/x/repo/src/a.ts'],
      },
      {
        reason: 'no-such-file',
        message: 'The review of the code points at a.ts:3 ("Wrong"), but there is no such file.',
        hint: 'Give the path from the root of the repository: src/a.ts?',
        at: 'findings[3].file',
        paths: ['a.ts'],
      },
    ])
  })

  it('accepts line 1 of an empty file and any line of a file that the phase deleted', () => {
    const fine = [reported({ file: 'empty.txt', line: 1 }), reported({ file: 'src/gone.ts', line: 99 })]
    expect(checkFindings('review-code', fine, facts).problems).toEqual([])
  })
})

describe('checkCriteria', () => {
  const criteria = ['AC-1', 'AC-2', 'REQ-1'].map((id, i) => ({
    id,
    text: `${id} holds.`,
    place: { file: 'specs/a-spec.md', line: 10 + i },
  }))

  it('makes every unmet criterion a P1 at its line in the plan', () => {
    const judged = [
      { id: 'AC-1', met: true, evidence: 'test/a.test.ts:4' },
      { id: 'AC-2', met: false, evidence: 'no route answers 401' },
      { id: 'REQ-1', met: true, evidence: 'x' },
      { id: 'REQ-1', met: false, evidence: 'only for GET' },
    ]
    expect(checkCriteria('review-code', { criteria: judged }, criteria, 'plans/one')).toEqual({
      problems: [],
      findings: [
        {
          id: 'A1',
          from: 'criteria',
          severity: 'P1',
          file: 'plans/one/specs/a-spec.md',
          line: 11,
          title: 'AC-2 is not met',
          detail: 'AC-2 holds.\n\nno route answers 401',
        },
        {
          id: 'A2',
          from: 'criteria',
          severity: 'P1',
          file: 'plans/one/specs/a-spec.md',
          line: 12,
          title: 'REQ-1 is not met',
          detail: 'REQ-1 holds.\n\nonly for GET',
        },
      ],
    })
  })

  it('wants every criterion judged, by its own id', () => {
    expect(
      checkCriteria('review-code', { criteria: [{ id: 'AC-9', met: true, evidence: '' }] }, criteria, '')
        .problems,
    ).toEqual([
      {
        reason: 'unjudged-criterion',
        message: 'The review of the code does not say whether AC-1, AC-2, REQ-1 are met.',
        hint: 'Judge every criterion and requirement of the task by its id, with the evidence.',
        at: 'criteria',
      },
      {
        reason: 'unknown-id',
        message: 'The review of the code judges AC-9, which the task does not list.',
        hint: 'Use the ids of the task as they are written there.',
        at: 'criteria',
      },
    ])
    expect(checkCriteria('review-code', {}, [], '')).toEqual({ findings: [], problems: [] })
  })
})

describe('checkReopened', () => {
  const known = [personFinding(1, 'Use Lax cookies.\nPlease.', { file: 'plan/task_plan.md', line: 4 })]

  it('gives the findings that are still open', () => {
    expect(checkReopened({ reopened: ['H1', 'H1'] }, known)).toEqual({ reopened: known, problems: [] })
    expect(checkReopened({}, known)).toEqual({ reopened: [], problems: [] })
  })

  it('refuses ids that nobody gave', () => {
    expect(checkReopened({ reopened: ['C7'] }, known).problems).toEqual([
      {
        reason: 'unknown-id',
        message: 'The check of the fixes reopens C7, which is no id of a finding that it was given.',
        hint: 'List ids of the task in "reopened"; what is new belongs into "findings".',
        at: 'reopened',
      },
    ])
  })
})

describe('personFinding', () => {
  it('is a P1 with the first line as its title', () => {
    expect(personFinding(2, 'Use Lax cookies.\nPlease.', { file: 'plan/task_plan.md', line: 4 })).toEqual({
      id: 'H2',
      from: 'person',
      severity: 'P1',
      file: 'plan/task_plan.md',
      line: 4,
      title: 'Use Lax cookies.',
      detail: 'Use Lax cookies.\nPlease.',
    } satisfies Finding)
  })
})

describe('verdict', () => {
  it('follows the worst finding', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...SEVERITIES)), (severities) => {
        const worst = severities.toSorted()[0]
        const expected = worst === undefined ? 'clean' : worst < 'P2' ? 'p0_p1_found' : 'p2_p3_only'
        expect(verdict(severities.map((severity) => ({ severity })))).toBe(expected)
      }),
    )
  })
})
