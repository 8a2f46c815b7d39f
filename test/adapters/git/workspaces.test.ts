import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import type { OpenRepository } from '../../../src/adapters/git/repository.ts'
import { sha, type Sha } from '../../../src/core/model/ids.ts'
import type { Workspace } from '../../../src/core/ports.ts'
import { atRepo, open, runGit, tempClone, tempRepo, type TempRepo } from '../../support/git.ts'
import { startProgram } from '../../support/program.ts'

const SAVE = 'refs/orchestrate/r/saved/w'

interface Fixture {
  repo: TempRepo
  opened: OpenRepository
  head: Sha
  workspace: Workspace
  /** The worktree, to work in as an agent would. */
  agent: TempRepo
}

async function fixture(files: Record<string, string> = {}): Promise<Fixture> {
  const repo = tempRepo()
  const head = repo.commit({ '.gitignore': 'node_modules/\n*.log\n', a: 'a\n', 'dir/b ü': 'b\n', ...files })
  const opened = await open(repo)
  const workspace = await opened.workspaces.open('r', 'w', head)
  return { repo, opened, head, workspace, agent: atRepo(workspace.path) }
}

const list = (repo: TempRepo, treeish: string) =>
  repo.git('ls-tree', '-r', '-z', '--name-only', treeish).split('\0').filter(Boolean)

describe('a workspace', () => {
  it('is a detached worktree apart from the checkout, at the commit', async () => {
    const { repo, workspace, agent, head, opened } = await fixture()
    expect(workspace.path).toBe(join(repo.path, '.git/orchestrate/r/w'))
    expect(agent.git('rev-parse', 'HEAD')).toBe(head)
    expect(agent.git('status', '--porcelain', '--branch')).toBe('## HEAD (no branch)')
    expect(repo.git('status', '--porcelain')).toBe('')
    expect(await workspace.head()).toBe(head)
    expect(workspace.fresh).toBe(true)
    expect((await opened.workspaces.open('r', 'w', head)).fresh).toBe(false)
    expect((await (await open(repo)).workspaces.open('r', 'w', head)).fresh).toBe(false)
    expect(await opened.workspaces.list()).toEqual([{ run: 'r', name: 'w', path: workspace.path }])
    expect(await opened.workspaces.list('other')).toEqual([])
  })

  it('runs no hook when it is made', async () => {
    const repo = tempRepo()
    repo.write('.git/hooks/post-checkout', '#!/bin/sh\ntouch "$(git rev-parse --git-common-dir)/ran"\n', true)
    const opened = await open(repo)
    const workspace = await opened.workspaces.open('r', 'w', sha(repo.git('rev-parse', 'HEAD')))
    await workspace.reset(sha(repo.git('rev-parse', 'HEAD')), SAVE)
    expect(existsSync(join(repo.path, '.git/ran'))).toBe(false)
  })

  it('makes several at once', async () => {
    const { opened, head } = await fixture()
    const names = ['a', 'b', 'c', 'd']
    const made = await Promise.all(names.map((name) => opened.workspaces.open('r2', name, head)))
    expect(made.map((each) => basename(each.path))).toEqual(names)
    expect((await opened.workspaces.list('r2')).map((each) => each.name)).toEqual(names)
  })
})

describe('unusual repositories', () => {
  it('may be bare, or name objects by SHA-256', async () => {
    const bare = tempClone(tempRepo(), '--bare')
    const sha256 = tempRepo({ empty: true, objectFormat: 'sha256' })
    sha256.commit({ 'dir/f': 'x' })
    for (const repo of [bare, sha256]) {
      const opened = await open(repo)
      const head = sha(repo.git('rev-parse', 'HEAD'))
      const workspace = await opened.workspaces.open('r', 'w', head)
      atRepo(workspace.path).write('dir/new', 'n')
      const tree = await workspace.snapshot()
      const written = await opened.writeFiles(await opened.treeOf(head), new Map([['dir/new', 'n']]))
      expect(tree).toBe(written)
      const commit = await opened.commit({ tree, parents: [head], message: 'm', at: 1 })
      expect(await workspace.reset(commit, SAVE)).toBeUndefined()
      expect(
        await opened.ledger.append({
          ref: 'refs/orchestrate/r/run',
          expected: undefined,
          subject: 's',
          event: {},
          at: 1,
        }),
      ).toMatchObject({ ok: true })
      expect(await opened.workspaces.remove(workspace)).toBe(true)
    }
  })
})

