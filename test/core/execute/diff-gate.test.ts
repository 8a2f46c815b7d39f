import { describe, expect, it } from '@jest/globals'
import { checkChanges, checkDeletions, type ChangePolicy } from '../../../src/core/execute/diff-gate.ts'
import type { Change } from '../../../src/core/ports.ts'

const changed = (path: string, more: Partial<Change> = {}): Change => ({
  path,
  kind: 'modified',
  mode: '100644',
  bytes: 10,
  ...more,
})
const deleted = (path: string): Change => changed(path, { kind: 'deleted', mode: '000000', bytes: 0 })
const policy: ChangePolicy = {
  protectedPaths: ['infra/**'],
  planDir: 'plans/one',
  planFiles: [],
  planOwn: ['task_plan.md', 'progress.md', 'specs/**/*.md'],
  handoff: '.claude/handoff.md',
  progressLog: '.claude/progress-log.md',
  readSymlink: () => undefined,
}
const reasons = (paths: string[]) =>
  checkChanges(
    paths.map((path) => changed(path)),
    policy,
  ).problems.map((p) => p.reason)

describe('checkChanges', () => {
  it('lets ordinary work through', () => {
    expect(
      checkChanges(
        [
          changed('src/a.ts'),
          changed('.gitignore'),
          changed('data/.gitkeep'),
          deleted('src/b.ts'),
          changed('docs/github.md'),
        ],
        policy,
      ),
    ).toEqual({ ok: true, setAside: [], problems: [] })
  })

  it('says that nothing was changed', () => {
    expect(checkChanges([], policy).problems).toEqual([
      {
        reason: 'empty-diff',
        message: 'The agent changed no file.',
        hint: 'Look at its summary: the work may have been there already, or it did not understand what to do. Retry, or mend the plan.',
      },
    ])
  })

  it('sets plan files, hand-off and log aside and goes on with the rest', () => {
    const ours = [
      'plans/one/progress.md',
      'plans/one/specs/a-spec.md',
      '.claude/handoff.md',
      '.claude/progress-log.md',
    ]
    expect(
      checkChanges(
        [...ours, 'src/a.ts', 'plans/one/diagram.svg'].map((path) => changed(path)),
        policy,
      ),
    ).toEqual({
      ok: true,
      setAside: ours,
      problems: [],
    })
  })

  it('takes a change of nothing but plan files for no change', () => {
    const verdict = checkChanges([changed('plans/one/task_plan.md')], policy)
    expect(verdict.ok).toBe(false)
    expect(verdict.problems[0]?.message).toBe(
      'The agent changed nothing but plans/one/task_plan.md, which only Orchestrate writes.',
    )
  })

  it('knows the plan files of a plan in the root, and those that are listed', () => {
    const root = { ...policy, planDir: '', planFiles: ['PLAN.md'] }
    expect(
      checkChanges([changed('task_plan.md'), changed('PLAN.md'), changed('src/progress.md')], root),
    ).toEqual({
      ok: true,
      setAside: ['task_plan.md', 'PLAN.md'],
      problems: [],
    })
  })

  it('leaves to agents what only another format would read', () => {
    const root = { ...policy, planDir: '', planFiles: ['PLAN.md'], planOwn: [] }
    const work = ['progress.md', 'findings.md', 'specs/login_spec.rb', 'specs/001-x/spec.md']
    expect(
      checkChanges(
        work.map((path) => changed(path)),
        root,
      ),
    ).toEqual({ ok: true, setAside: [], problems: [] })
  })

  it('sets aside what a plan would gain beside its directory, whatever that is called', () => {
    const kiro = {
      ...policy,
      planDir: '.kiro/specs/[a]',
      planOwn: ['design.md', '../../steering/{tech,product}.md'],
    }
    const paths = [
      '.kiro/specs/[a]/design.md',
      '.kiro/steering/tech.md',
      '.kiro/steering/style.md',
      '.kiro/specs/a/design.md',
    ]
    expect(
      checkChanges(
        paths.map((path) => changed(path)),
        kiro,
      ).setAside,
    ).toEqual(paths.slice(0, 2))
  })

  it.each([
    '.git/config',
    'sub/.git/hooks/pre-commit',
    '.GIT/config',
    '.gitmodules',
    '.gitattributes',
    '.gitlab-ci.yml',
    'sub/.gitmodules',
    '.github/workflows/ci.yml',
    '.GitHub/workflows/ci.yml',
    'CODEOWNERS',
    'docs/CODEOWNERS',
    '.orchestrate/run.json',
    'infra/main.tf',
    'infra/.env',
  ])('protects %s', (path) => {
    expect(reasons([path])).toEqual(['protected-path'])
  })

  it('names protected paths that were changed', () => {
    expect(
      checkChanges([changed('.github/workflows/ci.yml'), deleted('CODEOWNERS')], policy).problems,
    ).toEqual([
      {
        reason: 'protected-path',
        message: 'The agent changed .github/workflows/ci.yml, CODEOWNERS, which no agent may change.',
        hint: 'Take the change back and retry. What has to change there, a person does; protected_paths of .github/orchestrate.yml names more such paths.',
        paths: ['.github/workflows/ci.yml', 'CODEOWNERS'],
      },
    ])
  })

  it.each([
    ['/etc/passwd', false],
    ['../../outside', false],
    ['../..', false],
    ['C:\\Windows', false],
    ['..\\..\\up', false],
    ['../.git/config', false],
    ['', false],
    ['../lib/a.ts', true],
    ['./a.ts', true],
    ['..', true],
  ])('judges a link from src/link to %j', (target, fine) => {
    const link = changed('src/link', { mode: '120000', kind: 'added' })
    const verdict = checkChanges([link], { ...policy, readSymlink: () => target })
    expect(verdict.ok).toBe(fine)
  })

  it('says where a link leads', () => {
    const link = changed('src/link', { mode: '120000' })
    expect(checkChanges([link], { ...policy, readSymlink: () => '/etc/passwd' }).problems).toEqual([
      {
        reason: 'symlink-out',
        message:
          'The agent made the link src/link to /etc/passwd, which lies outside the files of the repository.',
        hint: 'Take the link out: a link may only point to files of the repository, by a relative path.',
        paths: ['src/link'],
      },
    ])
    expect(checkChanges([link], policy).problems[0]?.message).toBe(
      'The agent made the link src/link, whose target cannot be read.',
    )
  })

  it('refuses a repository inside the repository', () => {
    expect(checkChanges([changed('web', { mode: '160000', kind: 'added' })], policy).problems).toEqual([
      {
        reason: 'submodule',
        message: 'The agent left a repository inside the repository at web.',
        hint: 'A project generator often runs "git init": remove the .git in there, so that its files can be committed. Submodules are changed by people.',
        paths: ['web'],
      },
    ])
  })

  it('bounds files and bytes, and tells every problem in one pass', () => {
    const many = Array.from({ length: 11 }, (_, i) =>
      changed(`node_modules/p${i}.js`, { bytes: i === 3 ? 900 : 20 }),
    )
    const problems = checkChanges([...many, changed('.gitmodules')], {
      ...policy,
      maxFiles: 10,
      maxBytes: 1_000,
    }).problems
    expect(problems.map(({ message }) => message)).toEqual([
      'The agent changed .gitmodules, which no agent may change.',
      'The agent changed 12 files, more than 10, most of them in node_modules/.',
      "The agent's changes hold 1110 bytes, more than 1000; the largest: node_modules/p3.js (900), node_modules/p0.js (20), node_modules/p1.js (20).",
    ])
  })
})

