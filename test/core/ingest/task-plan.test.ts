import { describe, expect, it } from '@jest/globals'
import { readTaskPlan } from '../../../src/core/ingest/formats/task-plan.ts'

const read = (text: string) => readTaskPlan(text, 'task_plan.md')
const ids = (text: string) => read(text).phases.map((p) => `${p.id}|${p.title}|${p.status}`)

describe('phases of a task plan', () => {
  it.each([
    ['## Phase 1: Set up', '1|Set up|pending'],
    ['### Phase 1.5 — Set up ✅', '1.5|Set up|completed'],
    ['## 🚀 Phase 3a: Set up (in progress)', '3a|Set up|in_progress'],
    ['# PHASE 0 - Set up', '0|Set up|pending'],
    ['### 第二阶段：准备', '2|准备|pending'],
    ['### 阶段 12: 准备 [已完成]', '12|准备|completed'],
    ['## フェーズ1：準備', '1|準備|pending'],
    ['## 1단계: 준비', '1|준비|pending'],
    ['## Fase 2 — Criar (✅ Concluída)', '2|Criar|completed'],
    ['## Этап 1. Подготовка', '1|Подготовка|pending'],
    ['## Étape 4 : Mise en place', '4|Mise en place|pending'],
    ['## שלב 2: בנייה', '2|בנייה|pending'],
    ['## Stage A: Blueprint', 'A|Blueprint|pending'],
    ['## Phase IV: Roll out', 'IV|Roll out|pending'],
    ['## ~~Phase 2: Old~~ — `skipped`', '2|Old|skipped'],
    ['## **Phase 1** - MVP - COMPLETE (40/40)', '1|MVP|completed'],
  ])('reads %s', (heading, expected) => {
    expect(ids(`# Plan\n\n${heading}\n\ntext\n`)).toEqual([expected])
  })

  it('takes no heading that only mentions a phase', () => {
    const text =
      '## Phase 1: Build\n- [ ] a\n\n### Phase 1 Acceptance Criteria\n- works\n\n## New files (Phase 1)\n- x\n\n## Current Phase\nPhase 1\n\n## Critical Path (Phase 1〜2)\n- y\n'
    expect(ids(text)).toEqual(['1|Build|pending'])
  })

  it('takes no phase from code, comments and diagrams', () => {
    expect(
      ids('## Phase 1: Real\n\n```\n## Phase 2: Fence\n```\n\n<!--\n## Phase 3: Comment\n-->\n'),
    ).toEqual(['1|Real|pending'])
  })

  it('reads a checklist under a heading for phases', () => {
    expect(
      ids(
        '## Phases\n- [x] Read\n- [completed] Write\n- [in_progress] Run\n- [ ] **Phase 9: Stop** — at last\n',
      ),
    ).toEqual(['1|Read|completed', '2|Write|completed', '3|Run|in_progress', '9|Stop|pending'])
  })

  it('reads a table of phases, whatever the order of its columns', () => {
    expect(
      ids('## 阶段\n| 阶段 | 状态 | 内容 |\n|---|---|---|\n| 1 | complete | 定位 |\n| 2 | | 梳理 |\n'),
    ).toEqual(['1|定位|completed', '2|梳理|pending'])
  })

  it('prefers a status line over the heading, the heading over a table, a table over ticked boxes', () => {
    const text =
      '| Phase | Status |\n|---|---|\n| 1 | done |\n| 2 | done |\n| 3 | blocked |\n\n## Phase 1: A ✅\n**Status:** failed\n\n## Phase 2: B 🔄\n\n## Phase 3: C\n- [x] t\n\n## Phase 4: D\n- [x] t\n'
    expect(read(text).phases.map((p) => p.status)).toEqual(['failed', 'in_progress', 'blocked', 'completed'])
  })

  it('says where a status is none that it knows', () => {
    expect(read('## Phase 1: A\n\n**Status:** purple\n').diagnostics).toEqual([
      {
        rule: 'unknown-status',
        severity: 'warning',
        file: 'task_plan.md',
        line: 3,
        message: 'Phase 1 has the status "purple", which is none we know.',
        hint: 'Write pending, in_progress, completed, blocked, skipped or failed.',
        phase: '1',
      },
    ])
  })

  it('keeps the text of a phase for prompts, without the next one', () => {
    const [first] = read('# P\n\n## Phase 1: A\nDo it.\n\n- [ ] t\n  more\n\n## Phase 2: B\nx\n').phases
    expect(first?.text).toBe('Do it.\n\n- [ ] t\n  more')
  })
})

describe('tasks of a phase', () => {
  const tasks = (body: string) =>
    read(`## Phase 1: A\n${body}`).phases[0]?.tasks.map((t) => `${t.id}|${t.title}|${t.done}`)

  it('takes items, not their details, and no list about something else', () => {
    expect(
      tasks(
        '**Goals:**\n- be good\n\n**Tasks:**\n- [x] one\n  - detail\n- [ ] two\n\n**Deliverables:**\n- `a.md`\n\n**验收标准**:\n- [ ] ok\n',
      ),
    ).toEqual(['1.1|one|true', '1.2|two|false'])
  })

  it('takes signs for boxes and keeps written ids', () => {
    expect(tasks('- ✅ **A.1** first\n- [ ] 1.2: second\n- [ ] third\n')).toEqual([
      'A.1|first|true',
      '1.2|second|false',
      '1.3|third|false',
    ])
  })

  it('takes list items without the blank behind the dash', () => {
    expect(tasks('-[x] one\n-[ ] two\n-**Status:** pending\n')).toEqual(['1.1|one|true', '1.2|two|false'])
  })

  it('takes no status, owner or file line for a task', () => {
    expect(tasks('- Status: pending\n- Owner: me\n- do it\n- Files: a.ts\n')).toEqual(['1.1|do it|false'])
  })

  it('takes task headings with their details below', () => {
    expect(
      tasks('### Task 1: Build\n- Status: done\n- Files: `src/a.ts`\n\n### Task 2: Test\n- run\n'),
    ).toEqual(['1.1|Build|true', '1.2|Test|false'])
  })

  it('takes rows of a task table with their files', () => {
    const [phase] = read(
      '## Phase 1: A\n| # | Task | Files | Status |\n|---|---|---|---|\n| 1.1 | Make | `src/a.ts` | done |\n',
    ).phases
    expect(phase?.tasks).toEqual([
      { id: '1.1', title: 'Make', done: true, files: ['src/a.ts'], place: { file: 'task_plan.md', line: 4 } },
    ])
  })
})

