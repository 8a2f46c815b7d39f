import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Sha } from '../../../src/core/model/ids.ts'
import { open, tempRepo } from '../../support/git.ts'

/** Names that sort differently as files and as folders, and some beyond ASCII. */
const name = fc.constantFrom('a', 'a.b', 'a-b', 'a0', 'ab', 'ä', '数据', 'Z', 'z b')
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))

describe.each(['sha1', 'sha256'] as const)('objects written together (%s)', (objectFormat) => {
  it('are what git makes of the same files', async () => {
    const repo = tempRepo({ objectFormat })
    const { writeFiles, treeOf, resolve } = await open(repo)
    const base = await treeOf((await resolve('HEAD')) as Sha)
    await fc.assert(
      fc.asyncProperty(fc.dictionary(path, fc.string(), { maxKeys: 8 }), async (files) => {
        // A file cannot be a folder as well.
        const kept = Object.entries(files).filter(
          ([one]) => !Object.keys(files).some((other) => other.startsWith(`${one}/`)),
        )
        const written = await writeFiles(base, new Map(kept))
        repo.git('read-tree', base)
        for (const [file, text] of kept) {
          repo.write('blob', text)
          const blob = repo.git('hash-object', '-w', '--no-filters', 'blob')
          repo.git('update-index', '--add', '--cacheinfo', `100644,${blob},${file}`)
        }
        expect(written).toBe(repo.git('write-tree'))
        // Every object of it stands in the repository.
        expect(repo.git('ls-tree', '-r', '--name-only', '-z', written).split('\0')).toHaveLength(
          kept.length + 2,
        )
      }),
      { numRuns: 12 },
    )
  })

  it('make a chain that git finds nothing wrong with', async () => {
    const repo = tempRepo({ objectFormat })
    const { ledger } = await open(repo)
    const ref = 'refs/orchestrate/demo/run'
    let expected: Sha | undefined
    for (const n of [1, 2, 3]) {
      const files = new Map([
        [`phases/${n}.json`, `{"n":${n}}`],
        [`phases.json`, 'all'],
      ])
      const done = await ledger.append({ ref, expected, subject: `event ${n}`, event: { n }, files, at: n })
      if (!done.ok) throw new Error('lost')
      expected = done.head
    }
    expect(repo.git('fsck', '--strict', '--no-dangling')).toBe('')
    expect(repo.git('ls-tree', '-r', '--name-only', ref).split('\n')).toEqual([
      'phases.json',
      'phases/1.json',
      'phases/2.json',
      'phases/3.json',
    ])
  })
})