describe('a snapshot', () => {
  it('is the tree of HEAD while nothing changed', async () => {
    const { workspace, opened, head, agent } = await fixture()
    agent.write('x.log', 'ignored')
    agent.write('node_modules/m/index.js', 'ignored')
    expect(await workspace.snapshot()).toBe(await opened.treeOf(head))
  })

  it('holds changed, new and deleted files, and no ignored ones', async () => {
    const { workspace, agent, repo } = await fixture()
    agent.write('a', 'A\n')
    agent.write('new dir/ñ "quoted"\nline', 'n')
    agent.write('run.sh', '#!/bin/sh\n', true)
    agent.write('x.log', 'ignored')
    rmSync(join(agent.path, 'dir/b ü'))
    symlinkSync('/etc/passwd', join(agent.path, 'link'))
    const tree = await workspace.snapshot()
    expect(list(repo, tree)).toEqual([
      '.gitignore',
      'README.md',
      'a',
      'link',
      'new dir/ñ "quoted"\nline',
      'run.sh',
    ])
    expect(repo.git('cat-file', 'blob', `${tree}:a`)).toBe('A')
    expect(repo.git('cat-file', 'blob', `${tree}:link`)).toBe('/etc/passwd')
    expect(repo.git('ls-tree', tree, 'run.sh')).toMatch(/^100755/)
    expect(await workspace.snapshot()).toBe(tree)
    agent.write('a', 'a\n')
    agent.write('dir/b ü', 'b\n')
    for (const path of ['new dir', 'run.sh', 'link']) rmSync(join(agent.path, path), { recursive: true })
    expect(await workspace.snapshot()).toBe(repo.git('rev-parse', 'HEAD^{tree}'))
  })

  it('sees a file become a folder and a folder become a file', async () => {
    const { workspace, agent, repo } = await fixture()
    rmSync(join(agent.path, 'a'))
    agent.write('a/inner', 'i')
    rmSync(join(agent.path, 'dir'), { recursive: true })
    agent.write('dir', 'file')
    expect(list(repo, await workspace.snapshot())).toEqual(['.gitignore', 'README.md', 'a/inner', 'dir'])
  })

  it('does not depend on what an agent does with git', async () => {
    const { workspace, agent, repo, head } = await fixture()
    agent.write('staged', 's')
    agent.git('add', 'staged')
    agent.git('rm', '--cached', '--quiet', 'a')
    agent.git('checkout', '--quiet', '-b', 'mine')
    agent.git('commit', '--quiet', '-m', 'by the agent')
    agent.write('later', 'l')
    expect(list(repo, await workspace.snapshot())).toEqual([
      '.gitignore',
      'README.md',
      'a',
      'dir/b ü',
      'later',
      'staged',
    ])
    expect(await workspace.head()).toBe(agent.git('rev-parse', 'mine'))
    expect(await workspace.head()).not.toBe(head)
  })

  it('applies the filters of .gitattributes', async () => {
    const { workspace, agent, repo } = await fixture({ '.gitattributes': '*.txt text eol=lf\n' })
    agent.write('t.txt', 'one\r\ntwo\r\n')
    const tree = await workspace.snapshot()
    expect(repo.git('cat-file', '-s', `${tree}:t.txt`)).toBe('8')
  })

  it('survives repositories inside, with and without a commit, and runs nothing of theirs', async () => {
    const { workspace, agent, repo } = await fixture()
    const inner = tempRepo({ path: join(agent.path, 'inner') })
    tempRepo({ path: join(agent.path, 'unborn'), empty: true })
    agent.write('unborn/file', 'x')
    agent.write('unborn/deep/ü.txt', 'x')
    agent.write('unborn/.gitignore', 'own\n')
    agent.write('unborn/own', 'ignored by its own rules')
    agent.write('unborn/x.log', 'ignored by ours')
    tempRepo({ path: join(agent.path, 'void'), empty: true })
    const first = await workspace.snapshot()
    expect(list(repo, first).filter((path) => /unborn|void/.test(path))).toEqual([
      'unborn/.gitignore',
      'unborn/deep/ü.txt',
      'unborn/file',
    ])
    expect(await workspace.snapshot()).toBe(first)
    expect(repo.git('ls-tree', first, 'inner')).toMatch(/^160000 commit/)
    const evil = `touch '${join(repo.path, 'pwned')}'; cat`
    inner.git('config', 'filter.evil.clean', evil)
    inner.git('config', 'core.fsmonitor', evil)
    inner.write('.gitattributes', '* filter=evil\n')
    inner.write('README.md', '# PROJECT\n')
    agent.write('a', 'changed')
    const second = await workspace.snapshot()
    expect(second).not.toBe(first)
    expect(await workspace.snapshot()).toBe(second)
    expect(existsSync(join(repo.path, 'pwned'))).toBe(false)
  })

  it('does not believe a bent .git file', async () => {
    const { workspace, agent, repo, head, opened } = await fixture()
    const evil = join(agent.path, 'evil.sh')
    writeFileSync(evil, `#!/bin/sh\ntouch '${join(repo.path, 'pwned')}'\n`, { mode: 0o755 })
    const other = tempRepo({ path: join(agent.path, 'node_modules/other') })
    other.git('config', 'core.fsmonitor', evil)
    writeFileSync(join(agent.path, '.git'), `gitdir: ${join(other.path, '.git')}\n`)
    agent.write('a', 'changed')
    expect(list(repo, await workspace.snapshot())).toContain('dir/b ü')
    await workspace.reset(head, SAVE)
    expect(existsSync(join(repo.path, 'pwned'))).toBe(false)
    const reopened = await (await open(repo)).workspaces.open('r', 'w', head)
    expect(runGit(reopened.path, 'rev-parse', 'HEAD')).toBe(head)
    await opened.close()
  })

  it('takes thousands of files and calls side by side', async () => {
    const { workspace, agent, repo } = await fixture()
    for (let i = 0; i < 3_000; i++) agent.write(`many/${i % 30}/${i}`, `${i}`)
    const trees = await Promise.all([workspace.snapshot(), workspace.snapshot(), workspace.snapshot()])
    expect(new Set(trees).size).toBe(1)
    expect(list(repo, trees[0]!).length).toBe(3_004)
  })
})

