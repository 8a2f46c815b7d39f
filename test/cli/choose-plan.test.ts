import { afterAll, afterEach, describe, expect, test } from '@jest/globals'
import { git, orchestrate, repository, TempDirs, writeFiles } from '../support/cli.ts'
import { CTRL_C, DOWN, ENTER, Terminal } from '../support/terminal.ts'

const dirs = new TempDirs()
afterAll(dirs.remove)

const KIRO = { '.kiro/specs/search/tasks.md': '# Search\n\n- [x] 1. Index `a.ts`\n- [ ] 2. Show `b.ts`\n' }
const dryRun = async (files: Record<string, string>) => {
  const root = await repository(await dirs.make(), files)
  return { root, ...(await orchestrate(root, ['run', '--dry-run', '--agent-command', 'true'])) }
}

describe('orchestrate run without a directory', () => {
  test('takes the one plan that has work left, and says which', async () => {
    const { code, stderr, root } = await dryRun({
      ...KIRO,
      '.kiro/specs/old/tasks.md': '- [x] 1. Done\n',
      'openspec/changes/archive/2026-01-01-gone/tasks.md': '## 1. Gone\n\n- [ ] 1.1 Never\n',
      'test/fixtures/.kiro/specs/x/tasks.md': '- [ ] 1. Not ours\n',
    })
    expect({ code, first: stderr.split('\n')[0] }).toEqual({
      code: 0,
      first: '.kiro/specs/search: kiro · Search · 1 of 2 tasks done',
    })
    expect(stderr).toContain('Execution plan · Search')
    expect(await git(root, 'for-each-ref', 'refs/orchestrate')).toBe('')
  })

  test('is shown without an agent and a commit of it; what a run would need is said below', async () => {
    const root = await repository(await dirs.make(), KIRO)
    await writeFiles(root, { 'new.txt': '', '.kiro/specs/search/design.md': 'Tries.\n' })
    const { code, stderr } = await orchestrate(root, ['run', '--dry-run', '--agent', 'scripted'])
    expect(code).toBe(0)
    expect(stderr).toMatch(
      /Execution plan · Search\n[^]*\nwarning · [^\n]*\.kiro\/specs\/search\/design\.md/u,
    )
  })

  test('lists several, and asks for one', async () => {
    const { code, stderr } = await dryRun({
      ...KIRO,
      'openspec/changes/login/tasks.md': '## 1. Form\n\n- [ ] 1.1 Draw it\n',
    })
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'error: `run` needs DIR; there are 2 plans:\n' +
        '    .kiro/specs/search  kiro · Search · 1 of 2 tasks done\n' +
        '    openspec/changes/login  openspec · login · 0 of 1 section done\n' +
        '  hint: Name the one you mean: orchestrate run .kiro/specs/search\n',
    })
  })

  test('does not take a PLAN.md for a plan that is to be run before somebody says so', async () => {
    const { code, stderr } = await dryRun({ 'PLAN.md': '# Move\n\n## Phase 1: Pack\n\n- [ ] Boxes\n' })
    expect(code).toBe(2)
    expect(stderr).toContain(
      '`run` needs DIR; this may be a plan:\n    PLAN.md  plan-md · Move · 0 of 1 phase done\n',
    )
  })

  test('says what a plan is where there is none', async () => {
    const { code, stderr } = await dryRun({ 'README.md': '# Nothing\n' })
    expect(code).toBe(2)
    expect(stderr).toContain('there is no plan here that has work left')
    expect(stderr).toContain('tasks.md in .kiro/specs/NAME')
  })
})

const LOGIN = { 'openspec/changes/login/tasks.md': '## 1. Form\n\n- [ ] 1.1 Draw it\n' }

describe('the other commands without a directory', () => {
  test('ingest and review take the one plan too', async () => {
    const root = await repository(await dirs.make(), KIRO)
    const { code, stdout } = await orchestrate(root, ['ingest', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ mode: 'kiro' })
    const review = await orchestrate(root, ['review', '--format', 'json'])
    expect(review.stderr).toBe('.kiro/specs/search: kiro · Search · 1 of 2 tasks done\n')
    expect(JSON.parse(review.stdout)).toBeDefined()
  })

  test('each says what to type where there are several', async () => {
    const root = await repository(await dirs.make(), { ...KIRO, ...LOGIN })
    for (const [args, needs, typed] of [
      [['ingest'], '`ingest` needs DIR', 'ingest .kiro/specs/search'],
      [['review'], '`review` needs DIR', 'review .kiro/specs/search'],
      [
        ['phase', '--phase', '2'],
        '`phase` needs --plan-dir',
        'phase --phase 2 --plan-dir .kiro/specs/search',
      ],
    ] as const) {
      const { code, stdout, stderr } = await orchestrate(root, [...args])
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toContain(`${needs}; there are 2 plans:\n`)
      expect(stderr).toContain(`  hint: Name the one you mean: orchestrate ${typed}\n`)
    }
  })
})

describe('at a terminal', () => {
  const opened: Terminal[] = []
  afterEach(() => opened.splice(0).forEach((terminal) => terminal.close()))
  const open = async (args: string[]): Promise<Terminal> => {
    const terminal = new Terminal(args, { cwd: await repository(await dirs.make(), { ...KIRO, ...LOGIN }) })
    opened.push(terminal)
    return terminal
  }

  test('the plan is asked for, and the one that is taken is read', async () => {
    const terminal = await open(['ingest'])
    await terminal.until(/Which plan\?[^]*❯ \.kiro\/specs\/search[^]*None of them/)
    terminal.type(DOWN)
    await terminal.until(/❯ openspec\/changes\/login/)
    terminal.type(ENTER)
    expect(await terminal.ended()).toBe(0)
    expect(terminal.text).toMatch(/\nlogin: openspec, 1 section\n/)
  })

  test('leaving the question takes none', async () => {
    const terminal = await open(['review'])
    await terminal.until(/Which plan\?[^]*None of them/)
    terminal.type(CTRL_C)
    expect(await terminal.ended()).toBe(2)
    expect(terminal.text).toContain('`review` needs DIR; there are 2 plans:')
    expect(terminal.cursor).toBe(true)
  })
})
