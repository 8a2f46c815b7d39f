import { describe, expect, test } from '@jest/globals'
import type { Plan } from '../../../../src/core/model/plan.ts'
import { type Files, readIn } from '../../../formats/memory-plan.ts'
import { written } from '../../../formats/write-back.ts'

const DIR = 'specs/001-search'
const SPEC = `# Feature

### User Story 1 - Find by name (Priority: P1)

A reader types a name.

### User Story 2 - Sort (Priority: P2)

## Requirements

- **FR-001**: System MUST ignore case
`
const PHASES = `# Tasks: Search

## Phase 1: Setup

- [ ] T001 Create \`src/index.ts\`

## Phase 2: Foundational

- [ ] T002 [P] Trie in src/trie.ts
- [ ] T003 [P] Parser in src/parse.ts
- [ ] T004 Join both (FR-001)

## Phase 3: User Story 1 - Find (Priority: P1) 🎯 MVP

- [ ] T005 [US1] Query in src/query.ts

## Phase 4: User Story 2 - Sort

- [ ] T006 [US2] Sort in src/sort.ts

## Phase 5: Polish

`
const feature = (tasks: string): Files => ({ [`${DIR}/tasks.md`]: tasks, [`${DIR}/spec.md`]: SPEC })
const read = async (tasks: string): Promise<Plan> => {
  const { plan, failures } = await readIn(feature(tasks), DIR)
  if (plan === undefined) throw new Error(failures.map(({ message }) => message).join())
  return plan
}
const order = async (notes: string) =>
  Object.fromEntries((await read(PHASES + notes)).phases.map(({ id, dependsOn }) => [id, [...dependsOn]]))

describe('a spec-kit feature', () => {
  test('has its phases, tasks by their ids, files and story', async () => {
    const plan = await read(PHASES)
    expect(plan.phases.map(({ id, title }) => [id, title])).toEqual([
      ['1', 'Setup'],
      ['2', 'Foundational'],
      ['3', 'User Story 1 - Find (Priority: P1) 🎯 MVP'],
      ['4', 'User Story 2 - Sort'],
      ['5', 'Polish'],
    ])
    expect(plan.phases[1]?.tasks.map(({ id, title, files, after }) => ({ id, title, files, after }))).toEqual(
      [
        { id: 'T002', title: 'Trie in src/trie.ts', files: ['src/trie.ts'], after: [] },
        { id: 'T003', title: 'Parser in src/parse.ts', files: ['src/parse.ts'], after: [] },
        { id: 'T004', title: 'Join both (FR-001)', files: [], after: ['T002', 'T003'] },
      ],
    )
    expect(plan.phases[2]?.context?.map(({ title }) => title)).toEqual([
      'User Story 1 - Find by name (Priority: P1)',
    ])
    expect(plan.phases[1]?.tasks[2]?.context?.map(({ text }) => text)).toEqual([
      '- **FR-001**: System MUST ignore case',
    ])
  })

  test('runs in written order where nothing is said', async () => {
    expect((await read(PHASES)).phases.map(({ after }) => [...after])).toEqual([
      [],
      ['1'],
      ['2'],
      ['3'],
      ['4'],
    ])
  })

  test("takes its order from the template's words, and none from soft ones", async () => {
    expect(
      await order(`## Dependencies & Execution Order

### Phase Dependencies

- **Setup (Phase 1)**: No dependencies - can start immediately
- **Foundational (Phase 2)**: Depends on Setup completion - BLOCKS all user stories
- **User Stories (Phase 3+)**: All depend on Foundational phase completion
  - Or sequentially in priority order (P1 → P2)
- **Polish (Final Phase)**: Depends on all desired user stories being complete

### User Story Dependencies

- **User Story 2 (P2)**: Can start after Foundational (Phase 2) - May integrate with US1 but should be independently testable
`),
    ).toEqual({ 1: [], 2: ['1'], 3: ['2'], 4: ['2'], 5: ['3', '4'] })
  })

  test('takes its order from a drawing, and from a table before it', async () => {
    const drawing = `## Dependencies

\`\`\`text
Phase 1 (Setup) ──► Phase 2 (Foundational) ──┬──► Phase 3 (US1) ──► Phase 5 (Polish)
                                             │
                                             └──► Phase 4 (US2)
\`\`\`
`
    expect(await order(drawing)).toEqual({ 1: [], 2: ['1'], 3: ['2'], 4: ['2'], 5: ['3'] })
    const table = '\n| Story | Depends On |\n|---|---|\n| US2 | US1 (reads its index) |\n'
    expect(await order(drawing + table)).toEqual({ 1: [], 2: ['1'], 3: ['2'], 4: ['3'], 5: ['3'] })
  })

  test('reads chains over lines, trees, and what two lead to', async () => {
    expect(
      await order(`## Dependencies

\`\`\`
Phase 1 → Phase 2
             ↓
          Phase 3
US1 + Foundational → US2
└── Phase 5
\`\`\`
`),
    ).toMatchObject({ 2: ['1'], 3: ['2'], 4: ['2', '3'] })
  })

  test('counts a task that stands twice once, and ticks it twice', async () => {
    const text = '## Phase 1: A\n\n- [x] T001 See it\n\n### Tasks\n\n- [ ] T001 Do it in `src/a.ts`\n'
    const plan = await read(text)
    expect(plan.phases[0]?.tasks.map(({ id, files, done }) => [id, files, done])).toEqual([
      ['T001', ['src/a.ts'], false],
    ])
    expect(written(feature(text), plan, 0, 'completed')[`${DIR}/tasks.md`]).toBe(text.replace('[ ]', '[x]'))
  })

  test('marks a phase without tasks behind its heading', async () => {
    const plan = await read(PHASES)
    const files = written(feature(PHASES), plan, 4, 'completed')
    expect(files[`${DIR}/tasks.md`]).toBe(PHASES.replace('## Phase 5: Polish', '## Phase 5: Polish ✅'))
    const after = (await readIn(files, DIR)).plan
    expect([after?.phases[4]?.status, after?.phases[4]?.title, after?.digest]).toEqual([
      'completed',
      'Polish',
      plan.digest,
    ])
  })
})
