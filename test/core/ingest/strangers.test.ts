/** Habits of writing that are nobody's template: each plan in the shortest form that shows one. */
import { describe, expect, it } from '@jest/globals'
import { withoutStatuses } from '../../../src/core/ingest/digest.ts'
import { manifest } from '../../../src/core/ingest/formats/manifest.ts'
import { readTaskPlan } from '../../../src/core/ingest/formats/task-plan.ts'
import { planFiles } from '../../../src/core/ingest/format.ts'
import { STATUSES } from '../../../src/core/model/plan.ts'
import { setPhaseStatus } from '../../../src/core/text/status-edit.ts'

const read = (text: string) => readTaskPlan(text, 'task_plan.md')

/** A phase as `id|title|status|number of tasks|dependencies`. */
const outline = (text: string): string[] =>
  read(text).phases.map(
    ({ id, title, status, tasks, dependsOn }) =>
      `${id}|${title}|${status}|${tasks.length}|${dependsOn.join(',')}`,
  )

const HABITS: [string, string, string[]][] = [
  [
    'numbers as words',
    '## Phase One: A\n- [ ] x\n\n## Phase Two: B\n**Depends on:** Phase One\n- [ ] y\n',
    ['1|A|pending|1|', '2|B|pending|1|1'],
  ],
  [
    'Roman numerals that others refer to',
    '## Phase I — A\n- x\n\n## Phase II — B\nDepends on: Phase I\n- y\n\n## Phase III — C\nDepends on: Phase II\n- z\n',
    ['I|A|pending|1|', 'II|B|pending|1|I', 'III|C|pending|1|II'],
  ],
  [
    'underlined headings',
    'Plan\n====\n\nPhase 1: A\n----------\n* [x] x\n\nPhase 2: B\n----------\n* [ ] y\n* [ ] z\n',
    ['1|A|completed|1|', '2|B|pending|2|'],
  ],
  [
    'bold lines for headings',
    '# Plan\n\n**Phase 1: A**\n- [x] x\n\n**Phase 2: B**\n- [ ] y\n- [ ] z\n\n## Notes\n- [ ] n\n',
    ['1|A|completed|1|', '2|B|pending|2|'],
  ],
  [
    'boxes in headings',
    '### [x] Phase 1: A\n- x\n\n### [/] Phase 2: B\n- y\n\n### [ ] Phase 3: C\n- z\n',
    ['1|A|completed|1|', '2|B|in_progress|1|', '3|C|pending|1|'],
  ],
  [
    'labels behind the title',
    '## Phase 1: A | Owner: Lee | Status: Complete | Due: Friday\n- x\n\n## Phase 2: B · Status: blocked\n- y\n',
    ['1|A|completed|1|', '2|B|blocked|1|'],
  ],
  [
    'a status and a dependency behind the title',
    '## Phase 1: A [done]\n- x\n\n## Phase 2: B [in progress] (depends on: Phase 1)\n- y\n',
    ['1|A|completed|1|', '2|B (depends on: Phase 1)|in_progress|1|1'],
  ],
  [
    'a label right below a list',
    '## Этап 1: A\n- [ ] x\n**Статус:** в работе\n\n## Этап 2: B\n- [ ] y\n**Зависит от:** Этап 1\n',
    ['1|A|in_progress|1|', '2|B|pending|1|1'],
  ],
  [
    'steps that name steps',
    '## ステップ1: A\n- [ ] x\n\n## ステップ2: B\n前提条件: ステップ1\n- [ ] y\n',
    ['1|A|pending|1|', '2|B|pending|1|1'],
  ],
  [
    'phases below what is not for now',
    '## Implementation\n\n### Phase 1: A\n- x\n\n## Future work\n\n### Phase 2: B\n- y\n',
    ['1|A|pending|1|'],
  ],
  [
    'coded rows whose text stands in a column of any name',
    '| 阶段 | 目标 | 依赖 | 状态 |\n|---|---|---|---|\n| P0 | 甲 | 无 | ✅ 已完成 |\n| P1 | 乙 | P0 | 进行中 |\n',
    ['P0|甲|completed|0|', 'P1|乙|in_progress|0|P0'],
  ],
  [
    'boxes behind the title',
    '## Phase 1 - A [x]\n1. [x] x\n\n## Phase 2 - B [>]\n1. [ ] y\n\n## Phase 3 - C [ ]\n1. [ ] z\n',
    ['1|A|completed|1|', '2|B|in_progress|1|', '3|C|pending|1|'],
  ],
  [
    'an arrow at the phase under way',
    '### Phase 1: A ✓ DONE\n- [x] x\n\n### → Phase 2: B ← CURRENT\n- [ ] y\n',
    ['1|A|completed|1|', '2|B|in_progress|1|'],
  ],
  [
    'numbered headings of prose for tasks',
    '## Phase 1: A\n\n#### 1. Crawl\nFetch all.\n\n#### 2. Extract\nText only.\n\n## Phase 2: B\n\n#### 1. Assets\n- icon\n- sound\n',
    ['1|A|pending|2|', '2|B|pending|2|'],
  ],
  [
    'dependencies as YAML writes them',
    '## Phase 1: A\n- [ ] x\n\n## Phase 2: B\n- depends_on: [1]\n- [ ] y\n\n## Phase 3: C\n- depends_on: [1, 2]\n- [ ] z\n',
    ['1|A|pending|1|', '2|B|pending|1|1', '3|C|pending|1|1,2'],
  ],
  [
    'a table in Russian',
    '| Этап | Название | Статус | Зависит от |\n|---|---|---|---|\n| 1 | Анализ | Выполнено | — |\n| 2 | Код | В работе | 1 |\n',
    ['1|Анализ|completed|0|', '2|Код|in_progress|0|1'],
  ],
  [
    'a table that counts tasks',
    '| Phase | Name | Tasks | Depends on | Status |\n|---|---|---|---|---|\n| 1 | A | 1 | - | Done |\n| 2 | B | 2 | 1 | In Progress |\n\n## Phase 1: A\n- [x] x\n\n## Phase 2: B\n- [ ] y\n- [ ] z\n',
    ['1|A|completed|1|', '2|B|in_progress|2|1'],
  ],
  [
    'dependencies in sentences of other languages',
    '## Фаза 1. A\n- [ ] x\n\n## Фаза 2. B\nЗависит от фазы 1\n- [ ] y\n',
    ['1|A|pending|1|', '2|B|pending|1|1'],
  ],
]

