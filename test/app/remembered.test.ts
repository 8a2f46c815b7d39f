import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Remembered } from '../../src/app/remembered.ts'

const sized = (over: { max?: number; maxSize?: number; now?: () => number } = {}): Remembered<number> =>
  new Remembered({ max: 3, maxSize: 100, maxAgeMs: 1_000, now: () => 0, sizeOf: (n) => n, ...over })

describe('what is remembered', () => {
  it('forgets what was not asked for the longest', () => {
    const known = sized()
    for (const key of ['a', 'b', 'c']) known.set(key, 1)
    known.get('a')
    known.set('d', 1)
    expect(['a', 'b', 'c', 'd'].map((key) => known.get(key))).toEqual([1, undefined, 1, 1])
  })

  it('keeps within its size, and does not begin with what is larger than all of it', () => {
    const known = sized()
    known.set('a', 60)
    known.set('huge', 101)
    expect([known.get('a'), known.get('huge')]).toEqual([60, undefined])
    known.set('b', 50)
    expect([known.get('a'), known.get('b')]).toEqual([undefined, 50])
  })

  it('forgets what is too old', () => {
    let now = 0
    const known = sized({ now: () => now })
    known.set('a', 1)
    now = 999
    expect(known.get('a')).toBe(1)
    now = 1_000
    expect(known.get('a')).toBeUndefined()
  })

  it('never holds more than it may, and never another answer than the last', () => {
    const step = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.integer({ min: 1, max: 60 }))
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const known = sized()
        const last = new Map<string, number>()
        for (const [key, value] of steps) {
          known.set(key, value)
          last.set(key, value)
          expect(known.get(key)).toBe(value)
        }
        const held = [...last].filter(([key]) => known.get(key) !== undefined)
        for (const [key, value] of held) expect(known.get(key)).toBe(value)
        expect(held.length).toBeLessThanOrEqual(3)
        expect(held.reduce((sum, [, value]) => sum + value, 0)).toBeLessThanOrEqual(100)
      }),
    )
  })
})
