import { describe, expect, test } from '@jest/globals'
import { findPlanDirs } from '../../../../src/core/ingest/plan-dirs.ts'
import { readIn } from '../../../formats/memory-plan.ts'
import { written } from '../../../formats/write-back.ts'

const PLAN = 'docs/superpowers/plans/2026-01-02-search.md'
const DESIGN = 'docs/superpowers/specs/2026-01-02-search-design.md'
const TEXT = `# Search Implementation Plan

> REQUIRED SUB-SKILL: Use superpowers:executing-plans to implement this plan.

**Goal:** Find books.

**Spec:** \`${DESIGN}\`

---

### Task 1: The index

**Files:**
- Create: \`src/index.ts\`
- Modify: \`src/app.ts:10-20\`
- Test: \`test/index.test.ts\`

- [ ] **Step 1: Write the failing test**

\`\`\`md
### Task 9: no task
- [ ] no step
\`\`\`

- [ ] **Step 2: Make it pass**

### Task 2: The list

**Step 1: Show it**

**Step 2: Commit**
`
const files = { [PLAN]: TEXT, [DESIGN]: '# Design\n' }

describe('a superpowers plan', () => {
  test('has a phase for each task, its steps, and its files without line numbers', async () => {
    const { plan, mode } = await readIn(files, PLAN)
    expect([mode, plan?.path, plan?.dir]).toEqual(['superpowers', PLAN, 'docs/superpowers/plans'])
    expect(
      plan?.phases.map(({ id, title, tasks, targets }) => [
        id,
        title,
        tasks.map((t) => t.title),
        targets.map(({ path, action }) => [path, action]),
      ]),
    ).toEqual([
      [
        '1',
        'The index',
        ['Write the failing test', 'Make it pass'],
        [
          ['src/index.ts', 'create'],
          ['src/app.ts', 'modify'],
          ['test/index.test.ts', undefined],
        ],
      ],
      ['2', 'The list', ['Show it', 'Commit'], []],
    ])
    expect(plan?.context.map(({ title }) => title)).toEqual([
      'Goal and architecture',
      '2026-01-02-search-design.md',
    ])
  })

  test('ticks steps, and marks a task that has none to tick', async () => {
    const { plan } = await readIn(files, PLAN)
    if (plan === undefined) throw new Error('not read')
    expect(written(files, plan, 0, 'completed')[PLAN]).toBe(
      TEXT.replace('[ ] **Step 1', '[x] **Step 1').replace('[ ] **Step 2', '[x] **Step 2'),
    )
    expect(written(files, plan, 1, 'completed')[PLAN]).toBe(
      TEXT.replace('Task 2: The list', 'Task 2: The list ✅'),
    )
  })

  test('may be what a pull request touches: its text decides', () => {
    expect(findPlanDirs([{ path: PLAN, change: 'added' }])).toContainEqual({ dir: PLAN, sure: false })
  })
})
