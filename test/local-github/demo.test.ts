import { describe, expect, test } from '@jest/globals'
import { forTerminal } from '../../local-github/demo/markdown.ts'
import { lineOfLog } from '../../local-github/demo/watch.ts'

describe('Markdown for a terminal', () => {
  test('puts tables into columns and leaves marker, graph and links out', () => {
    const comment = [
      '<!-- orchestrate:comment {"v":1} -->',
      '## Landed',
      '',
      '| Phase | Title |',
      '| --- | --- |',
      '| 1 | Amounts of money |',
      '| 10 | [Tell\\_all](http://x/y) |',
      '',
      '```mermaid',
      'graph LR',
      '```',
      '<sub>Renewed.</sub>',
    ].join('\n')
    expect(forTerminal(comment, 80)).toBe(
      ['## Landed', '', 'Phase  Title', '1      Amounts of money', '10     Tell_all', '', 'Renewed.'].join(
        '\n',
      ),
    )
  })

  test('wraps text, and cuts rows of tables that are too wide', () => {
    expect(forTerminal('- one two three four five six', 16)).toBe('- one two\n  three four\n  five six')
    expect(forTerminal(`| a |\n| - |\n| ${'x'.repeat(100)} |`, 20)).toBe(`a\n${'x'.repeat(19)}…`)
  })
})

test('tells when a job begins and what a phase comes to, once each', () => {
  const seen = new Set<string>()
  const told = [
    'phase 2 | ##[group]Run actions/checkout@v5',
    'phase 2 | ##[group]Run OWNER/REPOSITORY@COMMIT',
    'phase 2 | phase 2 · build · red · node build.mjs',
    'phase 2 | published · 2 refs',
    'phase 2 | phase 2 · merged 26e1350e',
    'phase 2 | ##[group]Post actions/checkout@v5',
    'phase 2 | ##[group]Run actions/checkout@v5',
  ].map((line) => lineOfLog(line, seen))
  expect(told.filter((line) => line !== undefined)).toEqual([
    '[phase 2]  job begins',
    '[phase 2]  phase 2 · build · red · node build.mjs',
    '[phase 2]  phase 2 · merged 26e1350e',
    '[phase 2]  job begins',
  ])
})
