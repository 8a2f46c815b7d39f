import { expect, test } from '@jest/globals'
import { formatOf } from '../../src/core/ingest/formats/index.ts'
import { unitsOf } from '../../src/core/execute/units.ts'
import { runPlan } from './fixtures.ts'
import { planOf } from './read-plan.ts'

/** "3 < 2: 03-01, 03-02 < 03-01": what a phase waits for, and its units with what they wait for. */
async function graphOf(name: string): Promise<string[]> {
  const { files, path } = runPlan(name)
  const plan = await planOf(files, path)
  const waits = (after: readonly string[]): string => (after.length === 0 ? '' : ` < ${after.join(' ')}`)
  return plan.phases
    .filter(({ status }) => status !== 'completed')
    .map((phase) => {
      const units = unitsOf(phase, formatOf(plan.mode)).map(
        ({ id, after }) => `${id || 'whole'}${waits(after)}`,
      )
      return `${phase.id}${waits(phase.after)}: ${units.join(', ')}`
    })
}

test.each([
  ['bmad-v4', ['1.6 < 1.2: 1.6.1', '1.7 < 1.2 1.6: 1.7.1, 1.7.2 < 1.7.1']],
  ['bmad-v6', ['6.1: 6.1.1, 6.1.2 < 6.1.1', '6.5 < 6.1: whole']],
  ['gsd', ['3 < 2: 03-01, 03-02 < 03-01', '4 < 3: 04-01']],
  ['kiro', ['6: 6.1, 6.2', '7 < 6: 7', '9 < 7: 9.1']],
  ['openspec', ['1: 1.1, 1.2', '7 < 1: 7.1, 7.2']],
  ['plan-md', ['2: 2.1, 2.2', '3 < 2: 3.1, 3.2']],
  [
    'spec-kit',
    [
      '1: T001, T002 < T001',
      '2 < 1: T003, T004 < T003',
      '3 < 2: T005, T006 < T005, T007 < T005 T006, T008 < T005 T006 T007',
    ],
  ],
  ['superpowers', ['2: whole', '3 < 2: whole', '4 < 3: whole']],
  ['task-master', ['2 < 1: 2.4', '3 < 1: 3.1, 3.2 < 3.1, 3.3 < 3.1']],
])('a plan of %s has the order that it writes', async (name, graph) => {
  expect(await graphOf(name)).toEqual(graph)
})
