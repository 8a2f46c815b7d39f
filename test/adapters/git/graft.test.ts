import { chmodSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { sha } from '../../../src/core/model/ids.ts'
import { open, tempRepo } from '../../support/git.ts'

it('takes paths over from another tree: bytes, modes, links, what is gone', async () => {
  const repo = tempRepo()
  repo.commit({ 'gone.txt': 'g', 'a/b.txt': 'old', 'was-file': 'f', 'was-folder/x': 'x', 'kept.txt': 'k' })
  const before = sha(repo.git('rev-parse', 'HEAD'))
  repo.git('rm', '--quiet', '-r', 'gone.txt', 'was-file', 'was-folder')
  repo.write('a/b.txt', 'new')
  repo.write('kept.txt', 'changed')
  repo.write('run.sh', '#!/bin/sh\n')
  chmodSync(join(repo.path, 'run.sh'), 0o755)
  symlinkSync('kept.txt', join(repo.path, 'link'))
  repo.write('was-file/inner', 'i')
  repo.write('was-folder', 'now a file')
  repo.git('add', '--all')
  repo.git('commit', '--quiet', '-m', 'Change much')
  const after = sha(repo.git('rev-parse', 'HEAD'))
  const { graft, treeOf } = await open(repo)
  const listed = (tree: string) =>
    repo.git('ls-tree', '-r', '--format=%(objectmode) %(path)', tree).split('\n')

  const some = await graft(before, after, ['gone.txt', 'a/b.txt', 'run.sh', 'link', 'nowhere/at/all'])
  expect(listed(some)).toEqual([
    '100644 README.md',
    '100644 a/b.txt',
    '100644 kept.txt',
    '120000 link',
    '100755 run.sh',
    '100644 was-file',
    '100644 was-folder/x',
  ])
  expect(repo.git('cat-file', 'blob', `${some}:kept.txt`)).toBe('k')
  expect(repo.git('cat-file', 'blob', `${some}:a/b.txt`)).toBe('new')

  // What became a folder, or ceased to be one, comes along with either of its paths.
  const rest = ['was-file', 'was-file/inner', 'was-folder/x', 'was-folder', 'kept.txt']
  expect(await graft(some, after, rest)).toBe(await treeOf(after))
  const oneByOne = await rest.reduce(
    async (tree, path) => await graft(await tree, after, [path]),
    Promise.resolve(some),
  )
  expect(oneByOne).toBe(await treeOf(after))
  expect(await graft(before, after, [])).toBe(await treeOf(before))
})