describe('resetting', () => {
  it('saves what is in no commit, under the next free name, and keeps ignored files', async () => {
    const { workspace, agent, repo, head } = await fixture()
    const target = repo.commit({ a: 'target\n', added: 'x' })
    agent.write('a', 'mine')
    agent.write('new/file', 'n')
    agent.write('node_modules/m', 'kept')
    const saved = await workspace.reset(target, SAVE)
    expect(repo.git('rev-parse', SAVE, `${SAVE}^`)).toBe(`${saved}\n${head}`)
    expect(repo.git('show', `${saved}:new/file`)).toBe('n')
    expect(agent.git('rev-parse', 'HEAD')).toBe(target)
    expect(agent.git('status', '--porcelain')).toBe('')
    expect(readFileSync(join(agent.path, 'a'), 'utf8')).toBe('target\n')
    expect(existsSync(join(agent.path, 'new'))).toBe(false)
    expect(existsSync(join(agent.path, 'node_modules/m'))).toBe(true)
    expect(await workspace.reset(head, SAVE)).toBeUndefined()
    expect(existsSync(join(agent.path, 'added'))).toBe(false)
    agent.write('a', 'again')
    const second = await workspace.reset(head, SAVE)
    expect(repo.git('rev-parse', `${SAVE}-2`)).toBe(second)
  })

  it('saves commits that an agent made and no ref keeps', async () => {
    const { workspace, agent, repo, head } = await fixture()
    const own = agent.commit({ a: 'committed by the agent' })
    const saved = await workspace.reset(head, SAVE)
    expect(repo.git('rev-parse', `${saved}^`)).toBe(own)
    expect(agent.git('rev-parse', 'HEAD')).toBe(head)
    agent.git('checkout', '--quiet', '-b', 'kept')
    agent.commit({ a: 'on a branch' })
    expect(await workspace.reset(head, SAVE)).toBeUndefined()
    expect(repo.git('log', '-1', '--format=%s', 'kept')).toBe('Change')
    expect(agent.git('status', '--porcelain', '--branch')).toBe('## HEAD (no branch)')
  })

  it('saves nothing when the files are those of the commit already', async () => {
    const { workspace, agent, opened, head } = await fixture()
    agent.write('a', 'done')
    const tree = await workspace.snapshot()
    const commit = await opened.commit({ tree, parents: [head], message: 'm', at: 1 })
    expect(await workspace.reset(commit, SAVE)).toBeUndefined()
    expect(agent.git('status', '--porcelain')).toBe('')
    expect(agent.git('rev-parse', 'HEAD')).toBe(commit)
  })

  it('clears a merge that an agent left half-way, and a lock that a killed git left', async () => {
    const { workspace, agent, repo, head } = await fixture()
    const other = repo.commit({ a: 'theirs' })
    agent.commit({ a: 'ours' })
    expect(() => agent.git('merge', other)).toThrow()
    const lock = join(repo.path, '.git/worktrees/w/index.lock')
    writeFileSync(lock, '')
    await workspace.reset(head, SAVE)
    expect(agent.git('status', '--porcelain')).toBe('')
    expect(existsSync(lock)).toBe(false)
    expect(existsSync(join(repo.path, '.git/worktrees/w/MERGE_HEAD'))).toBe(false)
  })

  it('moves HEAD and index to a commit and leaves files as they are', async () => {
    const { workspace, agent, repo, opened, head } = await fixture()
    agent.write('a', 'changed')
    agent.write('build/output', 'left by a build')
    const tree = await opened.writeFiles(await opened.treeOf(head), new Map([['a', 'changed']]))
    const commit = await opened.commit({ tree, parents: [head], message: 'm', at: 1 })
    const before = await workspace.snapshot()
    writeFileSync(join(repo.path, '.git/worktrees/w/index.lock'), '')
    await workspace.moveHead(commit)
    expect(await workspace.head()).toBe(commit)
    expect(agent.git('status', '--porcelain')).toBe('?? build/')
    expect(await workspace.snapshot()).toBe(before)
    const all = await opened.commit({ tree: before, parents: [commit], message: 'm', at: 1 })
    await workspace.moveHead(all)
    expect(agent.git('status', '--porcelain', '--branch')).toBe('## HEAD (no branch)')
    agent.write('a', 'again')
    expect(await workspace.snapshot()).not.toBe(before)
  })

  it('puts files back to a tree and leaves HEAD alone', async () => {
    const { workspace, agent, repo, head } = await fixture()
    const before = await workspace.snapshot()
    agent.write('a', 'not allowed')
    agent.write('extra', 'x')
    await workspace.checkoutTree(before)
    expect(await workspace.snapshot()).toBe(before)
    expect(existsSync(join(agent.path, 'extra'))).toBe(false)
    expect(repo.git('-C', agent.path, 'rev-parse', 'HEAD')).toBe(head)
  })
})

