import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

import { openProjectFiles } from '../../../src/adapters/files/project-files.ts'
import type { ProjectFiles } from '../../../src/core/ports.ts'

let top: string
let files: ProjectFiles

const put = async (path: string, text = path) => {
  await mkdir(dirname(join(top, path)), { recursive: true })
  await writeFile(join(top, path), text)
}

beforeEach(async () => {
  top = await realpath(await mkdtemp(join(tmpdir(), 'files-')))
  await mkdir(join(top, 'root'))
  await mkdir(join(top, 'home'))
  files = openProjectFiles({ root: join(top, 'root'), home: join(top, 'home') })
})
afterEach(() => rm(top, { recursive: true, force: true }))

describe('read', () => {
  test('gives text, and undefined where there is no file', async () => {
    await put('root/a/b.md', 'hello')
    expect(await files.read('a/b.md')).toBe('hello')
    expect(await files.read('a')).toBeUndefined()
    expect(await files.read('a/c.md')).toBeUndefined()
    expect(await files.read('a\0b')).toBeUndefined()
  })

  test('never leaves the root, by dots, absolute paths or links', async () => {
    await put('secret', 'key')
    await put('home/x', 'x')
    await symlink(join(top, 'secret'), join(top, 'root/link'))
    await symlink(top, join(top, 'root/dir'))
    for (const path of ['../secret', join(top, 'secret'), 'link', 'dir/secret', '../root-other']) {
      expect(await files.read(path)).toBeUndefined()
    }
    expect(await files.readHome('../secret')).toBeUndefined()
    expect(await files.readHome('x')).toBe('x')
  })

  test('follows links that stay inside, as package managers make them', async () => {
    await put('root/node_modules/.store/x@1/index.js', 'x')
    await symlink('.store/x@1', join(top, 'root/node_modules/x'))
    expect(await files.read('node_modules/x/index.js')).toBe('x')
  })

  test('reads nothing of a home that is not given', async () => {
    await put('home/.claude/skills/a/SKILL.md')
    const homeless = openProjectFiles({ root: join(top, 'root'), home: undefined })
    expect(await homeless.readHome('.claude/skills/a/SKILL.md')).toBeUndefined()
    expect(await homeless.globHome('.claude/skills/*/SKILL.md')).toEqual([])
  })
})

describe('glob', () => {
  test('finds what matches, sorted, hidden directories too', async () => {
    await put('root/.claude/skills/b/SKILL.md')
    await put('root/.claude/skills/a/SKILL.md')
    await put('root/.claude/skills/a/notes/SKILL.md')
    await put('root/.claude/skills/README.md')
    expect(await files.glob('.claude/skills/*/SKILL.md')).toEqual([
      '.claude/skills/a/SKILL.md',
      '.claude/skills/b/SKILL.md',
    ])
    expect(await files.glob('.claude/skills/README.md')).toEqual(['.claude/skills/README.md'])
    expect(await files.glob('nothing/**')).toEqual([])
  })

  test('stays out of node_modules and .git unless the base lies there', async () => {
    await put('root/src/a.d.ts')
    await put('root/node_modules/x/dist/a.d.ts')
    await put('root/node_modules/x/node_modules/y/b.d.ts')
    await put('root/.git/c.d.ts')
    expect(await files.glob('**/*.d.ts')).toEqual(['src/a.d.ts'])
    expect(await files.glob('dist/*.d.ts', 'node_modules/x')).toEqual(['node_modules/x/dist/a.d.ts'])
  })

  test('ends on links that go round, and does not leave by one', async () => {
    await put('root/a/x.md')
    await put('home/y.md')
    await symlink('..', join(top, 'root/a/up'))
    await symlink(join(top, 'home'), join(top, 'root/out'))
    await symlink(join(top, 'home/y.md'), join(top, 'root/y.md'))
    expect(await files.glob('**/*.md')).toEqual(['a/x.md'])
  })

  test('follows a linked skill directory within home', async () => {
    await put('home/dotfiles/skills/a/SKILL.md')
    await mkdir(join(top, 'home/.claude'))
    await symlink(join(top, 'home/dotfiles/skills'), join(top, 'home/.claude/skills'))
    expect(await files.globHome('.claude/skills/*/SKILL.md')).toEqual(['.claude/skills/a/SKILL.md'])
  })
})

test('tells when a file was changed last', async () => {
  await put('root/a')
  await utimes(join(top, 'root/a'), 1_000, 2_000)
  expect(await files.modified('a')).toBe(2_000_000)
  expect(await files.modified('b')).toBeUndefined()
})

describe('write', () => {
  test('makes directories and leaves nothing else behind', async () => {
    await files.write('.claude/docs/x/cheat-sheet.md', 'one')
    await files.write('.claude/docs/x/cheat-sheet.md', 'two')
    expect(await readFile(join(top, 'root/.claude/docs/x/cheat-sheet.md'), 'utf8')).toBe('two')
    expect(await readdir(join(top, 'root/.claude/docs/x'))).toEqual(['cheat-sheet.md'])
  })

  test('refuses what is outside, a linked directory and a link', async () => {
    await put('home/kept', 'kept')
    await symlink(join(top, 'home'), join(top, 'root/out'))
    await symlink(join(top, 'home/kept'), join(top, 'root/link'))
    await expect(files.write('../x', 'x')).rejects.toThrow('outside')
    await expect(files.write('out/kept', 'x')).rejects.toThrow('link')
    await expect(files.write('link', 'x')).rejects.toThrow('not a plain file')
    expect(await readFile(join(top, 'home/kept'), 'utf8')).toBe('kept')
  })
})
