import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { ingest } from '../../../src/core/ingest/ingest.ts'
import { planFilesOf } from './fixtures.ts'
import { memorySource } from './memory-source.ts'

const fragment = fc.constantFrom(
  '## Phase 1: A\n',
  '### Phase 1.5 — B ✅\n',
  '## 第三阶段：三\n',
  '- [ ] task\n',
  '  - [x] sub\n',
  '- **Status:** done\n',
  '**Depends on:** Phase 1-9999\n',
  '| Phase | Status |\n|---|---|\n| 1 | done |\n',
  '| a | b\n',
  '```\n',
  '---\n',
  '> quote\n',
  '\r\n',
  '\uFEFF',
  '\0',
  '[x',
  '](',
  '****',
  '1) one\n',
  '<!--',
  '\t',
  '   ',
)

describe('reading anything', () => {
  it('never throws, whatever the text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fragment, fc.string({ unit: 'binary' })), { maxLength: 40 }),
        async (pieces) => {
          const result = await ingest(
            memorySource({ 'task_plan.md': pieces.join(''), 'manifest.md': pieces.slice(3).join('') }),
          )
          expect(result.plan === undefined).toBe(result.mode === 'invalid')
        },
      ),
      { numRuns: 300 },
    )
  })

  it('never throws on a plan with pieces missing or repeated', async () => {
    const lines = (planFilesOf('letter-ids')['task_plan.md'] ?? '').split('\n')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: lines.length - 1 }), { maxLength: 80 }), async (picked) => {
        const text = picked.map((n) => lines[n]).join('\n')
        const { plan } = await ingest(memorySource({ 'task_plan.md': text }))
        const ids = plan?.phases.flatMap((p) => p.tasks.map((t) => t.id)) ?? []
        expect(new Set(ids).size).toBe(ids.length)
      }),
      { numRuns: 100 },
    )
  })

  it.each([
    ['brackets', '['],
    ['stars', '*a_'],
    ['quotes', '>'],
    ['bullets', '- '],
    ['pipes', '|'],
    ['backticks', '`` ` '],
    ['headings', '## Phase 1: A\n'],
    ['nested phases', '# Phase 1: A\n## Phase 2: B\n'],
    ['tasks', '- [ ] do `src/a.ts`\n'],
    ['labels', '**Status:** '],
    ['rows', '| 1 | done |\n'],
    ['open parentheses', '## Phase 1: a ((((\n'],
    ['emoji', '✅'],
    ['comments', '<!-- '],
    ['ids', '## Phase 1.1.1.1.1: a\n'],
  ])('stays fast on 100 kB of %s', async (_name, piece) => {
    const text = `## Phase 1: A\n\n| Phase | Status |\n|---|---|\n${piece.repeat(Math.ceil(100_000 / piece.length))}`
    // processor time: a busy machine is no slow parser
    const start = process.cpuUsage()
    await ingest(memorySource({ 'task_plan.md': text }))
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(10_000)
  })
})
