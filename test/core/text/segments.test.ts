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

describe('segments of a file', () => {
  it('parse into the same blocks, wherever it is cut', () => {
    fc.assert(
      fc.property(documents, fc.integer({ min: 1, max: 60 }), (text, size) => {
        const whole = parseBlocks(text, { segment: Infinity, looks: false })
        expect(parseBlocks(text, { segment: size, looks: false })).toEqual(whole)
        expect(parseBlocks(text, { segment: size })).toEqual(whole)
      }),
      { numRuns: 300 },
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
