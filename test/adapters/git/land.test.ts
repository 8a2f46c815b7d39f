import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { sha } from '../../../src/core/model/ids.ts'
import { open, tempDir, tempRepo } from '../../support/git.ts'

/** A repository whose `main` is at `expected`, and a commit `to` on top of it that changes, adds and removes files. */
async function fixture(options: Parameters<typeof open>[1] = {}) {
  const repo = tempRepo()
  const expected = repo.commit({ '.gitignore': '*.log\n', a: 'a\n', old: 'o\n', other: 'x\n' })
  const opened = await open(repo, options)
  const files = new Map<string, string | undefined>([
    ['a', 'A\n'],
    ['new/n', 'n\n'],
    ['kept.log', 'log\n'],
    ['old', undefined],
  ])
  const tree = await opened.writeFiles(await opened.treeOf(expected), files)
  const to = await opened.commit({ tree, parents: [expected], message: 'done', at: 1 })
  const state = () => `${repo.git('rev-parse', 'main')}\n${repo.git('status', '--porcelain', '--ignored')}`
  return { repo, opened, expected, to, state }
}

const said = (result: { ok: true } | { ok: false; error: { reason: string; message: string }[] }) =>
  result.ok ? 'landed' : `${result.error[0]?.reason}: ${result.error[0]?.message}`

