import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sha, type Sha } from '../../../src/core/model/ids.ts'
import { open, tempRepo, type TempRepo } from '../../support/git.ts'

const names = ['a', 'b.txt', 'a.b', 'sub/a', 'sub/deep/é ü', 'sub/deep/c', 'a/b', 'z']
const entry = fc.record({
  path: fc.constantFrom(...names),
  mode: fc.constantFrom('100644', '100755', '120000'),
  text: fc.constantFrom('one\n', 'two\n', ''),
})
type Entry = typeof entry extends fc.Arbitrary<infer T> ? T : never

/** A tree of these files, written by git; of two that cannot be side by side (a file and its folder) the first counts. */
function treeOf(repo: TempRepo, entries: Entry[]): Sha {
  repo.git('read-tree', '--empty')
  const kept: Entry[] = []
  for (const one of entries) {
    const clashes = kept.some(
      ({ path }) => path === one.path || path.startsWith(`${one.path}/`) || one.path.startsWith(`${path}/`),
    )
    if (!clashes) kept.push(one)
  }
  for (const { path, mode, text } of kept) {
    repo.write('content', text)
    const blob = repo.git('hash-object', '-w', 'content')
    repo.git('update-index', '--add', '--cacheinfo', `${mode},${blob},${path}`)
  }
  return sha(repo.git('write-tree'))
}

describe('trees compared without a process', () => {
  test('differ in what git says, in its order', async () => {
    const repo = tempRepo()
    const repository = await open(repo)
    const some = fc.array(entry, { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(some, some, async (one, other) => {
        const [from, to] = [treeOf(repo, one), treeOf(repo, other)]
        const said = repo.git('diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', from, to)
        const parts = said.split('\0')
        const expected: object[] = []
        for (let i = 0; i + 1 < parts.length; i += 2) {
          const [, mode = '', , , letter = ''] = (parts[i] ?? '').split(' ')
          expected.push({ path: parts[i + 1], letter, mode })
        }
        const letters = { added: 'A', deleted: 'D', modified: 'M', 'type-changed': 'T' }
        const found = await repository.changes(from, to)
        expect(found.map(({ path, kind, mode }) => ({ path, letter: letters[kind], mode }))).toEqual(expected)
      }),
      { numRuns: 25 },
    )
  })

  test('merge to what git makes of them', async () => {
    const repo = tempRepo()
    const repository = await open(repo)
    const some = fc.array(entry, { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(some, some, some, async (common, left, right) => {
        // Mostly additions, so that both ways of merging are taken.
        const base = treeOf(repo, common)
        const commit = (tree: Sha, ...parents: string[]) =>
          sha(repo.git('commit-tree', '-m', 'x', ...parents.flatMap((parent) => ['-p', parent]), tree))
        const root = commit(base)
        const ours = commit(treeOf(repo, [...common, ...left]), root)
        const theirs = commit(treeOf(repo, [...right, ...common]), root)
        const merged = await repository.merge(root, ours, theirs)
        let expected: string | undefined
        try {
          expected = repo.git('merge-tree', '--write-tree', ours, theirs).split('\n')[0]
        } catch {
          expected = undefined
        }
        expect(merged.ok ? merged.tree : undefined).toBe(expected)
      }),
      { numRuns: 25 },
    )
  }, 180_000)
})