describe('reopening', () => {
  it('finds the work of a process that was killed, and goes on with it', async () => {
    const repo = tempRepo()
    const head = sha(repo.git('rev-parse', 'HEAD'))
    const program = startProgram(`
      import { writeFileSync } from 'node:fs'
      import { openRepository } from './src/adapters/git/repository.ts'
      const opened = await openRepository({ cwd: ${JSON.stringify(repo.path)}, env: process.env, clock: { now: Date.now } })
      if (!opened.ok) throw new Error(opened.error[0].message)
      const workspace = await opened.value.workspaces.open('r', 'w', ${JSON.stringify(head)})
      writeFileSync(workspace.path + '/half', 'done')
      await workspace.snapshot()
      writeFileSync(workspace.path + '/more', 'done')
      console.log(workspace.path)
      setInterval(() => {}, 1000)
    `)
    const path = await program.line()
    program.kill('SIGKILL')
    expect(await program.ended).toBe('SIGKILL')
    for (const name of ['index.lock', 'orchestrate-index.lock'])
      writeFileSync(join(repo.path, '.git/worktrees/w', name), '')
    const opened = await open(repo)
    expect(await opened.workspaces.list()).toEqual([{ run: 'r', name: 'w', path }])
    const workspace = await opened.workspaces.open('r', 'w', head)
    expect(list(repo, await workspace.snapshot())).toEqual(['README.md', 'half', 'more'])
    expect(await opened.workspaces.remove(workspace)).toBe(false)
    const saved = await workspace.reset(head, SAVE)
    expect(list(repo, saved!)).toEqual(['README.md', 'half', 'more'])
    expect(await opened.workspaces.remove(workspace)).toBe(true)
    expect(existsSync(path)).toBe(false)
    expect(repo.git('worktree', 'list').split('\n').length).toBe(1)
  })

  it('makes a worktree anew that was not complete', async () => {
    const { repo, workspace, head, agent } = await fixture()
    rmSync(join(repo.path, '.git/worktrees/w/orchestrate-ready'))
    rmSync(join(agent.path, 'a'))
    writeFileSync(join(repo.path, '.git/worktrees/w/locked'), 'initializing')
    const again = await (await open(repo)).workspaces.open('r', 'w', head)
    expect(again.path).toBe(workspace.path)
    expect(agent.git('status', '--porcelain')).toBe('')
  })

  it('makes a worktree anew whose folder is gone', async () => {
    const { repo, workspace, head, opened } = await fixture()
    rmSync(workspace.path, { recursive: true })
    expect(await opened.workspaces.list()).toEqual([])
    const again = await opened.workspaces.open('r', 'w', head)
    expect(runGit(again.path, 'status', '--porcelain')).toBe('')
    expect(repo.git('worktree', 'list').split('\n').length).toBe(2)
  })

  it('moves a folder aside that is no worktree of ours', async () => {
    const repo = tempRepo()
    const opened = await open(repo)
    const folder = join(repo.path, '.git/orchestrate/r')
    mkdirSync(join(folder, 'w'), { recursive: true })
    writeFileSync(join(folder, 'w/precious'), 'x')
    await opened.workspaces.open('r', 'w', sha(repo.git('rev-parse', 'HEAD')))
    expect(readdirSync(folder).sort()).toEqual(['w', 'w.aside-1'])
    expect(readFileSync(join(folder, 'w.aside-1/precious'), 'utf8')).toBe('x')
  })

  it('rebuilds a private index that was garbled or lost', async () => {
    const { repo, head, agent } = await fixture()
    const index = join(repo.path, '.git/worktrees/w/orchestrate-index')
    agent.write('more', 'm')
    for (const damage of [() => writeFileSync(index, 'garbage'), () => renameSync(index, `${index}.gone`)]) {
      damage()
      const workspace = await (await open(repo)).workspaces.open('r', 'w', head)
      expect(list(repo, await workspace.snapshot())).toEqual([
        '.gitignore',
        'README.md',
        'a',
        'dir/b ü',
        'more',
      ])
    }
  })
})

