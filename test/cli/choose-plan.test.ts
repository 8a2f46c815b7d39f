import { afterAll, describe, expect, test } from '@jest/globals'
import { git, orchestrate, repository, TempDirs, writeFiles } from '../support/cli.ts'

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
