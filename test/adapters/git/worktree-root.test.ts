import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import type { OpenRepository } from '../../../src/adapters/git/repository.ts'
import { worktreeRoot } from '../../../src/adapters/git/worktree-root.ts'
import { sha } from '../../../src/core/model/ids.ts'
import { atRepo, open, runGit, tempClone, tempDir, tempRepo, type TempRepo } from '../../support/git.ts'

const placeOf = (path: string) => ({ root: path, commonDir: join(path, '.git') })
const headOf = (repo: TempRepo) => sha(repo.git('rev-parse', 'HEAD'))

/** Opened as the command line opens it, for a user whose home this is. */
const openAt = (repo: TempRepo | string, home: string): Promise<OpenRepository> =>
  open(repo, { workspacesRoot: (place) => worktreeRoot(place, {}, home) })

describe('the folder for worktrees', () => {
  it('lies in the state folder of the user, named after the repository', async () => {
    const repo = tempRepo({ path: join(tempDir(), 'my project') })
    const home = tempDir()
    const root = await worktreeRoot(placeOf(repo.path), {}, home)
    expect(root?.startsWith(join(home, '.local/state/orchestrate/my project-'))).toBe(true)
    expect(root).toMatch(/-[0-9a-f]{8}$/)
    expect(existsSync(root ?? '')).toBe(true)
  })

  it('follows XDG_STATE_HOME where that is absolute', async () => {
    const repo = tempRepo()
    const [home, state] = [tempDir(), tempDir()]
    const at = (dir: string) => worktreeRoot(placeOf(repo.path), { XDG_STATE_HOME: dir }, home)
    expect(dirname((await at(state)) ?? '')).toBe(join(state, 'orchestrate'))
    expect(dirname((await at('state')) ?? '')).toBe(join(home, '.local/state/orchestrate'))
  })

  it('is another for each repository of the same name, and the same for all checkouts of one', async () => {
    const home = tempDir()
    const one = tempRepo({ path: join(tempDir(), 'thing') })
    const other = tempRepo({ path: join(tempDir(), 'thing') })
    const second = join(tempDir(), 'second')
    one.git('worktree', 'add', '--quiet', second)
    const link = join(tempDir(), 'link')
    symlinkSync(one.path, link)
    const root = await worktreeRoot(placeOf(one.path), {}, home)
    expect(await worktreeRoot(placeOf(link), {}, home)).toBe(root)
    expect(await worktreeRoot({ root: second, commonDir: join(one.path, '.git') }, {}, home)).toBe(root)
    expect(await worktreeRoot(placeOf(other.path), {}, home)).not.toBe(root)
  })

  it('is not told where it cannot be made, or would show in the checkout', async () => {
    const repo = tempRepo()
    const home = tempDir()
    writeFileSync(join(home, '.local'), 'a file')
    expect(await worktreeRoot(placeOf(repo.path), {}, home)).toBeUndefined()
    expect(await worktreeRoot(placeOf(repo.path), {}, repo.path)).toBeUndefined()
    const linked = tempDir()
    symlinkSync(repo.path, join(linked, '.local'))
    expect(await worktreeRoot(placeOf(repo.path), {}, linked)).toBeUndefined()
    expect(repo.git('status', '--porcelain')).toBe('')
  })
})

describe('worktrees outside of the repository', () => {
  it('are made on demand, opened again, listed, told by git and removed without a trace', async () => {
    const repo = tempRepo({ path: join(tempDir(), 'a project') })
    const home = tempDir()
    const opened = await openAt(repo, home)
    expect(await opened.workspaces.list()).toEqual([])
    expect(readdirSync(home)).toEqual([])
    const workspace = await opened.workspaces.open('r', 'w', headOf(repo))
    expect(workspace.path).toMatch(/\.local\/state\/orchestrate\/a project-[0-9a-f]{8}\/r\/w$/)
    expect(workspace.path.split('/')).not.toContain('.git')
    expect(repo.git('worktree', 'list', '--porcelain')).toContain(`worktree ${workspace.path}\n`)
    atRepo(workspace.path).write('new file', 'by hand')

    const again = await openAt(repo, home)
    const reopened = await again.workspaces.open('r', 'w', headOf(repo))
    expect([reopened.path, reopened.fresh]).toEqual([workspace.path, false])
    expect(await again.workspaces.list('r')).toEqual([{ run: 'r', name: 'w', path: workspace.path }])
    expect(await again.workspaces.remove(reopened)).toBe(false)
    await reopened.reset(headOf(repo), 'refs/orchestrate/r/saved/w')
    expect(await again.workspaces.remove(reopened)).toBe(true)
    expect(repo.git('worktree', 'list').split('\n')).toHaveLength(1)
    expect(readdirSync(join(home, '.local/state/orchestrate'))).toEqual([])
  })

  it('are found where they were made, when the folder would be another now', async () => {
    const repo = tempRepo()
    const inside = await (await open(repo)).workspaces.open('r', 'w', headOf(repo))
    atRepo(inside.path).write('new', 'by hand')
    const later = await openAt(repo, tempDir())
    const found = await later.workspaces.open('r', 'w', headOf(repo))
    expect(found.path).toBe(inside.path)
    expect(existsSync(join(found.path, 'new'))).toBe(true)
    expect(await later.workspaces.list('r')).toEqual([{ run: 'r', name: 'w', path: inside.path }])
    expect((await later.workspaces.open('r', 'v', headOf(repo))).path.split('/')).not.toContain('.git')
  })

  it('leave alone what git knows of other worktrees', async () => {
    const repo = tempRepo()
    const theirs = join(tempDir(), 'r', 'w')
    mkdirSync(dirname(theirs))
    repo.git('worktree', 'add', '--quiet', theirs)
    const opened = await openAt(repo, tempDir())
    expect(await opened.workspaces.list()).toEqual([])
    const workspace = await opened.workspaces.open('r', 'w', headOf(repo))
    expect(workspace.path).not.toBe(theirs)
    expect(runGit(theirs, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('w')
  })

  it('serve a bare repository', async () => {
    const bare = tempClone(tempRepo(), '--bare')
    const home = tempDir()
    const opened = await openAt(bare, home)
    const workspace = await opened.workspaces.open('r', 'w', headOf(bare))
    expect(workspace.path).toMatch(/orchestrate\/clone-[0-9a-f]{8}\/r\/w$/)
    expect(await opened.workspaces.remove(workspace)).toBe(true)
  })
})
