import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'

import { missing, portions, wireAnnotation } from '../../../src/adapters/github/annotations.ts'
import { cut, LIMITS } from '../../../src/adapters/github/limits.ts'

const annotation = fc.record({
  path: fc.constantFrom('a.md', 'b.md'),
  startLine: fc.integer({ min: -1, max: 3 }),
  endLine: fc.integer({ min: -1, max: 3 }),
  level: fc.constantFrom('failure' as const, 'warning' as const, 'notice' as const),
  title: fc.constantFrom('', 'title'),
  message: fc.constantFrom('', 'message'),
})

describe('annotations', () => {
  test('go in portions of 50, all of them and in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 180 }), (all) => {
        const parts = portions(all)
        expect(parts.flat()).toEqual(all)
        expect(parts.every((part) => part.length > 0 && part.length <= 50)).toBe(true)
      }),
    )
  })

  test('that are shown already are not sent again, whatever part of them is shown', () => {
    fc.assert(
      fc.property(fc.array(annotation, { maxLength: 12 }), fc.nat(12), (all, count) => {
        const wanted = all.map(wireAnnotation)
        const shown = wanted.slice(0, count)
        const left = missing(wanted, shown)
        expect(left).toHaveLength(wanted.length - shown.length)
        expect(missing(wanted, [...shown, ...left])).toEqual([])
      }),
    )
  })

  test('always have lines and a message that GitHub takes', () => {
    fc.assert(
      fc.property(annotation, (each) => {
        const wire = wireAnnotation(each)
        expect(wire.start_line).toBeGreaterThanOrEqual(1)
        expect(wire.end_line).toBeGreaterThanOrEqual(wire.start_line)
        expect(wire.message).not.toBe('')
      }),
    )
  })
})

describe('text', () => {
  test('is never longer than it may be, and never ends in half a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 700 }),
        fc.constantFrom(20, 40, 255, 300),
        (text, max) => {
          const short = cut(text, max)
          expect(short.length).toBeLessThanOrEqual(max)
          expect(() => encodeURIComponent(short)).not.toThrow()
          if (text.length <= max) expect(short).toBe(text)
        },
      ),
    )
  })

  test('that is cut says so', () => {
    expect(cut('x'.repeat(70_000), LIMITS.checkText)).toMatch(/cut here: it is longer than GitHub takes\.$/)
  })
})