describe('checkDeletions', () => {
  const gone = (n: number) => Array.from({ length: n }, (_, i) => deleted(`src/old/${i}.ts`))

  it('lets few deletions pass, and many that the phase names', () => {
    expect(checkDeletions(gone(20), [])).toEqual([])
    for (const declared of ['src/old', 'src/old/', './src/old/', 'src/**/*.ts']) {
      expect(checkDeletions(gone(50), [declared])).toEqual([])
    }
  })

  it('does not take a move for a deletion', () => {
    const moved = Array.from({ length: 50 }, (_, i) => changed(`lib/${i}.ts`, { kind: 'added' }))
    expect(checkDeletions([...gone(50), ...moved], [])).toEqual([])
  })

  it('stops a phase that deletes what it does not name', () => {
    expect(checkDeletions([...gone(21), deleted('README.md')], ['README.md'])).toEqual([
      {
        reason: 'undeclared-deletions',
        message:
          'The phase deletes 21 files that it does not name: src/old/0.ts, src/old/1.ts, src/old/2.ts, src/old/3.ts, src/old/4.ts and 16 more.',
        hint: 'If they are to go, name them (or their folder) in the phase and retry it; if not, restore them on the phase branch and resume.',
        paths: gone(21).map(({ path }) => path),
      },
    ])
  })

  it('stops a phase that empties a small repository', () => {
    expect(checkDeletions(gone(5), [], { total: 20 })[0]?.message).toMatch(/^The phase deletes 5 of 20 files/)
    expect(checkDeletions(gone(4), [], { total: 4 })).toEqual([])
  })
})
