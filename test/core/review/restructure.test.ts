import { describe, expect, test } from '@jest/globals'

import { ingest } from '../../../src/core/ingest/ingest.ts'
import type { Plan } from '../../../src/core/model/plan.ts'
import { isFaithful, restructure } from '../../../src/core/review/restructure.ts'
import { reviewPlan } from '../../../src/core/review/review.ts'
import { memorySource } from '../ingest/memory-source.ts'

async function read(text: string): Promise<Plan> {
  const { plan } = await ingest(memorySource({ 'task_plan.md': text }))
  if (plan === undefined) throw new Error('no plan')
  return plan
}

const LARGE = `# Plan

## Phase 1: Core

### Tasks
- [ ] Write one
- [ ] Write two
- [ ] Write three
- [ ] Write four
  - with a note

### More tasks
- [ ] Write five
- [ ] Write six
- [ ] Write seven

## Phase 2: Pages

**Depends on:** Phase 1
- [ ] Build a page
`

describe('restructure', () => {
  test('splits a large phase between its tasks and lets others wait for the last part', async () => {
    const { files, changes } = restructure(await read(LARGE))
    expect(files.get('task_plan.md')).toBe(`# Plan

## Phase 1a: Core

### Tasks
- [ ] Write one
- [ ] Write two
- [ ] Write three
- [ ] Write four
  - with a note

## Phase 1b: Core

**Depends on:** Phase 1a

### More tasks
- [ ] Write five
- [ ] Write six
- [ ] Write seven

## Phase 2: Pages

**Depends on:** Phase 1b
- [ ] Build a page
`)
    expect(changes).toEqual([
      {
        what: 'Split phase 1 into 1a (1.1 … 1.4) and 1b (1.5, 1.6, 1.7)',
        why: 'A smaller phase gets closer reviews and costs less to try again.',
        place: expect.objectContaining({ file: 'task_plan.md', line: 3 }),
      },
    ])
  })

  test('gives a plan that reads back with every task and nothing left to split', async () => {
    const before = await read(LARGE)
    const after = await read(restructure(before).files.get('task_plan.md') ?? '')
    expect(isFaithful(before, after)).toBe(true)
    expect(isFaithful(before, await read(LARGE.replace('- [ ] Write two\n', '')))).toBe(false)
    expect(
      isFaithful(before, await read(LARGE.replace('Depends on:** Phase 1', 'Depends on:** Phase 8'))),
    ).toBe(false)
    expect(after.phases.map(({ id, dependsOn }) => [id, dependsOn])).toEqual([
      ['1a', []],
      ['1b', ['1a']],
      ['2', ['1b']],
    ])
    expect(reviewPlan(after).splits).toEqual([])
    expect(restructure(after)).toEqual({ files: new Map(), changes: [] })
  })

  test('states a dependency that a shared file implies, on the line that is there or a new one', async () => {
    const plan = await read(`# Plan

## Phase 1: A
- [ ] Write \`src/a.ts\`

## Phase 2: B
**Depends on:** Phase 1
- [ ] Write \`src/b.ts\`

## Phase 3: C
**Depends on:** Phase 1
- [ ] Change \`src/b.ts\`

## Phase 4: D
- [ ] Change \`src/a.ts\`
`)
    const revised = restructure(plan).files.get('task_plan.md') ?? ''
    expect(revised).toContain('## Phase 3: C\n**Depends on:** Phase 1, Phase 2\n')
    expect(revised).toContain('## Phase 4: D\n**Depends on:** Phase 1\n')
    const after = await read(revised)
    expect(reviewPlan(after).diagnostics.filter(({ rule }) => rule === 'implicit-dependency')).toEqual([])
  })

  test('keeps line endings', async () => {
    const revised = restructure(await read(LARGE.replaceAll('\n', '\r\n'))).files.get('task_plan.md') ?? ''
    expect(revised.replaceAll('\r\n', '')).not.toContain('\n')
    expect(revised).toContain('## Phase 1b: Core\r\n')
    // A file that mixes them keeps every line of the author as it was.
    const mixed = LARGE.replace('- [ ] Write one\n', '- [ ] Write one\r\n')
    const kept = restructure(await read(mixed)).files.get('task_plan.md') ?? ''
    expect(kept.match(/\r/g)).toHaveLength(1)
    expect(kept).toContain('- [ ] Write one\r\n')
  })

  test('leaves a table and unusual ids alone', async () => {
    const rows = Array.from({ length: 7 }, (_, n) => `| Write chapter ${n} | pending |`).join('\n')
    const table = await read(`# Plan\n\n## Phase 1: A\n\n| Task | Status |\n|---|---|\n${rows}\n`)
    expect(reviewPlan(table).splits).toHaveLength(1)
    expect(restructure(table).changes).toEqual([])
    expect(restructure(await read(LARGE.replaceAll('Phase 1', 'Phase S1'))).changes).toEqual([])
  })

  test('proposes nothing where there is nothing to improve', async () => {
    expect(restructure(await read('# Plan\n\n## Phase 1: A\n- [ ] Write `a.ts`\n')).changes).toEqual([])
  })
})
