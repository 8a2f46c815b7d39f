import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { schemaFaults } from '../../../src/core/text/schema-words.ts'

const schema = z.strictObject({
  name: z.string().min(2),
  size: z.number().int().max(9).optional(),
  kinds: z.array(z.enum(['a', 'b'])).max(1),
  part: z.union([z.strictObject({ file: z.string() }), z.strictObject({ link: z.string(), to: z.string() })]),
})
const faults = (value: unknown): string[] => {
  const parsed = schema.safeParse(value)
  return parsed.success ? [] : schemaFaults(parsed.error, value).map(({ at, what }) => `${at} ${what}`)
}

describe('schemaFaults', () => {
  it.each([
    [
      {},
      [
        'name is missing; it takes a text',
        'kinds is missing; it takes a list',
        'part is missing; it takes named values',
      ],
    ],
    [{ name: 'x', kinds: [], part: { file: 'f' } }, ['name is "x"; it takes at least 2 characters']],
    [
      { name: 'xy', size: 10.5, kinds: ['a', 'b'], part: { file: 'f' }, more: 1 },
      [
        'size is 10.5; it takes a whole number',
        'kinds is ["a","b"]; it takes at most 1 entry',
        ' holds "more", which is not known there',
      ],
    ],
    [{ name: 'xy', kinds: [], part: { link: 'l' } }, ['part.to is missing; it takes a text']],
    [{ name: 'xy', kinds: ['c'], part: { file: 'f' } }, ['kinds[0] is "c"; it takes one of a and b']],
    [null, [' is null; it takes named values']],
  ])('says what is wrong with %j', (value, expected) => {
    expect(faults(value).sort()).toEqual([...expected].sort())
  })

  it('cuts long values', () => {
    expect(faults({ name: ['x'.repeat(500)], kinds: [], part: { file: 'f' } })[0]?.length).toBeLessThan(100)
  })
})
