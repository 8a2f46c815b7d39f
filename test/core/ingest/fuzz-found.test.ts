import { describe, expect, test } from '@jest/globals'
import { reviewPlan } from '../../../src/core/review/review.ts'
import { readIn } from '../../formats/memory-plan.ts'
import { planOf } from '../../formats/read-plan.ts'
import { writeFaults } from '../../support/write-faults.ts'

const TASK_FILE = '.taskmaster/tasks/tasks.json'
const TASKS = '{"tasks": [{"id": 1, "title": "A", "status": "pending"},\n{"id": 2, "title": "B"'

// what fuzzing found, each as small as it gets
describe('what is written as done reads back so, under the same digest', () => {
  test.each([
    ['a heading without a title', 'plan', { 'plan/task_plan.md': '## Phase 1\n\n- [ ] a\n' }],
    ['a heading that ends with its colon', 'plan', { 'plan/task_plan.md': '## Phase 1:\n\n- [ ] a\n' }],
    ['a heading that ends with a dash', 'plan', { 'plan/task_plan.md': '## Phase 1 -\n\n- [ ] a\n' }],
    [
      'a list whose boxes are all indented',
      'specs/001-x',
      { 'specs/001-x/tasks.md': '\t- [ ] Improve things\n', 'specs/001-x/spec.md': '# X\n' },
    ],
    ['JSON with a comma behind the last task', '.taskmaster', { [TASK_FILE]: `${TASKS}},]}` }],
    ['JSON with a comment', '.taskmaster', { [TASK_FILE]: `${TASKS}} /* last */]}` }],
    ['JSON that is not closed', '.taskmaster', { [TASK_FILE]: `${TASKS}}` }],
  ])('%s', async (_what, path, files) => {
    const plan = await planOf(files, path)
    expect(plan.phases.length).toBeGreaterThan(0)
    expect(await writeFaults(files, path, plan)).toEqual([])
  })
})

test('the digest of JSON that is not strict covers all that is read of it', async () => {
  const digestOf = async (text: string): Promise<string> =>
    (await planOf({ [TASK_FILE]: text }, '.taskmaster')).digest
  const text = `${TASKS}, "__proto__": {"details": "C"}},]}`
  expect(await digestOf(text.replace('pending', 'done'))).toBe(await digestOf(text))
  expect(await digestOf(text.replace('"B"', '"D"'))).not.toBe(await digestOf(text))
  expect(await digestOf(text.replace('"C"', '"D"'))).not.toBe(await digestOf(text))
})

test('no run begins with a file of tasks of which a part could not be read', async () => {
  const plan = await planOf({ [TASK_FILE]: `${TASKS}}\n<<<<<<< HEAD\n]}` }, '.taskmaster')
  expect(reviewPlan(plan).blocking).toMatchObject([{ rule: 'not-json', line: 3 }])
})

test('a row that is nothing but a mark is no phase', async () => {
  const table = '| Phase | Status |\n|---|---|\n| 🚧 |\n| Phase 2: Build | done |\n'
  const { plan } = await readIn({ 'plan/task_plan.md': table }, 'plan')
  expect(plan?.phases.map(({ title }) => title)).toEqual(['Build'])
})
