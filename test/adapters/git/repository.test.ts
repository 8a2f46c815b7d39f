import { readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { tooOld, checkGit } from '../../../src/adapters/git/check-git.ts'
import { openRepository } from '../../../src/adapters/git/repository.ts'
import { sha, type Sha } from '../../../src/core/model/ids.ts'
import { fixedClock, open, runGit, tempClone, tempDir, tempRepo, testEnv } from '../../support/git.ts'

const reasons = (result: { ok: true } | { ok: false; error: { reason: string }[] }) =>
  result.ok ? [] : result.error.map((each) => each.reason)

describe('opening', () => {
  it('says that a directory is in no repository', async () => {
    const result = await openRepository({ cwd: tempDir(), env: testEnv(), clock: fixedClock })
    expect(reasons(result)).toEqual(['plan-outside-git'])
  })

  it('says that a directory is not there', async () => {
    const result = await openRepository({ cwd: join(tempDir(), 'nope'), env: testEnv(), clock: fixedClock })
    expect(reasons(result)).toEqual(['no-such-directory'])
  })

  it('says that there is no git on PATH', async () => {
    const env = { ...testEnv(), PATH: tempDir() }
    expect(reasons(await openRepository({ cwd: tempRepo().path, env, clock: fixedClock }))).toEqual([
      'git-not-found',
    ])
    expect(reasons(await checkGit(env, tempDir()))).toEqual(['git-not-found'])
  })

  it('names the version it found and the one it needs', async () => {
    expect(tooOld('git version 2.37.9')?.message).toBe('git 2.37.9 was found; 2.38 or newer is needed.')
    expect(tooOld('git version 1.99')?.reason).toBe('git-too-old')
    expect(tooOld('gibberish')?.message).toContain('"gibberish"')
    expect(tooOld('git version 2.38.0')).toBeUndefined()
    expect(tooOld('git version 2.50.1 (Apple Git-155)')).toBeUndefined()
    expect(tooOld('git version 3.0.0.windows.1')).toBeUndefined()
    const installed = await checkGit(testEnv(), tempDir())
    expect(installed.ok && installed.value.version).toBe(runGit('/', 'version').split(' ')[2])
  })
})

describe('facts of a checkout', () => {
  it('tells branch, head, changes and remote, from a folder inside too', async () => {
    const origin = tempRepo()
    origin.commit({ 'a b/ü.txt': 'one\n', 'gone.txt': 'x', '.gitignore': 'out/\n' })
    const repo = tempClone(origin)
    repo.write('a b/ü.txt', 'two\n')
    repo.write('staged.txt', 's')
    repo.git('add', 'staged.txt')
    repo.git('rm', '--quiet', 'gone.txt')
    repo.write('new folder/nëw.txt', 'n')
    repo.write('out/ignored.txt', 'n')
    const { facts } = await open(join(repo.path, 'a b'))
    expect(await facts()).toEqual({
      root: repo.path,
      bare: false,
      shallow: false,
      branch: 'main',
      head: repo.git('rev-parse', 'HEAD'),
      modified: ['a b/ü.txt', 'gone.txt', 'staged.txt'],
      untracked: ['new folder/nëw.txt'],
      remote: 'origin',
      writable: true,
    })
  })

  it('knows a detached head, a shallow clone, a bare repository and one without a commit', async () => {
    const origin = tempRepo()
    const head = origin.commit({ a: 'a' })
    const shallow = tempClone(origin, '--depth=1', '--no-local')
    shallow.git('checkout', '--quiet', '--detach')
    expect(await (await open(shallow)).facts()).toMatchObject({ shallow: true, branch: undefined, head })
    const bare = tempClone(origin, '--bare')
    const facts = await (await open(bare)).facts()
    expect(facts).toMatchObject({
      bare: true,
      root: bare.path,
      branch: 'main',
      head,
      modified: [],
      untracked: [],
    })
    const emptyBare = tempRepo({ bare: true })
    expect(await (await open(emptyBare)).facts()).toMatchObject({
      bare: true,
      branch: 'main',
      head: undefined,
    })
    const empty = tempRepo({ empty: true })
    expect(await (await open(empty)).facts()).toMatchObject({
      branch: 'main',
      head: undefined,
      remote: undefined,
    })
  })

  it('takes the remote that the branch follows before origin', async () => {
    const origin = tempRepo()
    const repo = tempClone(origin)
    repo.git('remote', 'add', 'fork', tempRepo().path)
    repo.git('config', 'branch.main.remote', 'fork')
    expect((await (await open(repo)).facts()).remote).toBe('fork')
    repo.git('config', 'branch.main.remote', '.')
    expect((await (await open(repo)).facts()).remote).toBe('origin')
  })
})

describe('commits', () => {
  it('makes the same commit from the same input, authored by the configured user', async () => {
    const repo = tempRepo()
    const [one, two] = [await open(repo), await open(repo)]
    const head = sha(repo.git('rev-parse', 'HEAD'))
    const input = {
      tree: await one.treeOf(head),
      parents: [head],
      message: 'Ü\r\n\r\nbody\0',
      at: 1_700_000_000.7,
    }
    const commit = await one.commit(input)
    expect(await two.commit(input)).toBe(commit)
    const format = '%an <%ae> %at %cn <%ce> %ct %P%n%B'
    expect(repo.git('log', '-1', `--format=${format}`, commit)).toBe(
      `Ada Example <ada@example.org> 1700000000 Orchestrate <orchestrate@localhost> 1700000000 ${head}\nÜ\n\nbody\n`,
    )
    expect(repo.git('fsck', '--strict', '--no-dangling')).toBe('')
  })

  it('is the author itself where nobody is configured', async () => {
    const repo = tempRepo()
    const head = sha(repo.git('rev-parse', 'HEAD'))
    repo.git('config', '--unset', 'user.name')
    const opened = await open(repo)
    const commit = await opened.commit({ tree: await opened.treeOf(head), parents: [], message: 'm', at: 0 })
    expect(repo.git('log', '-1', '--format=%an <%ae>', commit)).toBe('Orchestrate <orchestrate@localhost>')
  })

  it('lists commits between two, oldest first, with trailers', async () => {
    const repo = tempRepo()
    const opened = await open(repo)
    const from = sha(repo.git('rev-parse', 'HEAD'))
    const tree = await opened.treeOf(from)
    const trailers = 'Orchestrate-Run: r1\nRequirements: REQ-1\nRequirements: REQ-2\n'
    const first = await opened.commit({ tree, parents: [from], message: `one\n\n${trailers}`, at: 5 })
    const second = await opened.commit({
      tree,
      parents: [first, from],
      message: 'two\n\nNot: a trailer, prose\nmore prose',
      at: 5,
    })
    expect(await opened.log(from, second)).toEqual([
      {
        sha: first,
        parents: [from],
        subject: 'one',
        trailers: { 'Orchestrate-Run': 'r1', Requirements: 'REQ-1, REQ-2' },
      },
      { sha: second, parents: [first, from], subject: 'two', trailers: {} },
    ])
    expect(await opened.log(second, second)).toEqual([])
  })

  it('resolves what git resolves, tags to their commit, and nothing else', async () => {
    const repo = tempRepo()
    const head = repo.git('rev-parse', 'HEAD')
    repo.git('tag', '--annotate', '--message', 'x', 'v1')
    const opened = await open(repo)
    expect(
      await Promise.all(['HEAD', 'main', 'v1', 'refs/heads/main', head.slice(0, 8)].map(opened.resolve)),
    ).toEqual(Array.from({ length: 5 }, () => head))
    const nothing = ['', 'nope', '--all', 'a\nb', 'HEAD missing\n', '-', 'main..v1', 'HEAD~5', '\0']
    expect(await Promise.all(nothing.map(opened.resolve))).toEqual(nothing.map(() => undefined))
    expect(await opened.resolve('HEAD')).toBe(head)
  })

  it('knows ancestors and the merge base', async () => {
    const repo = tempRepo()
    const base = repo.commit({ a: '1' })
    const left = repo.commit({ a: '2' })
    repo.git('checkout', '--quiet', '-b', 'right', base)
    const right = repo.commit({ b: '1' })
    repo.git('checkout', '--quiet', '--orphan', 'alone')
    const alone = repo.commit({ c: '1' })
    const opened = await open(repo)
    expect(await opened.isAncestor(base, left)).toBe(true)
    expect(await opened.isAncestor(left, right)).toBe(false)
    expect(await opened.isAncestor(left, left)).toBe(true)
    expect(await opened.mergeBase(left, right)).toBe(base)
    expect(await opened.mergeBase(left, alone)).toBeUndefined()
  })
})

describe('files of a tree', () => {
  it('writes, replaces and removes files without a checkout', async () => {
    const repo = tempRepo()
    repo.write('bin/run.sh', '#!/bin/sh\n', true)
    const head = repo.commit({ 'a/b/c.txt': 'c', 'a/d.txt': 'd', 'only/one.txt': '1', folder: 'file' })
    const opened = await open(repo)
    const tree = await opened.treeOf(head)
    const written = await opened.writeFiles(
      tree,
      new Map([
        ['a/b/c.txt', 'C “ü”\n'],
        ['a/b/new ü.txt', 'n'],
        ['bin/run.sh', '#!/bin/sh\necho\n'],
        ['only/one.txt', undefined],
        ['never/was.txt', undefined],
        ['folder/inner.txt', 'i'],
      ]),
    )
    expect(
      repo.git('-c', 'core.quotePath=false', 'ls-tree', '-r', '--format=%(objectmode) %(path)', written),
    ).toBe(
      '100644 README.md\n100644 a/b/c.txt\n100644 a/b/new ü.txt\n100644 a/d.txt\n100755 bin/run.sh\n100644 folder/inner.txt',
    )
    expect(await opened.readFile(written, 'a/b/c.txt')).toBe('C “ü”\n')
    expect(await opened.readFile(written, 'a/b/new ü.txt')).toBe('n')
    expect(await opened.readFile(head, 'a/b')).toBeUndefined()
    expect(await opened.readFile(head, 'nope\nmissing\n')).toBeUndefined()
    const files = ['README.md', 'a/b/c.txt', 'a/b/new ü.txt', 'a/d.txt', 'bin/run.sh', 'folder/inner.txt']
    const none = await opened.writeFiles(written, new Map(files.map((file) => [file, undefined])))
    expect(repo.git('ls-tree', none)).toBe('')
    expect(await opened.writeFiles(tree, new Map())).toBe(tree)
    for (const path of ['../x', '/x', 'a//b', '.git/config', 'a/.GIT/x', ''])
      await expect(opened.writeFiles(tree, new Map([[path, 'x']]))).rejects.toThrow('not a path of a tree')
  })

  it('writes a thousand files at once with few of its own', async () => {
    const repo = tempRepo()
    const opened = await open(repo)
    const tree = await opened.treeOf(sha(repo.git('rev-parse', 'HEAD')))
    const files = new Map(
      Array.from({ length: 1_000 }, (_, i) => [`d${i % 7}/f${i}`, 'x'.repeat(1_000 - i)] as const),
    )
    const written = await opened.writeFiles(tree, files)
    expect(repo.git('ls-tree', '-r', '--name-only', written).split('\n').length).toBe(1_001)
    expect(await Promise.all([...files.keys()].map((file) => opened.readFile(written, file)))).toEqual([
      ...files.values(),
    ])
    const [folder = ''] = readdirSync(join(repo.path, '.git/orchestrate/.tmp'))
    expect(readdirSync(join(repo.path, '.git/orchestrate/.tmp', folder)).length).toBeLessThan(100)
  })

  it('goes on when somebody cleans up our temporary files', async () => {
    const repo = tempRepo()
    const opened = await open(repo)
    const tree = await opened.treeOf(sha(repo.git('rev-parse', 'HEAD')))
    const write = (text: string) =>
      opened.writeFiles(
        tree,
        new Map([
          ['f', text],
          ['g', `${text}${text}`],
        ]),
      )
    await write('a longer text first')
    rmSync(join(repo.path, '.git/orchestrate/.tmp'), { recursive: true })
    const written = await write('short')
    expect(await opened.readFile(written, 'f')).toBe('short')
    await opened.close()
    expect(readdirSync(join(repo.path, '.git/orchestrate/.tmp'))).toEqual([])
    expect(await opened.readFile(await write('after close'), 'g')).toBe('after closeafter close')
  })

  it('counts lines as editors do', async () => {
    const repo = tempRepo()
    const head = repo.commit({ none: '', one: 'a', alsoOne: 'a\n', two: 'a\nb' })
    const opened = await open(repo)
    const counts = await Promise.all(
      ['none', 'one', 'alsoOne', 'two', 'nope'].map((f) => opened.lineCount(head, f)),
    )
    expect(counts).toEqual([0, 1, 1, 2, undefined])
  })

  it('reads a file of megabytes and many at once', async () => {
    const repo = tempRepo()
    const big = 'é line\n'.repeat(600_000)
    const head = repo.commit({
      big,
      ...Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, `${i}`])),
    })
    const opened = await open(repo)
    const [read, ...small] = await Promise.all([
      opened.readFile(head, 'big'),
      ...Array.from({ length: 50 }, (_, i) => opened.readFile(head, `f${i}`)),
    ])
    expect(read === big).toBe(true)
    expect(small).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`))
  })

  it('lists changes with symlinks and submodules as what they are', async () => {
    const inner = tempRepo()
    const repo = tempRepo()
    const from = repo.commit({ 'a ü.txt': 'one', gone: 'x', mode: 'm', turns: 'file' })
    repo.write('mode', 'm', true)
    repo.git('rm', '--quiet', 'turns')
    symlinkSync('/etc/passwd', join(repo.path, 'turns'))
    repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.path, 'sub')
    const to = repo.commit({ 'a ü.txt': 'three', gone: undefined, 'new/n': '12345' })
    const opened = await open(repo)
    expect(await opened.changes(from, to)).toEqual([
      {
        path: '.gitmodules',
        kind: 'added',
        mode: '100644',
        bytes: readFileSync(join(repo.path, '.gitmodules')).length,
      },
      { path: 'a ü.txt', kind: 'modified', mode: '100644', bytes: 5 },
      { path: 'gone', kind: 'deleted', mode: '000000', bytes: 0 },
      { path: 'mode', kind: 'modified', mode: '100755', bytes: 1 },
      { path: 'new/n', kind: 'added', mode: '100644', bytes: 5 },
      { path: 'sub', kind: 'added', mode: '160000', bytes: 0 },
      { path: 'turns', kind: 'type-changed', mode: '120000', bytes: '/etc/passwd'.length },
    ])
    expect(await opened.changes(to, to)).toEqual([])
    expect(await opened.readFile(to, 'sub')).toBeUndefined()
  })

  it('shows a patch, limited to paths, and cut at the end of a line', async () => {
    const repo = tempRepo()
    const from = repo.commit({ a: 'a\n', '*': 'star\n' })
    const to = repo.commit({ a: 'ä\n', '*': 'STAR\n', long: 'é\n'.repeat(5_000) })
    const opened = await open(repo)
    expect(await opened.patch(from, to, 10_000, ['a'])).toMatch(/^diff --git a\/a b\/a\n.*\n-a\n\+ä\n$/s)
    const star = await opened.patch(from, to, 10_000, ['*'])
    expect(star).toContain('+STAR')
    expect(star).not.toContain('+ä')
    const cut = await opened.patch(from, to, 1_000)
    expect(cut).toMatch(/\n\+é\n\[diff cut at 1000 bytes\]\n$/)
    expect(Buffer.byteLength(cut)).toBeLessThan(1_100)
    expect(await opened.patch(from, to, 10_000, [])).toBe('')
    const many = Array.from({ length: 5_000 }, (_, i) => `folder/of/some/length/file-${i}`)
    expect(await opened.patch(from, to, 10_000, [...many, 'a'])).toContain('+ä')
  })
})

describe('merging in memory', () => {
  async function threeWay(
    ours: Record<string, string | undefined>,
    theirs: Record<string, string | undefined>,
  ) {
    const repo = tempRepo()
    const base = repo.commit({ shared: '1\n2\n3\n4\n5\n', 'a ü': 'a\n' })
    const a = repo.commit(ours)
    repo.git('checkout', '--quiet', '--detach', base)
    const b = repo.commit(theirs)
    return { repo, opened: await open(repo), base, a, b }
  }

  it('merges what does not overlap', async () => {
    const { opened, base, a, b } = await threeWay(
      { shared: 'one\n2\n3\n4\n5\n' },
      { shared: '1\n2\n3\n4\nfive\n', n: 'n' },
    )
    const merged = await opened.merge(base, a, b)
    if (!merged.ok) throw new Error('conflict')
    expect(await opened.readFile(merged.tree, 'shared')).toBe('one\n2\n3\n4\nfive\n')
    expect(await opened.readFile(merged.tree, 'n')).toBe('n')
    expect(await opened.merge(base, base, b)).toEqual({ ok: true, tree: await opened.treeOf(b) })
    expect(await opened.merge(base, a, base)).toEqual({ ok: true, tree: await opened.treeOf(a) })
    expect(await opened.merge(base, a, a)).toEqual({ ok: true, tree: await opened.treeOf(a) })
  })

  it('lists the files that conflict', async () => {
    const { opened, base, a, b } = await threeWay(
      { shared: 'one\n', 'a ü': undefined, both: 'x' },
      { shared: 'uno\n', 'a ü': 'A\n', both: 'y' },
    )
    expect(await opened.merge(base, a, b)).toEqual({ ok: false, conflicts: ['a ü', 'both', 'shared'] })
  })

  it('uses the base it is given, not the one in history', async () => {
    const { opened, base, a, b } = await threeWay({ n: '1' }, { m: '1' })
    const given: Sha = await opened.writeFiles(await opened.treeOf(base), new Map([['m', '1']]))
    const merged = await opened.merge(given, a, b)
    // Seen from a base that has `m`, ours removed it and theirs left it alone.
    expect(merged.ok && (await opened.readFile(merged.tree, 'm'))).toBeUndefined()
    expect(merged.ok && (await opened.readFile(merged.tree, 'n'))).toBe('1')
  })
})