describe('plans as strangers write them', () => {
  it.each(HABITS)('have %s', (_, text, expected) => {
    expect(outline(text)).toEqual(expected)
  })

  it.each(HABITS)('with %s get any status, and stay the plan that was approved', (_, text) => {
    for (const { id, title, place } of read(text).phases) {
      for (const status of STATUSES.filter((each) => each !== 'draft')) {
        const written = setPhaseStatus(text, { id, line: place.line }, status)
        const after = read(written).phases.find((phase) => phase.id === id)
        expect([after?.title, after?.status, status]).toEqual([title, status, status])
        expect(withoutStatuses(written)).toBe(withoutStatuses(text))
      }
    }
  })

  it('list files as lines and as lists of tasks', () => {
    const [phase] = read(
      '## Phase 1: A\n### Task 1: X\n**Files:**\n- Create: `src/a.ts`\n\n### Task 2: Y\n**Files:** `src/b.ts`\n',
    ).phases
    expect(phase?.targets.map(({ path }) => path)).toEqual(['src/a.ts', 'src/b.ts'])
    expect(phase?.tasks.map(({ files }) => files)).toEqual([['src/a.ts'], ['src/b.ts']])
  })

  it.each([
    [
      'below its heading',
      '## Phase 1 — Base\n\n| Spec | Status | Depends On |\n|---|---|---|\n| core | done | - |\n\n## Phase 2 — Top\n\n| Spec | Status | Depends On |\n|---|---|---|\n| web | draft | core |\n',
    ],
    [
      'beside its name',
      '| Phase | Spec | Status | Depends On |\n|---|---|---|---|\n| Phase 1: Base | core | done | - |\n| Phase 2: Top | web | draft | core |\n',
    ],
    [
      'by their files',
      '## Phase 1: Base\n## Phase 2: Top\n\n| Phase | Feature | Spec File | Status | Dependencies |\n|---|---|---|---|---|\n| 1 | Core | specs/core-spec.md | done | none |\n| 2 | Web | specs/web-spec.md | draft | core |\n',
    ],
  ])('put the specs of a phase %s', (_, text) => {
    const { file, text: content } = { file: 'manifest.md', text }
    const plan = manifest.read(
      planFiles({ index: file, where: 'docs/plan', names: [file] }, [{ path: file, text: content }]),
    )
    expect(
      plan.phases.map(({ id, title, specs }) => [id, title, specs.map((s) => [s.name, ...s.dependsOn])]),
    ).toEqual([
      ['1', 'Base', [['core']]],
      ['2', 'Top', [['web', 'core']]],
    ])
  })
})

describe('what looks like work and is none', () => {
  const told = (text: string) =>
    read(text)
      .diagnostics.filter(({ rule }) => rule === 'unread-work')
      .map(({ line, message }) => `${line}: ${message}`)

  it.each<[string, string, string[]]>([
    [
      'a phase that is not for now',
      '## Phase 1: A\n- [ ] x\n\n## Future work\n### Phase 2: B\n- [ ] y\n',
      [
        '5: “Phase 2: B” below “Future work” is not read as a phase, and nothing in it runs.',
        '6: 1 open box below “Phase 2: B” belongs to no phase, so nothing works it off.',
      ],
    ],
    [
      'boxes beside the phases',
      '## Phase 1: A\n- [ ] x\n\n## Deployment\n- [x] done\n- [ ] y\n- [ ] z\n',
      ['6: 2 open boxes below “Deployment” belong to no phase, so nothing works them off.'],
    ],
    [
      'HTML',
      '## Phase 1: A\n- [ ] x\n\n## More\n\n<table>\n<tr><td>Phase 2</td></tr>\n</table>\n',
      ['6: This table is HTML, which is not read: what it says about phases and tasks does not count.'],
    ],
    [
      'nothing in a plan that says all in its phases',
      '## Phase 1: A\n- [ ] x\n\n## Acceptance criteria\n- [ ] y\n\n## Open questions\n- [ ] z\n\n## Overview\n- [ ] Phase 1: A\n\n<details>\n\ntext\n\n</details>\n',
      [],
    ],
  ])('is told of %s', (_, text, expected) => {
    expect(told(text)).toEqual(expected)
  })
})