describe('a workspace that goes soon', () => {
  it('is no longer listed at once, and is gone when all has settled', async () => {
    const { opened, workspace } = await fixture()
    opened.workspaces.removeSoon(workspace)
    expect(await opened.workspaces.list()).toEqual([])
    await opened.workspaces.settle()
    expect(existsSync(workspace.path)).toBe(false)
  })

  it('is gone before one of its name is opened, which then is fresh', async () => {
    const { opened, workspace, head } = await fixture()
    writeFileSync(join(workspace.path, 'x.log'), 'ignored\n')
    opened.workspaces.removeSoon(workspace)
    const again = await opened.workspaces.open('r', 'w', head)
    expect(again.fresh).toBe(true)
    expect(existsSync(join(again.path, 'x.log'))).toBe(false)
    await opened.workspaces.settle()
    expect(existsSync(again.path)).toBe(true)
  })

  it('stays where it holds what is in no commit', async () => {
    const { opened, workspace } = await fixture()
    writeFileSync(join(workspace.path, 'work'), 'of a person\n')
    opened.workspaces.removeSoon(workspace)
    await opened.workspaces.settle()
    expect(readFileSync(join(workspace.path, 'work'), 'utf8')).toBe('of a person\n')
    expect((await opened.workspaces.list()).map(({ path }) => path)).toEqual([workspace.path])
  })
})
