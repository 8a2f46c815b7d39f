import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseBlocks } from '../../../src/core/text/blocks.ts'

/** Lines that open, close, continue or look like something: in any order they make most of what a cut can go wrong with. */
const LINES = [
  '',
  '',
  '# Plan',
  '## Phase 1: Start',
  '#92](no heading)',
  '###### deep',
  'Some text',
  'Status: pending',
  '**Bold:** value',
  '[a]: link',
  '- [ ] task',
  '  - nested',
  '- item',
  '    continued',
  '1. first',
  '2) second',
  '*',
  '* * *',
  '---',
  '===',
  '> quote',
  '> - in a quote',
  '```',
  '```ts',
  '  ```',
  '    ```',
  '````',
  '- ```',
  '~~~',
  '~~~ end',
  '<!-- note',
  '-->',
  '<!-- one line -->',
  '<div>',
  '</div>',
  '<details><summary>',
  '<pre>',
  '</pre>',
  '| a | b |',
  '| - | - |',
  '| 1 | 2 |',
  '\\# not',
  '阶段 1',
  '\t- tab',
  '| a |  |',
  '||x|',
  '|:-|-:|',
  '|---|---| ',
  '| a | b | c |',
  '|',
  '||',
  '| a \\| b | c |',
  'a | b',
  ':-',
  'text with blanks  ',
  'text\u00a0',
  '\u00a0text',
  '\u0000nul\u0000',
  '\f',
  '   indented',
  '—dash',
  '✅ done',
  '1986 was',
  '2. two',
  '10) ten',
  '1) one',
  '+ plus',
  '*   star',
  '-     far',
  '- ',
  '-',
  '- `code` | x ',
  '- **Bold:** x',
  '- 1. list in a list',
  '- # heading',
  '-[ ] tight',
  '-**Bold:** x',
  '*[x] tight',
  '*em* text',
  '_em_ text',
  '**',
  '`code` text',
  '~~gone~~ text',
  '#  spaced ',
  '## closed ##',
  '# ',
  '&amp; text',
  '\\* escaped',
  '= x',
]

const documents = fc
  .tuple(
    fc.array(fc.constantFrom(...LINES), { maxLength: 30 }),
    fc.constantFrom('\n', '\r\n', '\r'),
    fc.boolean(),
  )
  .map(([lines, end, mark]) => `${mark ? '\uFEFF' : ''}${lines.join(end)}`)

/** Lines that are read by a look, and such as only seem to be: few others, so that looks are taken and not given up at once. */
const NEARLY_PLAIN = [
  '',
  '',
  '## Phase 1: Start',
  '##  wide',
  '- item',
  '-  wide item',
  '-    four wide',
  '-     code in an item',
  '-      more code',
  '1. first',
  '1.     code',
  '1234567890. not an item',
  'Some text',
  'Status: pending',
]
const TABLE_LINES = [
  '| a | b |',
  '| - | - |',
  '|:-|-:|',
  '| -x- | - |',
  '| -- - | b |',
  '| 1 | 2 |',
  '|---|---|',
  '| a |',
]
const nearlyPlain = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.array(fc.constantFrom(...NEARLY_PLAIN), { maxLength: 4 }) },
      { weight: 2, arbitrary: fc.array(fc.constantFrom(...TABLE_LINES), { maxLength: 4 }) },
    ),
    { maxLength: 5 },
  )
  .map((groups) => groups.map((lines) => lines.join('\n')).join('\n\n'))

describe('segments of a file', () => {
  it('that are read by a look say what the parser says', () => {
    fc.assert(
      fc.property(nearlyPlain, fc.integer({ min: 1, max: 60 }), (text, size) => {
        expect(parseBlocks(text, { segment: size })).toEqual(
          parseBlocks(text, { segment: Infinity, looks: false }),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('parse into the same blocks, wherever it is cut', () => {
    fc.assert(
      fc.property(documents, fc.integer({ min: 1, max: 60 }), (text, size) => {
        const whole = parseBlocks(text, { segment: Infinity, looks: false })
        expect(parseBlocks(text, { segment: size, looks: false })).toEqual(whole)
        expect(parseBlocks(text, { segment: size })).toEqual(whole)
      }),
      { numRuns: 300, examples: [['-\n- item', 1]] },
    )
  })

  it('keep front matter and fences whole', () => {
    const text = '---\nname: x\n\nvalue: y\n---\n\n```sh\n# no heading\n\ntext\n```\n\n# Heading\n'
    expect(parseBlocks(text, { segment: 1 }).map(({ kind, line }) => [kind, line])).toEqual([
      ['frontmatter', 2],
      ['code', 7],
      ['heading', 13],
    ])
  })
})
