import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { toString } from 'mdast-util-to-string'
import { gfm } from 'micromark-extension-gfm'
import { oneLine } from '../../../src/core/text/clean.ts'
import { escapeMarkdown, markdownTable } from '../../../src/core/text/markdown.ts'

const parse = (markdown: string) =>
  fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })

/** Pieces that mean something to GitHub, mixed with anything. */
const PIECES = [
  '*', '_', '**', '`', '``', '[', '](', ')', '![', '<', '>', '<b>', '<!--', '-->', '|', '~~', '&amp;', '&', '\\', '#', '# ',
  '-', '- ', '+ ', '1.', '1) ', '=', '---', ':', 'https://', 'https://1.', 'http://a.b/c', 'www.', 'www.a.b', '@', '@kim', 'kim@b.io', ' ', '\n', '\t',
  'a', 'mailto:', '[x] ', '[^1]', '$', '{', '!', '"', "'",
] // prettier-ignore
const text = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'grapheme', maxLength: 4 })), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''))

const visible = (shown: string) => shown.replaceAll('\u200b', '')

describe('escapeMarkdown', () => {
  test('shows any text as it is, and nothing but text', () => {
    fc.assert(
      fc.property(text, (given) => {
        const [block, ...rest] = parse(escapeMarkdown(given)).children
        if (oneLine(given) === '') return expect(block).toBeUndefined()
        expect(rest).toEqual([])
        expect(block).toMatchObject({ type: 'paragraph' })
        expect(block?.type === 'paragraph' && block.children.map(({ type }) => type)).toEqual(['text'])
        expect(visible(toString(block))).toBe(oneLine(given))
      }),
      { numRuns: 500 },
    )
  })

  test('keeps a table a table', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [table, ...rest] = parse(
          markdownTable(['a', 'b'], [[escapeMarkdown(a), escapeMarkdown(b)]]),
        ).children
        expect(rest).toEqual([])
        const row = table?.type === 'table' ? table.children[1] : undefined
        expect(row?.children.map((cell) => visible(toString(cell)))).toEqual([oneLine(a), oneLine(b)])
      }),
      { numRuns: 500 },
    )
  })

  test('mentions nobody and refers to no issue', () => {
    expect(escapeMarkdown('@kim see org/repo#12')).toBe('@&#8203;kim see org/repo#&#8203;12')
  })
})
