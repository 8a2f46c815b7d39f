import { describe, expect, test } from '@jest/globals'
import type { Plan } from '../../../../src/core/model/plan.ts'
import { type Files, readIn } from '../../../formats/memory-plan.ts'
import { written } from '../../../formats/write-back.ts'

const DIR = '.kiro/specs/search'
const REQUIREMENTS = `# Requirements

### Requirement 1: Find by name

**User Story:** As a reader I want to find a book.

#### Acceptance Criteria

1. WHEN a name is typed THEN the list SHALL show matches
2. WHEN nothing matches THEN the list SHALL say so
`
const spec = (tasks: string): Files => ({
  [`${DIR}/tasks.md`]: tasks,
  [`${DIR}/requirements.md`]: REQUIREMENTS,
  [`${DIR}/design.md`]: '# Design\n\nA trie.\n',
  '.kiro/steering/tech.md': 'TypeScript.\n',
})
const read = async (tasks: string): Promise<Plan> => {
  const { plan, failures } = await readIn(spec(tasks), DIR)
  if (plan === undefined) throw new Error(failures.map(({ message }) => message).join())
  return plan
}

describe('a Kiro spec', () => {
  test('has a phase for each whole number, tasks by their numbers, and optional ones by their star', async () => {
    const plan = await read(
      '# Implementation Plan\n\n- [ ] 1. Index\n- [x] 1.1 Build the trie\n- [ ]* 1.2 Test it\n- [ ]\\* 2. Tune\n  - Measure\n',
    )
    expect(plan.mode).toBe('kiro')
    expect(plan.phases.map(({ id, title, status }) => [id, title, status])).toEqual([
      ['1', 'Index', 'in_progress'],
      ['2', 'Tune', 'pending'],
    ])
    expect(
      plan.phases.map(({ tasks }) => tasks.map(({ id, done, optional }) => [id, done, optional])),
    ).toEqual([
      [
        ['1.1', true, undefined],
        ['1.2', false, true],
      ],
      [['2', false, true]],
    ])
  })

  test('gives each task the text of the requirements that it refers to', async () => {
    const plan = await read('- [ ] 1. Index\n  - [ ] 1.1 Build\n    - _Requirements: 1.2, 9.9_\n')
    expect(plan.phases[0]?.tasks[0]?.context).toEqual([
      {
        path: 'requirements.md',
        title: 'Requirement 1.2',
        lines: [10, 10],
        text: 'WHEN nothing matches THEN the list SHALL say so',
      },
    ])
    expect(plan.context.map(({ path }) => path)).toEqual([
      'requirements.md',
      'design.md',
      '../../steering/tech.md',
    ])
  })

  test('counts its documents into the digest, and its boxes not', async () => {
    const text = '- [ ] 1. Index\n'
    const { digest } = await read(text)
    expect((await read('- [-] 1. Index\n')).digest).toBe(digest)
    expect((await read('- [ ] 1. Index it\n')).digest).not.toBe(digest)
    const other = { ...spec(text), [`${DIR}/design.md`]: '# Design\n\nA hash table.\n' }
    expect((await readIn(other, DIR)).plan?.digest).not.toBe(digest)
  })

  test('names both lines where a ticked task has an open one below', async () => {
    const plan = await read('- [x] 1. Index\n  - [x] 1.1 Build\n  - [ ] 1.2 Ship\n')
    expect(plan.phases[0]?.status).toBe('completed')
    expect(plan.diagnostics.map(({ rule, message }) => [rule, message])).toEqual([
      ['contradicting-status', 'Task 1 is marked as done in line 1, and line 3 is open; it counts as done.'],
    ])
  })

  test('is marked as running and as done in its own way', async () => {
    const text =
      '- [ ] 1. Index\r\n  - [ ] 1.1 Build\r\n  - [ ]* 1.2 Test\r\n\r\n```\r\n- [ ] 1. no task\r\n```\r\n'
    const plan = await read(text)
    const at = `${DIR}/tasks.md`
    expect(written(spec(text), plan, 0, 'in_progress')[at]).toBe(text.replace('[ ] 1.', '[-] 1.'))
    expect(written(spec(text), plan, 0, 'completed')[at]).toBe(
      text.replace('[ ] 1.', '[x] 1.').replace('[ ] 1.1', '[x] 1.1').replace('[ ]* 1.2', '[x]* 1.2'),
    )
  })

  test('is found by its directory, its tasks.md, and the changed files of a pull request', async () => {
    const files = spec('- [ ] 1. Index\n')
    expect((await readIn(files, `${DIR}/tasks.md`)).mode).toBe('kiro')
  })
})