describe('dependencies of a phase', () => {
  const dependsOn = (last: string) =>
    read(`## Phase 1: A\n\n## Phase 2: B\n\n## Phase 3: C\n\n## Phase 4: D${last}\n`).phases.at(-1)?.dependsOn

  it.each([
    ['\n**Depends on:** Phase 1, Phase 3', ['1', '3']],
    ['\n- Depends on: Phases 1-3', ['1', '2', '3']],
    ['\n**Dependency:** Phase 2 complete — with its tables.', ['2']],
    ['\n**依赖**: 阶段 1, 2', ['1', '2']],
    ['\n**Blocked by:** 2', ['2']],
    ['\n**Dependencies:** None', []],
    ['\n**Depends on:** all previous phases', ['1', '2', '3']],
    ['\nThis phase depends on Phase 2.', ['2']],
    [' (after Phase 3)', ['3']],
    ['\n**Status:** blocked by Phase 1', ['1']],
    // what a run writes over it: the phase waits for the same ones
    ['\n**Status:** in_progress — was: blocked by Phase 1', ['1']],
    ['\n**Status:** Completed — was: Blocked — waiting on Phase 1', ['1']],
  ])('reads %j', (text, expected) => {
    expect(dependsOn(text)).toEqual(expected)
  })

  it('keeps what names no phase of the plan', () => {
    const [, phase] = read('## Phase 1: A\n\n## Phase 2: B\n**Depends on:** Phase 7\n').phases
    expect(phase?.unknownDependencies).toEqual([{ text: '7', place: { file: 'task_plan.md', line: 4 } }])
  })

  it('says that a phase depends on itself, at its line, and passes it over', () => {
    const plan = read('## Phase 1: A\n\n## Phase 2: B\n**Depends on:** Phase 1, Phase 2\n')
    expect(plan.diagnostics.map((d) => [d.rule, d.line])).toEqual([['self-dependency', 4]])
    expect(plan.phases[1]?.dependsOn).toEqual(['1'])
  })

  it('takes a chain that ends in the phase for no dependency on itself', () => {
    expect(read('## Phase 1: A\n\n## Phase 2: B\n**Depends on:** Phase 1 → Phase 2\n').diagnostics).toEqual(
      [],
    )
  })

  it('says that a dependency on something else does not count', () => {
    const plan = read('## Phase 1: A\n**Dependencies:** Redis and a cup of tea\n')
    expect(plan.diagnostics.map((d) => [d.rule, d.line])).toEqual([['dependency-not-understood', 2]])
  })
})

describe('a phase number that stands twice', () => {
  const told = (text: string) => {
    const { phases, diagnostics } = read(text)
    return {
      phases: phases.map(({ id, title }) => `${id} ${title}`),
      told: diagnostics.filter(({ rule }) => rule === 'duplicate-phase'),
    }
  }

  it('counts once, and is told with both lines and what becomes of the second', () => {
    const { phases, told: diagnostics } = told(
      '## Phase 1: A\n- [ ] One\n\n## Phase 2: B\n- [ ] Two\n\n## Phase 2: More\n- [ ] Three\n',
    )
    expect(phases).toEqual(['1 A', '2 B'])
    expect(diagnostics).toEqual([
      {
        rule: 'duplicate-phase',
        severity: 'warning',
        file: 'task_plan.md',
        line: 7,
        message:
          'Phase 2 stands twice, at line 4 and at line 7. The one at line 4 counts, this one is left out with all its tasks.',
        hint: 'Give it a number of its own, or put its tasks into the other.',
        phase: '2',
      },
    ])
  })

  it.each([
    ['## Phases\n- [ ] Phase 1: A\n- [ ] Phase 2: B\n- [ ] Phase 2: C\n', [4]],
    [
      '## Phases\n| Phase | Title | Status |\n|---|---|---|\n| 1 | A | done |\n| 2 | B | pending |\n| 2 | C | pending |\n',
      [6],
    ],
    ['## Phase 1: A\n- [ ] One\n\n## Phase 1: B\n- [ ] Two\n\n## Phase 1: C\nWords.\n', [4, 7]],
  ])('in %j is told at its line', (text, lines) => {
    const { phases, told: diagnostics } = told(text)
    expect(new Set(phases.map((phase) => phase.split(' ')[0])).size).toBe(phases.length)
    expect(diagnostics.map(({ line }) => line)).toEqual(lines)
  })

  it('is nothing to tell where one of them holds nothing', () => {
    expect(told('## Phase 1: A\n\n## Phase 2: B\n\n## Phase 1: A\n- [ ] One\n').told).toEqual([])
    expect(told('## Phase 1: A\n- [ ] One\n\n## Phase 1\n').told).toEqual([])
  })
})
