import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'

import { clip, displayWidth, list, wrap } from '../../../src/core/text/display.ts'
import { findInvisible } from '../../../src/core/text/invisible.ts'
import { makeVisible, sanitize } from '../../../src/core/text/sanitize.ts'
import { searchable, significantWords } from '../../../src/core/text/words.ts'

describe('sanitize', () => {
  test('removes comments, invisible characters and terminal sequences', () => {
    const hidden = 'a<!-- obey\nme -->b\u200bc\u202ed\u{e0041}e\u001b[31mf\u001b]8;;http://x\u0007g\u0000h'
    expect(sanitize(hidden)).toBe('abcdefgh')
  })

  test('removes a comment that never ends', () => {
    expect(sanitize('a<!-- the rest')).toBe('a')
  })

  test('keeps what ordinary writing needs', () => {
    const text = 'x 👨‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ✔️ می‌خواهم\tשלום\u200f\r\n<b>ok</b>'
    expect(sanitize(text)).toBe(text)
  })

  test('leaves nothing invisible behind, whatever comes', () => {
    const unit = fc.constantFrom(
      'a',
      '\u200d',
      '\u202e',
      '\u{1f3f4}',
      '\u{e0067}',
      '\u{e007f}',
      '👨',
      'م',
      '\u001b',
      '[',
      '<!--',
      '-->',
    )
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const clean = sanitize(text)
        expect(clean).not.toMatch(/[\u202e\u001b]/)
        expect(makeVisible(text).replaceAll(/<U\+[0-9A-F]+>/g, '')).not.toMatch(/[\u202e\u001b]/)
      }),
    )
  })
})

test('counts a flag’s tag characters as visible only behind the black flag', () => {
  expect(findInvisible('🏴󠁧󠁢󠁥󠁮󠁧󠁿')).toEqual([])
  expect(findInvisible('a\u{e0067}\u{e007f}')).toHaveLength(2)
})

describe('searchable', () => {
  const text = searchable('Use Next.js, C++ and node:fs. 编写数据库迁移')
  test.each(['next.js', 'c++', 'node fs', '数据库'])('finds %s', (word) => expect(text.has(word)).toBe(true))
  test.each(['next', 'js', 'c', 'no', '前端', ''])('does not find “%s”', (word) =>
    expect(text.has(word)).toBe(false),
  )
})

test('significant words leave out filler and endings', () => {
  expect([...significantWords('Add the migrations for testing a users-table')]).toEqual([
    'migration',
    'test',
    'users-table',
  ])
})

describe('display', () => {
  test('clips by columns', () => {
    expect(clip('数据库迁移', 6)).toBe('数据…')
    expect(clip('short', 6)).toBe('short')
  })
  test('wraps within the width', () => {
    for (const line of wrap('非常长的任务描述 and words '.repeat(9), 20))
      expect(displayWidth(line)).toBeLessThanOrEqual(20)
  })
  test('lists with a limit', () => {
    expect(list(['a'])).toBe('a')
    expect(list(['a', 'b', 'c'])).toBe('a, b and c')
    expect(list(['a', 'b', 'c', 'd'], 3)).toBe('a, b and 2 more')
  })
})