describe('landing', () => {
  it('fast-forwards the branch and its clean checkout, and is done when it is done', async () => {
    const { repo, opened, expected, to } = await fixture()
    repo.write('mine.txt', 'untracked files stay')
    repo.write('.git/hooks/post-merge', `#!/bin/sh\ntouch '${repo.path}/hook-ran'\n`, true)
    repo.git('config', 'branch.main.mergeOptions', '--no-ff --squash')
    expect(said(await opened.land('main', expected, to))).toBe('landed')
    expect(repo.git('rev-parse', 'main')).toBe(to)
    expect(repo.git('status', '--porcelain')).toBe('?? mine.txt')
    expect(readFileSync(join(repo.path, 'new/n'), 'utf8')).toBe('n\n')
    expect(said(await opened.land('main', expected, to))).toBe('landed')
  })

  it('moves only the ref of a branch that is checked out nowhere', async () => {
    const { repo, opened, expected, to } = await fixture()
    repo.git('checkout', '--quiet', '-b', 'elsewhere')
    repo.write('a', 'dirty, and none of our business')
    expect(said(await opened.land('main', expected, to))).toBe('landed')
    expect(repo.git('rev-parse', 'main', 'elsewhere')).toBe(`${to}\n${expected}`)
    expect(repo.git('status', '--porcelain')).toBe(' M a')
  })

  it('takes the files along in another worktree that has the branch', async () => {
    const { repo, opened, expected, to } = await fixture()
    repo.git('checkout', '--quiet', '--detach')
    const other = join(tempDir(), 'other tree')
    repo.git('worktree', 'add', '--quiet', other, 'main')
    writeFileSync(join(other, 'other'), 'changed')
    expect(said(await opened.land('main', expected, to))).toContain(
      `it is checked out at ${other} with changes in other`,
    )
    writeFileSync(join(other, 'other'), 'x\n')
    expect(said(await opened.land('main', expected, to))).toBe('landed')
    expect(readFileSync(join(other, 'a'), 'utf8')).toBe('A\n')
    expect(repo.git('rev-parse', 'HEAD')).toBe(expected)
  })

  it('refuses when the branch moved', async () => {
    const { repo, opened, expected, to, state } = await fixture()
    repo.commit({ theirs: 't' })
    const before = state()
    expect(said(await opened.land('main', expected, to))).toBe(
      'cannot-land: main was not fast-forwarded: it was changed by somebody meanwhile.',
    )
    expect(state()).toBe(before)
  })

  it('refuses what is no fast-forward', async () => {
    const { repo, opened, expected, state } = await fixture()
    const aside = sha(repo.git('commit-tree', '-m', 'aside', 'HEAD^{tree}'))
    const before = state()
    expect(said(await opened.land('main', expected, aside))).toContain('does not contain it')
    expect(state()).toBe(before)
  })

  it('refuses over changes, staged or not, even to files that it would not touch', async () => {
    const { repo, opened, expected, to, state } = await fixture()
    repo.write('other', 'y\n')
    repo.write('staged', 's')
    repo.git('add', 'staged')
    const before = state()
    expect(said(await opened.land('main', expected, to))).toBe(
      `cannot-land: main was not fast-forwarded: it is checked out at ${repo.path} with changes in other, staged.`,
    )
    expect(state()).toBe(before)
  })

  it('refuses to overwrite untracked and ignored files', async () => {
    for (const file of ['new/n', 'kept.log']) {
      const { repo, opened, expected, to, state } = await fixture()
      repo.write(file, 'precious')
      const before = state()
      expect(said(await opened.land('main', expected, to))).toContain(
        `would be overwritten in ${repo.path}: ${file}.`,
      )
      expect(readFileSync(join(repo.path, file), 'utf8')).toBe('precious')
      expect(state()).toBe(before)
    }
  })

  it('refuses where a file stands in the way of a folder', async () => {
    const { repo, opened, expected, to, state } = await fixture()
    repo.write('new', 'precious')
    const before = state()
    expect(said(await opened.land('main', expected, to))).toContain('cannot-land')
    expect(readFileSync(join(repo.path, 'new'), 'utf8')).toBe('precious')
    expect(state()).toBe(before)
  })

  it('refuses in the middle of a merge and leaves that as it is', async () => {
    const { repo, opened, to } = await fixture()
    repo.git('checkout', '--quiet', '-b', 'side', 'HEAD~1')
    repo.commit({ side: 's' })
    repo.git('checkout', '--quiet', 'main')
    repo.git('merge', '--no-commit', '--no-ff', 'side')
    const expected = sha(repo.git('rev-parse', 'main'))
    expect(said(await opened.land('main', expected, to))).toContain('cannot-land')
    expect(existsSync(join(repo.path, '.git/MERGE_HEAD'))).toBe(true)
    expect(repo.git('status', '--porcelain')).toBe('A  side')
  })

  it('takes its half of the files back when git fails in the middle', async () => {
    const { repo, opened, expected, state } = await fixture()
    const tree = await opened.writeFiles(
      await opened.treeOf(expected),
      new Map([
        ['.gitattributes', 'z* filter=broken\n'],
        ['a', 'A\n'],
        ['new', 'n\n'],
        ['z', 'z\n'],
      ]),
    )
    const to = await opened.commit({ tree, parents: [expected], message: 'm', at: 1 })
    repo.git('config', 'filter.broken.smudge', 'false')
    repo.git('config', 'filter.broken.required', 'true')
    const before = state()
    expect(said(await opened.land('main', expected, to))).toContain('smudge filter broken failed')
    expect(state()).toBe(before)
    expect(readFileSync(join(repo.path, 'a'), 'utf8')).toBe('a\n')
  })

  it('waits while another git command holds the checkout, and looks again at what that one did', async () => {
    const { repo, opened, expected, to, state } = await fixture()
    const lock = join(repo.path, '.git', 'index.lock')
    writeFileSync(lock, '')
    const landing = opened.land('main', expected, to)
    setTimeout(() => rmSync(lock), 300)
    expect(said(await landing)).toBe('landed')

    repo.git('reset', '--quiet', '--hard', expected)
    writeFileSync(lock, '')
    const refused = opened.land('main', expected, to)
    // What somebody staged meanwhile is theirs.
    setTimeout(() => {
      rmSync(lock)
      writeFileSync(join(repo.path, 'a'), 'of a person\n')
    }, 300)
    expect(said(await refused)).toContain('with changes in a')
    expect(state()).toContain(`${expected}\n M a`)
  })

  it('says which lock is in the way where nobody lets go of it', async () => {
    const { repo, opened, expected, to } = await fixture({ lockWaitMs: 200 })
    const lock = join(repo.path, '.git', 'index.lock')
    writeFileSync(lock, '')
    expect(said(await opened.land('main', expected, to))).toBe(
      `cannot-land: main was not fast-forwarded: another git command works in ${repo.path}, or left ${lock} behind.`,
    )
    expect(existsSync(lock)).toBe(true)
    expect(repo.git('rev-parse', 'main')).toBe(expected)
  })
})
