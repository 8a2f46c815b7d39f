import { describe, expect, it } from '@jest/globals'
import { parseBlocks } from '../../../src/core/text/blocks.ts'

describe('text too tangled to be parsed', () => {
  it('is read line by line and marked with its lines, and keeps comments and fences closed', () => {
    const text = [
      '> ## Quoted',
      '  - [ ] one',
      '<!-- # hidden',
      '# hidden too -->',
      '```',
      '# code',
      '```',
      '### Heading',
      'a line',
    ].join('\n')
    expect(parseBlocks(text, { looks: false, budget: 0 })).toEqual([
      { kind: 'other', line: 1, until: 7 },
      { kind: 'paragraph', line: 1, lines: [{ text: '## Quoted', start: 2, line: 1 }] },
      {
        kind: 'list',
        line: 2,
        items: [{ text: '[ ] one', start: 16, line: 2, ordinal: undefined, blocks: [] }],
      },
      { kind: 'other', line: 8, until: 9 },
      { kind: 'heading', level: 3, text: 'Heading', start: 74, line: 8 },
      { kind: 'paragraph', line: 9, lines: [{ text: 'a line', start: 82, line: 9 }] },
    ])
  })

  it('stays what it was where the parser can afford it', () => {
    const text = '> - a\n>   - b\n'.repeat(50)
    expect(parseBlocks(text)).toEqual(parseBlocks(text, { looks: false, budget: Infinity }))
    expect(parseBlocks(text.repeat(100)).some((block) => block.kind === 'other')).toBe(true)
  })
})
