import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { clean, oneLine } from '../../../src/core/text/clean.ts'
import { displayWidth } from '../../../src/core/text/display.ts'
import { duration, money, severities, stopwatch } from '../../../src/core/text/format.ts'
import { table } from '../../../src/core/text/table.ts'

test.each([
  [0, '0ms'],
  [850, '850ms'],
  [999.6, '1.0s'],
  [1_240, '1.2s'],
  [9_960, '10s'],
  [59_600, '1m'],
  [125_000, '2m 05s'],
  [600_000, '10m'],
  [3_725_000, '1h 02m'],
])('%d ms are %s', (ms, text) => expect(duration(ms)).toBe(text))

test.each([
  [0, '0:00'],
  [7_900, '0:07'],
  [750_000, '12:30'],
  [3_750_000, '1:02:30'],
])('%d ms on the clock are %s', (ms, text) => expect(stopwatch(ms)).toBe(text))

test.each([
  [undefined, '–'],
  [0, '$0.00'],
  [0.00373, '$0.0037'],
  [0.418, '$0.42'],
  [12, '$12.00'],
])('%p dollars are %s', (usd, text) => expect(money(usd)).toBe(text))

test('findings are told by severity, those that are there', () => {
  expect(severities({ P0: 0, P1: 2, P2: 0, P3: 1 })).toBe('2 P1, 1 P3')
  expect(severities({ P0: 0 })).toBe('none')
})

test('nothing that moves the cursor, hides or reverses text is left', () => {
  const text = '\u001b]0;title\u0007a\u001b[31mred\u001b[0m\u0008\u200bb\u202ec\r\nd\te'
  expect(clean(text)).toBe('aredbc\nd\te')
  expect(oneLine(text)).toBe('aredbc d e')
})

test('a table of any cells stays within its columns when it can give way', () => {
  const cell = fc.string({ unit: 'grapheme', maxLength: 40 }).map(oneLine)
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }),
      fc.integer({ min: 40, max: 120 }),
      (rows, columns) => {
        const lines = table(
          [
            { title: 'one', min: 10 },
            { title: 'two', min: 10 },
            { title: 'three', drop: 1 },
          ],
          rows,
          columns,
        )
        expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns)
      },
    ),
  )
})
