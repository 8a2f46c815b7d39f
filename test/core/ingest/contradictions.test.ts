import { describe, expect, test } from '@jest/globals'
import { reviewPlan } from '../../../src/core/review/review.ts'
import { type Files, readIn } from '../../formats/memory-plan.ts'

/** Rules with the lines that each finding names: its own, those of its message and those of places beside it. */
async function found(files: Files, path: string): Promise<[rule: string, ...lines: number[]][]> {
  const { plan, failures } = await readIn(files, path)
  if (plan === undefined) throw new Error(failures.map(({ message }) => message).join())
  const rules =
    /^(?:duplicate-(?:phase|task-id)|contradicting-.*|completed-with-open-tasks|cyclic-dependency|unknown-dependency)$/u
  return reviewPlan(plan)
    .diagnostics.filter(({ rule }) => rules.test(rule))
    .map(({ rule, line, message, related = [] }) => {
      const said = [...message.matchAll(/\bline (\d+)/gu)].map(([, number]) => Number(number))
      return [rule, ...new Set([line, ...said, ...related.map((place) => place.line)])]
    })
}

const at = (path: string, lines: string[], more: Files = {}): [Files, string] => [
  { [path]: `${lines.join('\n')}\n`, ...more },
  path,
]
const json = (tasks: object[]): [Files, string] => [
  { '.taskmaster/tasks/tasks.json': JSON.stringify({ master: { tasks } }, undefined, 1) },
  '.taskmaster',
]
const story = (lines: string[]): string => ['# Story 1.1: Sign in', '', ...lines, ''].join('\n')

const SPEC_KIT = 'specs/001-a/tasks.md'
const OPENSPEC = 'openspec/changes/a/tasks.md'
const KIRO = '.kiro/specs/a/tasks.md'
const SUPERPOWERS = 'docs/superpowers/plans/2026-01-01-a.md'
const GSD = '.planning/ROADMAP.md'

type Case = [what: string, plan: [Files, string], expected: [string, ...number[]][]]

