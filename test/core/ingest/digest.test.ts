import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { planDigest } from '../../../src/core/ingest/digest.ts'
import { PLANS, planFilesOf } from './fixtures.ts'

const of = (text: string) => planDigest([{ path: 'task_plan.md', text }])
const PLAN =
  '# P\n\n## Phase 1: A\n**Status:** pending\n- [ ] one\n\n## Phases\n| Phase | Status |\n|---|---|\n| 1 | pending |\n'

describe('the digest of a plan', () => {
  it.each([
    ['a ticked box', '[ ]', '[x]'],
    ['a status line', '**Status:** pending', '**Status:** ✅ completed'],
    ['a status cell', '| 1 | pending |', '| 1 | done |'],
    ['a mark in a heading', '## Phase 1: A', '## Phase 1: A (in progress)'],
    ['line ends', /\n/g, '\r\n'],
  ])('does not change with %s', (_what, from, to) => {
    expect(of(PLAN.replace(from, to))).toBe(of(PLAN))
  })

  it.each([
    ['a task', 'one', 'two'],
    ['a phase', 'Phase 1: A', 'Phase 1: B'],
    ['a remark behind a status', 'pending\n', 'pending. Also publish the keys.\n'],
    ['a word in brackets that is no status', '[ ]', '[rm]'],
    ['an added line', '- [ ] one\n', '- [ ] one\n- [ ] more\n'],
  ])('changes with %s', (_what, from, to) => {
    expect(of(PLAN.replace(from, to))).not.toBe(of(PLAN))
  })

  it('changes when text moves from one file to another', () => {
    expect(
      planDigest([
        { path: 'a', text: 'x' },
        { path: 'b', text: '' },
      ]),
    ).not.toBe(
      planDigest([
        { path: 'a', text: '' },
        { path: 'b', text: 'x' },
      ]),
    )
  })

  it('does not depend on the order of the files', () => {
    const files = Object.entries(planFilesOf('cycle')).map(([path, text]) => ({ path, text }))
    expect(planDigest([...files].reverse())).toBe(planDigest(files))
  })

  it('changes with any letter that is added to a line of prose', () => {
    const texts = PLANS.map((name) => planFilesOf(name)['task_plan.md'] ?? '').filter((t) => t.length > 0)
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(), (text, at) => {
        const cut = at % text.length
        fc.pre(/[a-z] $/u.test(text.slice(0, cut)) && /^[a-z]{3}/u.test(text.slice(cut)))
        expect(of(`${text.slice(0, cut)}zebra ${text.slice(cut)}`)).not.toBe(of(text))
      }),
      { numRuns: 60 },
    )
  })
})
