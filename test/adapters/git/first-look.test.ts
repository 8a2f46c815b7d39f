import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { lookFirst } from '../../../src/adapters/git/first-look.ts'
import { openRepository } from '../../../src/adapters/git/repository.ts'
import { fixedClock, open, runGit, tempDir, tempRepo, testEnv } from '../../support/git.ts'

/** Opens `cwd` with what was looked at before, and lets `between` change the world in the meantime. */
async function openedAfterLook(cwd: string, env = testEnv(), between = (): void => undefined) {
  const look = lookFirst(cwd, env)
  await Promise.all([look.version, look.place, look.config, look.status])
  between()
  return await openRepository({ cwd, env, clock: fixedClock, look })
}

describe('a first look', () => {
  it('says of the checkout what git says when it is asked again, from a folder inside too', async () => {
    const repo = tempRepo()
    repo.commit({ 'a b/ü.txt': 'one\n', '.gitignore': 'out/\n' })
    repo.write('a b/ü.txt', 'two\n')
    repo.write('new folder/nëw.txt', 'n')
    repo.git('config', 'user.name', 'Ünï Cöde')
    const inside = join(repo.path, 'a b')
    const opened = await openedAfterLook(inside)
    const plain = await open(inside)
    if (!opened.ok) throw new Error('not opened')
    expect(opened.value.root).toBe(repo.path)
    expect(opened.value.commonDir).toBe(plain.commonDir)
    expect(await opened.value.facts()).toEqual(await plain.facts())
    expect(await opened.value.author()).toEqual(await plain.author())
  })

  it('is what the first facts are, and no later ones', async () => {
    const repo = tempRepo()
    repo.commit({ a: 'a\n' })
    const opened = await openedAfterLook(repo.path, testEnv(), () => repo.write('late', 'l'))
    if (!opened.ok) throw new Error('not opened')
    expect((await opened.value.facts()).untracked).toEqual([])
    expect((await opened.value.facts()).untracked).toEqual(['late'])
  })

  it('counts for its own directory alone', async () => {
    const [one, other] = [tempRepo(), tempRepo()]
    const env = testEnv()
    const look = lookFirst(one.path, env)
    const opened = await openRepository({ cwd: other.path, env, clock: fixedClock, look })
    expect(opened.ok && opened.value.root).toBe(other.path)
  })

  it('leaves it to whoever asks again to say what is wrong', async () => {
    const reasons = async (cwd: string, env = testEnv()) => {
      const opened = await openedAfterLook(cwd, env)
      return opened.ok ? [] : opened.error.map(({ reason }) => reason)
    }
    expect(await reasons(tempDir())).toEqual(['plan-outside-git'])
    expect(await reasons(join(tempDir(), 'nope'))).toEqual(['no-such-directory'])
    expect(await reasons(tempRepo().path, { ...testEnv(), PATH: tempDir() })).toEqual(['git-not-found'])
  })

  it('leaves the status out where nobody needs it', async () => {
    const repo = tempRepo()
    repo.commit({ a: 'a\n' })
    repo.write('new', 'n')
    const look = lookFirst(repo.path, testEnv(), { status: false })
    expect(await look.status).toMatchObject({ output: '' })
    expect(await look.config).toMatchObject({ code: 0 })
    const opened = await openRepository({ cwd: repo.path, env: testEnv(), clock: fixedClock, look })
    expect(opened.ok && (await opened.value.facts()).untracked).toEqual(['new'])
  })

  it('opens a bare repository as without it', async () => {
    const bare = tempDir()
    runGit(bare, 'init', '--quiet', '--bare')
    const opened = await openedAfterLook(bare)
    expect(opened.ok && (await opened.value.facts()).bare).toBe(true)
  })
})
