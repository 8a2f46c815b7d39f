import { expect, test } from '@jest/globals'
import { planText } from '../../../../src/core/execute/plan-text.ts'
import { unitsOf } from '../../../../src/core/execute/units.ts'
import { readIn } from '../../../formats/memory-plan.ts'

const DIR = 'specs/001-search'
const FILES = {
  [`${DIR}/tasks.md`]:
    '## Phase 1: User Story 1 - Find\n\n- [x] T001 [P] Done\n- [ ] T002 [P] Parse\n- [ ] T003 Join (FR-001)\n- [ ] T004 [P] Show\n',
  [`${DIR}/spec.md`]:
    '### User Story 1 - Find by name\n\nA reader types a name.\n\n- **FR-001**: Ignore case\n',
}

test('tasks wait for those that the plan puts before them, and for none that is done', async () => {
  const phase = (await readIn(FILES, DIR)).plan?.phases[0]
  if (phase === undefined) throw new Error('not read')
  expect(unitsOf(phase).map(({ id, after }) => [id, after])).toEqual([
    ['T002', []],
    ['T003', ['T002']],
    ['T004', ['T002', 'T003']],
  ])
})

test('what a phase refers to goes with its text, with its place', async () => {
  const phase = (await readIn(FILES, DIR)).plan?.phases[0]
  if (phase === undefined) throw new Error('not read')
  expect(planText(phase)).toContain('A reader types a name.')
  expect(planText(phase)).toContain('FR-001 (spec.md:5-5):\n- **FR-001**: Ignore case')
})