const CASES: Record<string, Case[]> = {
  'spec-kit': [
    [
      'a task id in two phases',
      at(SPEC_KIT, ['## Phase 1: A', '- [ ] T001 Add a.ts', '## Phase 2: B', '- [ ] T001 Add b.ts']),
      [['duplicate-task-id', 4, 2]],
    ],
    [
      'a phase number twice',
      at(SPEC_KIT, ['## Phase 1: A', '- [ ] T001 Add a.ts', '## Phase 1: B', '- [ ] T002 Add b.ts']),
      [['duplicate-phase', 3, 1]],
    ],
    [
      'a task that is ticked in one of two places',
      at(SPEC_KIT, ['## Phase 1: A', '- [x] T001 Add a.ts', '- [ ] T001 Add a.ts', '- [ ] T002 Add b.ts']),
      [['contradicting-status', 2, 3]],
    ],
    [
      'a status line against a box',
      at(SPEC_KIT, ['## Phase 1: A', '**Status**: Complete', '- [ ] T001 Add a.ts']),
      [['contradicting-status', 2, 3]],
    ],
    [
      'a total',
      at(SPEC_KIT, ['## Phase 1: A', '- [ ] T001 Add a.ts', '## Summary', '', '**Total Tasks**: 12']),
      [['contradicting-count', 5, 2]],
    ],
    [
      'phases that wait for each other',
      at(SPEC_KIT, [
        ...['## Phase 1: A', '- [ ] T001 Add a.ts', '## Phase 2: B', '- [ ] T002 Add b.ts'],
        ...['## Dependencies', '- Phase 1: depends on Phase 2', '- Phase 2: depends on Phase 1'],
      ]),
      [['cyclic-dependency', 1, 3]],
    ],
  ],
  OpenSpec: [
    [
      'a task id twice, and a section',
      at(OPENSPEC, ['## 1. A', '- [ ] 1.1 Add a', '- [ ] 1.1 Add b', '## 1. B', '- [ ] 1.2 Add c']),
      [
        ['duplicate-task-id', 3, 2],
        ['duplicate-phase', 4, 1],
      ],
    ],
    [
      'a mark of the heading against a box',
      at(OPENSPEC, ['## 1. A ✅', '- [x] 1.1 Add a', '- [ ] 1.2 Add b']),
      [
        ['contradicting-status', 1, 3],
        ['completed-with-open-tasks', 3, 1],
      ],
    ],
    [
      'a total of sections',
      at(OPENSPEC, ['## 1. A', '- [ ] 1.1 Add a', '', 'Total sections: 3']),
      [['contradicting-count', 4, 1]],
    ],
  ],
  Kiro: [
    [
      'a task number twice, and one below',
      at(KIRO, ['- [ ] 1. A', '  - [ ] 1.1 B', '  - [ ] 1.1 C', '- [ ] 2. D', '- [ ] 2. E']),
      [
        ['duplicate-task-id', 3, 2],
        ['duplicate-phase', 5, 4],
      ],
    ],
    [
      'a ticked task with an open one below',
      at(KIRO, ['- [x] 1. A', '  - [x] 1.1 B', '  - [ ] 1.2 C', '- [ ] 2. D']),
      [
        ['contradicting-status', 1, 3],
        ['completed-with-open-tasks', 3, 1],
      ],
    ],
  ],
  superpowers: [
    [
      'a task number twice',
      at(SUPERPOWERS, ['### Task 1: A', '- [ ] Do a', '### Task 1: B', '- [ ] Do b']),
      [['duplicate-phase', 3, 1]],
    ],
    [
      'a mark of the heading against a box',
      at(SUPERPOWERS, ['### Task 1: A ✅', '- [x] Do a', '- [ ] Do b']),
      [
        ['contradicting-status', 1, 3],
        ['completed-with-open-tasks', 3, 1],
      ],
    ],
    [
      'a total of tasks',
      at(SUPERPOWERS, ['**Total tasks:** 9', '### Task 1: A', '- [ ] Do a']),
      [['contradicting-count', 1, 2]],
    ],
  ],
  'Task Master': [
    [
      'an id twice, and one of a subtask',
      json([
        {
          id: 1,
          title: 'A',
          status: 'pending',
          subtasks: [
            { id: 1, title: 'B' },
            { id: 1, title: 'C' },
          ],
        },
        { id: 1, title: 'D', status: 'pending' },
      ]),
      [
        ['duplicate-task-id', 13, 9],
        ['duplicate-phase', 19, 4],
      ],
    ],
    [
      'a done task with an open subtask',
      json([{ id: 1, title: 'A', status: 'done', subtasks: [{ id: 1, title: 'B', status: 'pending' }] }]),
      [['contradicting-status', 7, 12]],
    ],
    [
      'an unknown dependency, and a circle',
      json([
        { id: 1, title: 'A', status: 'pending', dependencies: [2, 9] },
        { id: 2, title: 'B', status: 'pending', dependencies: [1] },
      ]),
      [
        ['cyclic-dependency', 4, 13],
        ['unknown-dependency', 4],
      ],
    ],
  ],
  GSD: [
    [
      'a checklist against a table, and its count',
      at(GSD, [
        ...['- [x] **Phase 1: A** - a', '', '### Phase 1: A', '', 'Plans:', '- [x] 01-01: Add a', ''],
        ...['| Phase | Plans | Status |', '| --- | --- | --- |', '| 1. A | 1/3 | In progress |'],
      ]),
      [
        ['contradicting-status', 1, 10],
        ['contradicting-count', 10, 6],
      ],
    ],
    [
      'an unknown dependency',
      at(GSD, [
        '- [ ] **Phase 1: A** - a',
        '',
        '### Phase 1: A',
        '**Depends on**: Phase 9',
        '- [ ] 01-01: b',
      ]),
      [['unknown-dependency', 3]],
    ],
  ],
  BMAD: [
    [
      'sprint and story, and a story against its task',
      [
        {
          '_bmad-output/implementation-artifacts/sprint-status.yaml': [
            ...['development_status:', '  1-1-sign-in: done', '  1-1-sign-up: ready-for-dev', ''],
          ].join('\n'),
          '_bmad-output/implementation-artifacts/1-1-sign-in.md': story([
            'Status: review',
            '## Tasks',
            '- [ ] A',
          ]),
        },
        '_bmad-output',
      ],
      [['contradicting-status', 2, 3]],
    ],
    [
      'a story number twice',
      [
        {
          'docs/stories/1.1.a.md': story(['Status: Draft', '## Tasks', '- [ ] A']),
          'docs/stories/1.1.b.md': story(['Status: Draft', '## Tasks', '- [ ] B']),
        },
        'docs',
      ],
      [['duplicate-phase', 1]],
    ],
  ],
  'PLAN.md': [
    [
      'a phase number twice',
      at('PLAN.md', ['## Phase 1: A', '- [ ] Add a', '## Phase 1: B', '- [ ] Add b']),
      [['duplicate-phase', 3, 1]],
    ],
    [
      'a status line against a table',
      at('PLAN.md', [
        ...['| Phase | Status |', '| --- | --- |', '| Phase 1 | Done |', ''],
        ...['## Phase 1: A', '**Status:** pending', '- [ ] Add a'],
      ]),
      [['contradicting-status', 6, 3]],
    ],
    [
      'an unknown dependency, and a total',
      at('PLAN.md', ['Total phases: 4', '', '## Phase 1: A', 'Depends on: Phase 9', '- [ ] Add a']),
      [
        ['contradicting-count', 1, 3],
        ['unknown-dependency', 4],
      ],
    ],
  ],
}

describe.each(Object.entries(CASES))('a %s plan that contradicts itself', (_, cases) => {
  test.each(cases)('is told both lines: %s', async (_what, [files, path], expected) => {
    expect(await found(files, path)).toEqual(expected)
  })
})
