import { describe, expect, test } from '@jest/globals'
import { applyPatch } from 'diff'
import * as fc from 'fast-check'
import { patchText } from '../../../src/core/report/patch.ts'
import { suggestionsOf } from '../../../src/core/report/suggestions.ts'
import { takeOver } from '../../support/suggestions.ts'

const all = new Map([['plan.md', [{ from: 1, to: 10_000 }]]])
const of = (before: string, after: string, shown = all) =>
  suggestionsOf([{ path: 'plan.md', before, after }], shown)

describe('suggestions', () => {
  test('replace the lines that change, and put new ones before the line below', () => {
    expect(of('a\nb\nc\n', 'a\nB\nc\n').suggestions).toEqual([
      { path: 'plan.md', startLine: 2, endLine: 2, body: '```suggestion\nB\n```' },
    ])
    expect(of('a\nb\n', 'a\nnew\nb\n').suggestions).toEqual([
      { path: 'plan.md', startLine: 2, endLine: 2, body: '```suggestion\nnew\nb\n```' },
    ])
  })

  test('have a fence that no fence in the text ends', () => {
    expect(of('a\n', '````sh\nb\n````\n').suggestions[0]?.body).toBe(
      '`````suggestion\n````sh\nb\n````\n`````',
    )
  })

  test('stand at lines of the diff alone; the rest is a patch of what they leave out', () => {
    const before = 'a\nb\nc\nd\ne\n'
    const { suggestions, rest } = of(before, 'A\nb\nc\nd\nE\n', new Map([['plan.md', [{ from: 4, to: 6 }]]]))
    expect(suggestions.map(({ startLine }) => startLine)).toEqual([5])
    expect(rest).toEqual([{ path: 'plan.md', before, after: 'A\nb\nc\nd\ne\n' }])
  })

  test('taken over together with the patch they make the text that is meant', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', '```', '', '## Phase 1'), { maxLength: 12 })
      .map((lines) => `${lines.join('\n')}\n`)
    fc.assert(
      fc.property(text, text, fc.nat(12), (before, after, from) => {
        const { suggestions, rest } = of(before, after, new Map([['plan.md', [{ from, to: from + 4 }]]]))
        // A patch is of the text as it was: it goes first, and then moves the suggestions below it.
        const [left] = rest
        const whole = of(before, after)
        expect(takeOver(before, whole.suggestions)).toBe(after)
        expect(whole.rest).toEqual([])
        const taken = takeOver(before, suggestions)
        if (left === undefined) expect(taken).toBe(after)
        else expect(applyPatch(before, patchText([left]))).toBe(left.after)
      }),
    )
  })
})
