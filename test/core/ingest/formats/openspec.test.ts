import { describe, expect, test } from '@jest/globals'
import { readIn } from '../../../formats/memory-plan.ts'
import { findPlanDirs } from '../../../../src/core/ingest/plan-dirs.ts'

const DIR = 'openspec/changes/add-search'
const read = async (tasks: string) =>
  (
    await readIn(
      { [`${DIR}/tasks.md`]: tasks, [`${DIR}/proposal.md`]: '# Why\n', 'openspec/project.md': 'TS' },
      DIR,
    )
  ).plan

describe('an OpenSpec change', () => {
  test('has its numbered sections, a number that stands twice too', async () => {
    const plan = await read(
      '# Tasks\n\n## 1. Index\n- [x] 1.1 Build\n- [ ] 1.2 Test\n  - [ ] a part\n\n## 1. Again\n- [ ] 1.1 More\n\n## 2b. Late\n- [ ] loose\n',
    )
    expect(plan?.mode).toBe('openspec')
    expect(
      plan?.phases.map(({ id, title, status, tasks }) => [id, title, status, tasks.map((t) => t.title)]),
    ).toEqual([
      ['1', 'Index', 'in_progress', ['Build', 'Test']],
      ['1#2', 'Again', 'pending', ['More']],
      ['2b', 'Late', 'pending', ['loose']],
    ])
    expect(plan?.title).toBe('add-search')
    expect(plan?.context.map(({ title }) => title)).toEqual(['proposal.md', 'openspec/project.md'])
  })

  test('takes sub-sections with boxes for tasks, and the order that it writes', async () => {
    const plan = await read(
      '## Phase 1: Schema\n### 1.1 Tests\n- [ ] a\n- [ ] b\n### 1.2 Code\n- [ ] c\n\n## Phase 2: Use\n### 2.1 Use\n- [ ] d\n\n## Dependencies\n- Phase 2 depends on Phase 1\n',
    )
    expect(
      plan?.phases.map(({ id, tasks, dependsOn }) => [id, tasks.map((t) => t.id), [...dependsOn]]),
    ).toEqual([
      ['1', ['1.1', '1.2'], []],
      ['2', ['2.1'], ['1']],
    ])
  })

  test('is picked by a pull request that touches it, and not once it is archived', () => {
    const changed = (path: string) => findPlanDirs([{ path, change: 'modified' }]).filter(({ sure }) => sure)
    expect(changed(`${DIR}/tasks.md`)).toEqual([{ dir: DIR, sure: true }])
    expect(changed('openspec/changes/archive/2026-01-01-x/tasks.md')).toEqual([])
  })
})
