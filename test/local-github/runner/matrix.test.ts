import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { combinationLabel, expandMatrix } from '../../../local-github/runner/matrix.ts'

describe('a matrix', () => {
  test('is the example of the documentation', () => {
    const matrix = {
      fruit: ['apple', 'pear'],
      animal: ['cat', 'dog'],
      include: [
        { color: 'green' },
        { color: 'pink', animal: 'cat' },
        { fruit: 'apple', shape: 'circle' },
        { fruit: 'banana' },
        { fruit: 'banana', animal: 'cat' },
      ],
    }
    expect(expandMatrix(matrix)).toEqual([
      { fruit: 'apple', animal: 'cat', color: 'pink', shape: 'circle' },
      { fruit: 'apple', animal: 'dog', color: 'green', shape: 'circle' },
      { fruit: 'pear', animal: 'cat', color: 'pink' },
      { fruit: 'pear', animal: 'dog', color: 'green' },
      { fruit: 'banana' },
      { fruit: 'banana', animal: 'cat' },
    ])
  })

  test('leaves out what is excluded, and takes a list of includes alone', () => {
    expect(expandMatrix({ os: ['a', 'b'], node: [1, 2], exclude: [{ os: 'a', node: 2 }] })).toHaveLength(3)
    expect(expandMatrix({ include: [{ id: '1' }, { id: '2' }] })).toEqual([{ id: '1' }, { id: '2' }])
    expect(expandMatrix(undefined)).toEqual([{}])
  })

  test('that is empty or too large is refused', () => {
    expect(() => expandMatrix({ os: [] })).toThrow("Matrix vector 'os' does not contain any values")
    expect(() => expandMatrix({ include: [] })).toThrow('does not contain any values')
    const many = Array.from({ length: 17 }, (_, index) => index)
    expect(() => expandMatrix({ a: many, b: many })).toThrow('289 jobs')
    expect(() => expandMatrix('text')).toThrow('must be a mapping')
  })

  test('has as many jobs as its axes make', () => {
    const axis = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(axis, axis, (a, b) => {
        const all = expandMatrix({ a, b })
        return (
          all.length === a.length * b.length &&
          new Set(all.map((one) => JSON.stringify(one))).size === all.length
        )
      }),
    )
  })

  test('names its jobs by their values', () => {
    expect(combinationLabel({ id: '1', title: 'Base', after: ['0', 2], deep: { x: true } })).toBe(
      '1, Base, 0, 2, true',
    )
  })
})
