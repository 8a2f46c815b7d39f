import { describe, expect, test } from '@jest/globals'

import { snapshotPlanSource, snapshotProjectFiles } from '../../../src/adapters/github/snapshot-plan.ts'
import type { FileSnapshot } from '../../../src/core/forge.ts'
import { ingest } from '../../../src/core/ingest/ingest.ts'

const snapshot = (files: Record<string, string>, skipped: string[] = []): FileSnapshot => ({
  files: new Map(
    Object.entries(files).map(([path, text]) => [
      path,
      { text, invalidUtf8: false, bytes: Buffer.byteLength(text) },
    ]),
  ),
  skipped,
})

const PLAN = `# Shop

## Phase 1: Set-up

- [ ] 1.1 Create the config in \`src/config.ts\`
`

describe('a plan read from a snapshot', () => {
  test('is the plan that a checkout gives', async () => {
    const source = snapshotPlanSource(snapshot({ 'plans/a/task_plan.md': PLAN }), 'plans/a')
    const got = await ingest(source)
    expect(got.failures).toEqual([])
    expect(got.plan?.phases.map((phase) => phase.title)).toEqual(['Set-up'])
  })

  test.each(['', '.', './'])('may lie in the root, given as "%s"', async (dir) => {
    const source = snapshotPlanSource(snapshot({ 'task_plan.md': PLAN, 'a/b/c/d.ts': '' }), dir)
    expect(source.dir).toBe('')
    expect(await source.list()).toEqual(['task_plan.md'])
  })

  test('lists what was too large to be read, and nothing of other directories or of tools', async () => {
    const files = { 'p/task_plan.md': PLAN, 'p/specs/b.md': 'x', 'pq/c.md': 'x', 'p/node_modules/d.md': 'x' }
    const source = snapshotPlanSource(snapshot(files, ['p/specs/huge.md', 'p/a/b/c/d.md']), 'p/')
    expect(await source.list()).toEqual(['specs/b.md', 'specs/huge.md', 'task_plan.md'])
    expect(await source.read('specs/huge.md')).toBeUndefined()
  })

  test('reads beside itself, and never above the root', async () => {
    const source = snapshotPlanSource(snapshot({ 'p/task_plan.md': PLAN, 'docs/a.md': 'text' }), 'p')
    expect(await source.read('../docs/a.md')).toEqual({ text: 'text', invalidUtf8: false })
    expect(await source.read('../../docs/a.md')).toBeUndefined()
  })

  test('names the documents of the project', async () => {
    const files = { 'README.md': 'r', 'docs/a.md': 'ää', 'CLAUDE.md': '', 'src/a.md': '' }
    expect(await snapshotPlanSource(snapshot(files), 'p').documents()).toEqual([
      { path: 'CLAUDE.md', kind: 'agent-instructions', bytes: 0 },
      { path: 'README.md', kind: 'readme', bytes: 1 },
      { path: 'docs/a.md', kind: 'doc', bytes: 4 },
    ])
  })
})

describe('project files of a snapshot', () => {
  const project = snapshotProjectFiles(
    snapshot({
      '.claude/agents/a.md': 'agent',
      'package.json': '{}',
      'node_modules/x/package.json': '{"x":1}',
    }),
  )

  test('are found by pattern, in node_modules only where the search starts there', async () => {
    expect(await project.glob('**/*.json')).toEqual(['package.json'])
    expect(await project.glob('*/package.json', 'node_modules')).toEqual(['node_modules/x/package.json'])
    expect(await project.glob('.claude/agents/*.md')).toEqual(['.claude/agents/a.md'])
  })

  test('keep what is written for later reads', async () => {
    await project.write('cheat/sheet.md', 'text')
    expect(await project.read('./cheat/sheet.md')).toBe('text')
    await expect(project.write('../out.md', 'text')).rejects.toThrow('outside')
  })

  test('have no home', async () => {
    expect(await project.readHome('.netrc')).toBeUndefined()
    expect(await project.globHome('**')).toEqual([])
  })
})
