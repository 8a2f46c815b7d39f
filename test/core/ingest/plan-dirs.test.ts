import { describe, expect, test } from '@jest/globals'

import { findPlanDirs } from '../../../src/core/ingest/plan-dirs.ts'

const changed = (...paths: string[]) => paths.map((path) => ({ path, change: 'modified' as const }))

describe('plan directories of a pull request', () => {
  test('are those whose index is added or changed', () => {
    const files = changed('plans/search/manifest.md', 'plans/search/specs/a-spec.md', 'docs/x/task_plan.md')
    expect(findPlanDirs(files)).toEqual([
      { dir: 'docs/x', sure: true },
      { dir: 'plans/search', sure: true },
    ])
  })

  test('may be the root', () => {
    expect(findPlanDirs(changed('task_plan.md', 'src/a.ts'))).toEqual([{ dir: '', sure: true }])
  })

  test('may be above a spec or a progress log that changes alone', () => {
    const files = changed('plans/a/specs/x-spec.md', 'plans/b/progress.md', 'specs/deep/er/y.md')
    expect(findPlanDirs(files)).toEqual([
      { dir: '', sure: false },
      { dir: 'plans/a', sure: false },
      { dir: 'plans/b', sure: false },
    ])
  })

  test('are not sure where the index is removed, for another may stand there', () => {
    expect(findPlanDirs([{ path: 'p/manifest.md', change: 'removed' }])).toEqual([{ dir: 'p', sure: false }])
    expect(
      findPlanDirs([
        { path: 'p/manifest.md', change: 'removed' },
        { path: 'p/task_plan.md', change: 'added' },
      ]),
    ).toEqual([{ dir: 'p', sure: true }])
  })

  test('that are sure come before those that may be plans', () => {
    const files = changed('a/specs/x.md', 'b/progress.md', 'z/manifest.md')
    expect(findPlanDirs(files).map(({ dir }) => dir)).toEqual(['z', 'a', 'b'])
  })

  test('are not below specs', () => {
    expect(findPlanDirs(changed('p/specs/manifest.md'))).toEqual([{ dir: 'p', sure: false }])
  })

  test('are none where nothing of a plan changes', () => {
    expect(findPlanDirs(changed('src/progress.ts', 'Manifest.MD.txt', 'docs/manifest.mdx'))).toEqual([])
  })
})
