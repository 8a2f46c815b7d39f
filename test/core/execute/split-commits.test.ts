import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { movesIn, splitCommits } from '../../../src/core/execute/split-commits.ts'
import type { Change } from '../../../src/core/ports.ts'

const change = (path: string, kind: Change['kind']): Change => ({ path, kind, mode: '100644', bytes: 1 })

describe('splitCommits', () => {
  it('gives each named change its files, and the last what nobody names', () => {
    expect(
      splitCommits(
        ['a.ts', 'b.ts', 'c.ts', 'd.ts'],
        [
          { subject: 'Add b', files: ['./b.ts'] },
          { subject: ' Add a and d ', files: ['a.ts', 'd.ts'] },
        ],
      ),
    ).toEqual({
      parts: [
        { subject: 'Add b', paths: ['b.ts'] },
        { subject: 'Add a and d', paths: ['a.ts', 'd.ts', 'c.ts'] },
      ],
      notes: [],
    })
  })

  it('says which files were named twice or not changed, and goes on without them', () => {
    const { parts, notes } = splitCommits(
      ['a.ts', 'b.ts'],
      [
        { subject: 'One', files: ['a.ts', 'a.ts', 'nowhere.ts'] },
        { subject: 'Two', files: ['a.ts', 'b.ts'] },
      ],
    )
    expect(parts.map(({ paths }) => paths)).toEqual([['a.ts'], ['b.ts']])
    expect(notes).toEqual([
      'Named for a commit, but not changed: nowhere.ts.',
      'Named for two commits, and taken into the first: a.ts.',
    ])
  })

  it.each([
    ['one change is named', [{ subject: 'All of it', files: ['a.ts', 'b.ts'] }]],
    [
      'a second one holds nothing that was changed',
      [
        { subject: 'One', files: ['a.ts'] },
        { subject: 'Two', files: ['nowhere.ts'] },
      ],
    ],
    [
      'a second one has no subject',
      [
        { subject: 'One', files: ['a.ts'] },
        { subject: '  ', files: ['b.ts'] },
      ],
    ],
  ])('leaves the work one commit where %s', (_, named) => {
    expect(splitCommits(['a.ts', 'b.ts'], named).parts).toEqual([])
  })

  it('keeps both halves of a move together, whichever is named', () => {
    const moves = [
      { from: 'old/a.ts', to: 'new/a.ts' },
      { from: 'old/b.ts', to: 'new/b.ts' },
    ]
    const { parts } = splitCommits(
      ['new/a.ts', 'new/b.ts', 'old/a.ts', 'old/b.ts', 'rest.ts'],
      [
        { subject: 'Move a', files: ['new/a.ts'] },
        { subject: 'Move b', files: ['old/b.ts'] },
        { subject: 'The rest', files: ['rest.ts'] },
      ],
      moves,
    )
    expect(parts.map(({ paths }) => paths)).toEqual([
      ['new/a.ts', 'old/a.ts'],
      ['old/b.ts', 'new/b.ts'],
      ['rest.ts'],
    ])
  })

  it('never loses, doubles or invents a path', () => {
    const path = fc.constantFrom('a', 'b', 'c', 'd', 'e/f', 'e/g')
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { minLength: 1 }),
        fc.array(fc.record({ subject: fc.constantFrom('', 'x', 'y'), files: fc.array(path) })),
        fc.array(fc.record({ from: path, to: path })),
        (changed, named, moves) => {
          const { parts } = splitCommits(changed, named, moves)
          expect(parts).not.toHaveLength(1)
          if (parts.length > 0)
            expect(parts.flatMap(({ paths }) => paths).sort()).toEqual([...changed].sort())
          for (const part of parts) {
            expect(part.paths).not.toEqual([])
            expect(part.subject).not.toBe('')
          }
        },
      ),
    )
  })
})

describe('movesIn', () => {
  it('pairs what has the same content, then what has the only such name', () => {
    const changes = [
      change('old/a.ts', 'deleted'),
      change('old/b.ts', 'deleted'),
      change('src/renamed.ts', 'added'),
      change('new/b.ts', 'added'),
      change('c.ts', 'modified'),
    ]
    const blobs = new Map([
      ['old/a.ts', '1'],
      ['src/renamed.ts', '1'],
      ['old/b.ts', '2'],
      ['new/b.ts', '3'],
    ])
    expect(movesIn(changes, blobs)).toEqual([
      { from: 'old/a.ts', to: 'src/renamed.ts' },
      { from: 'old/b.ts', to: 'new/b.ts' },
    ])
  })

  it('guesses nothing where two would fit', () => {
    const changes = [
      change('a/index.ts', 'deleted'),
      change('b/index.ts', 'added'),
      change('c/index.ts', 'added'),
      change('x/empty', 'deleted'),
      change('y/empty', 'deleted'),
      change('z/empty', 'added'),
    ]
    expect(movesIn(changes, new Map())).toEqual([])
  })
})
