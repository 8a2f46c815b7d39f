import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rm, rmdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { sha } from '../../../src/core/model/ids.ts'
import { isPlain, linkWorktree } from '../../../src/adapters/git/worktree-link.ts'
import { atRepo, runGit, tempDir, tempRepo } from '../../support/git.ts'

describe('a worktree made without git', () => {
  it('is the one that git would have made', async () => {
    const repo = tempRepo()
    const head = sha(repo.git('rev-parse', 'HEAD'))
    const path = join(tempDir(), 'phase-1')
    const gitDir = await linkWorktree(join(repo.path, '.git'), path, head)
    const theirs = join(tempDir(), 'phase-2')
    repo.git('worktree', 'add', '--quiet', '--detach', '--no-checkout', theirs, head)

    // In the order in which the file system gives them.
    const listed = repo
      .git('worktree', 'list', '--porcelain')
      .split('\n\n')
      .map((one) => one.trim())
    expect(listed).toContain(`worktree ${path}\nHEAD ${head}\ndetached`)
    const asTheirs = (name: string) =>
      readFileSync(join(repo.path, '.git', 'worktrees', 'phase-2', name), 'utf8').replaceAll(theirs, path)
    for (const name of ['gitdir', 'commondir', 'HEAD'])
      expect(readFileSync(join(gitDir, name), 'utf8')).toBe(asTheirs(name))
    expect(runGit(path, 'rev-parse', '--git-dir')).toBe(gitDir)

    // It works as one: commits go to its HEAD alone, and git takes it away again.
    runGit(path, 'reset', '--quiet', '--hard')
    const own = atRepo(path).commit({ 'new.txt': 'text' })
    expect(repo.git('rev-parse', 'HEAD')).toBe(head)
    expect(runGit(path, 'rev-parse', 'HEAD~1')).toBe(head)
    expect(own).not.toBe(head)
    repo.git('worktree', 'prune')
    expect(existsSync(gitDir)).toBe(true)
    repo.git('worktree', 'remove', path)
    expect(existsSync(gitDir)).toBe(false)
  })

  it('gets a number where its name is taken', async () => {
    const repo = tempRepo()
    const head = sha(repo.git('rev-parse', 'HEAD'))
    const common = join(repo.path, '.git')
    const made = []
    for (const place of [tempDir(), tempDir(), tempDir()])
      made.push(basename(await linkWorktree(common, join(place, 'phase-1'), head)))
    expect(made).toEqual(['phase-1', 'phase-11', 'phase-12'])
  })

  it('is made also while git takes the folder away with the last worktree in it', async () => {
    const repo = tempRepo()
    const head = sha(repo.git('rev-parse', 'HEAD'))
    const folder = join(repo.path, '.git', 'worktrees')
    let over = false
    const removing = (async () => {
      while (!over)
        await rmdir(folder)
          .catch(() => {})
          .then(() => setTimeout(1))
    })()
    try {
      for (let n = 0; n < 50; n++) {
        const gitDir = await linkWorktree(join(repo.path, '.git'), join(tempDir(), 'phase-1'), head)
        expect(readFileSync(join(gitDir, 'HEAD'), 'utf8')).toBe(`${head}\n`)
        await rm(gitDir, { recursive: true })
      }
    } finally {
      over = true
      await removing
    }
  })

  it('is left to git where worktrees have settings, patterns or refs of their own', () => {
    for (const name of ['config.worktree', join('info', 'sparse-checkout'), 'reftable']) {
      const common = join(tempRepo().path, '.git')
      expect(isPlain(common)).toBe(true)
      mkdirSync(join(common, 'info'), { recursive: true })
      writeFileSync(join(common, name), '')
      expect(isPlain(common)).toBe(false)
    }
  })
})
