import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { findPlanDirs } from '../../../../src/core/ingest/plan-dirs.ts'
import type { Plan } from '../../../../src/core/model/plan.ts'
import { type Files, readIn } from '../../../formats/memory-plan.ts'
import { writeBackFaults, written } from '../../../formats/write-back.ts'

const story = (
  id: string,
  title: string,
  status: string,
  tasks = '- [ ] Task 1: Do it (AC: 1)\n  - [ ] In src/a.ts\n- [ ] Test it\n',
  notes = '',
): string =>
  `# Story ${id}: ${title}\n\n## Status\n\n${status}\n\n## Story\n\nAs a reader I search.\n\n## Acceptance Criteria\n\n1. It finds\n2. It is fast\n\n## Tasks / Subtasks\n\n${tasks}\n## Dev Notes\n\n${notes}\n## Dev Agent Record\n\n- [ ] private\n`

const V4: Files = {
  'docs/prd.md': '# PRD\n',
  'docs/stories/1.1.story.md': story('1.1', 'Set up', 'Done', '- [x] Make\n'),
  'docs/stories/1.10.story.md': story('1.10', 'Last', 'Ready for Review'),
  'docs/stories/1.2.story.md': story(
    '1.2',
    'Search',
    'Draft',
    undefined,
    'Dependencies:\n- Story 1.1 (set up) - Node 20.1\n- Stories 1.8-1.10\n- Python 3.12\n',
  ),
  'docs/stories/notes.md': '# Notes\n',
}
const SPRINT = `# comment: stays
generated: 2026-01-01
development_status:
  # Epic 1
  epic-1: in-progress
  1-1-set-up: done
  1-2-full-text-search: "ready-for-dev" # next
  1-3-share-a-list:   backlog
  epic-1-retrospective: optional
`
const AT = '_bmad-output/implementation-artifacts'
const V6: Files = {
  [`${AT}/sprint-status.yaml`]: SPRINT,
  [`${AT}/1-2-full-text-search.md`]:
    '# Story 1.2: Full-text Search\n\nStatus: ready-for-dev\n\n## Tasks / Subtasks\n\n- [ ]Task 1: Index\n  - [ ] Sub\n- [ ] Task 2: View\n',
  [`${AT}/1-2-of-another-product.md`]: '# Story 1.2: Other\n\nStatus: done\n',
  '_bmad-output/planning-artifacts/epics.md':
    '# Epics\n\n## Epic 1: Reader\n\n### Story 1.1: Set Up\n\n**Prerequisites:** None\n\n### Story 1.2: Full-text Search\n\n**Prerequisites:** Story 1.1 (needs 1.3 not)\n\n### Story 1.3: Share a List!\n\n**Prerequisites:** Story 1.1, 1.2\n',
}
const read = async (files: Files, path: string): Promise<Plan> => {
  const { plan, failures } = await readIn(files, path)
  if (plan === undefined) throw new Error(failures.map(({ message }) => message).join())
  return plan
}
const seen = ({ phases }: Plan): unknown[] =>
  phases.map(({ id, title, status, tasks, dependsOn }) => [id, title, status, tasks.length, dependsOn])
const bare = (text: string): string =>
  text
    .replace(/\[[ x]\]/gu, '[]')
    .replace(/^(## Status\s+).*$/gmu, '$1')
    .replace(/^(Status:) .*$/gmu, '$1')
    .replace(/^( {2}\d-\d[\w-]*: *)["\w-]+/gmu, '$1')

describe('stories of BMAD', () => {
  test('in files: by number, with their tasks, statuses and dependencies', async () => {
    const plan = await read(V4, 'docs')
    expect(plan.mode).toBe('bmad')
    expect(seen(plan)).toEqual([
      ['1.1', 'Set up', 'completed', 1, []],
      ['1.2', 'Search', 'pending', 2, ['1.1', '1.10']],
      ['1.10', 'Last', 'in_progress', 2, []],
    ])
    const search = plan.phases[1]
    expect(search?.tasks.map(({ id, title, files, after }) => [id, title, files, after])).toEqual([
      ['1.2.1', 'Do it (AC: 1)', ['src/a.ts'], []],
      ['1.2.2', 'Test it', [], ['1.2.1']],
    ])
    expect(search?.criteria.map(({ id, text }) => [id, text])).toEqual([
      ['AC-1', 'It finds'],
      ['AC-2', 'It is fast'],
    ])
    expect(search?.text).toContain('Dependencies:')
    expect(search?.text).not.toContain('private')
    expect(search?.unknownDependencies.map(({ text }) => text)).toEqual(['Story 1.8', 'Story 1.9'])
    expect(plan.context.map(({ path }) => path)).toEqual(['prd.md'])
  })

  test('in a sprint: what it lists, titles and prerequisites from stories and epics', async () => {
    const plan = await read(V6, '_bmad-output')
    expect(seen(plan)).toEqual([
      ['1.1', 'Set Up', 'completed', 0, []],
      ['1.2', 'Full-text Search', 'pending', 2, ['1.1']],
      ['1.3', 'Share a List!', 'pending', 0, ['1.1', '1.2']],
    ])
  })

  test('in epics alone, sharded too, before there is a sprint', async () => {
    const epics = (name: string): Files => ({
      [`_bmad-output/planning-artifacts/${name}`]:
        '# Epic 1\n\n## Story 1.1: One\n\nText.\n\n## Story 1.2: Two\n',
    })
    for (const name of ['epics.md', 'epics/epic-1-reader.md']) {
      const plan = await read(epics(name), '_bmad-output')
      expect(seen(plan)).toEqual([
        ['1.1', 'One', 'pending', 0, []],
        ['1.2', 'Two', 'pending', 0, []],
      ])
      expect(
        await writeBackFaults(epics(name), '_bmad-output', (text) => text.replace(/ ✅$/gmu, '')),
      ).toEqual([])
    }
  })

  test('name both lines where sprint and story, or story and task, say different things', async () => {
    const files = {
      ...V6,
      [`${AT}/1-1-set-up.md`]: '# Story 1.1: Set Up\n\nStatus: review\n',
    }
    const sprint = await read(files, '_bmad-output')
    expect(sprint.diagnostics.map(({ rule, line, message }) => [rule, line, message])).toEqual([
      [
        'contradicting-status',
        6,
        'Story 1.1 is "done" in line 6 of implementation-artifacts/sprint-status.yaml and "review" in line 3 of implementation-artifacts/1-1-set-up.md; it counts as completed.',
      ],
    ])
    const done = await read({ 'docs/stories/1.1.story.md': story('1.1', 'A', 'Done') }, 'docs')
    expect(done.diagnostics.map(({ line, message }) => [line, message])).toEqual([
      [5, 'Story 1.1 is done in line 5, and its task in line 18 is open; it counts as completed.'],
    ])
  })

  test('are found by directory, sprint, and the changed files of a pull request', async () => {
    expect((await read(V6, `${AT}/sprint-status.yaml`)).mode).toBe('bmad')
    expect((await read(V4, 'docs/stories')).phases.length).toBe(3)
    expect(findPlanDirs([{ path: `${AT}/sprint-status.yaml`, change: 'modified' }])).toEqual([
      { dir: '_bmad-output', sure: true },
    ])
    expect(findPlanDirs([{ path: 'docs/stories/1.2.story.md', change: 'added' }])).toEqual([
      { dir: 'docs', sure: false },
    ])
    expect((await readIn({ 'docs/guide.md': '# Guide\n' }, 'docs')).mode).toBe('invalid')
  })

  test('get their status in sprint and story, and their boxes', async () => {
    const plan = await read(V6, '_bmad-output')
    const now = written(V6, plan, 1, 'completed')
    expect(now[`${AT}/sprint-status.yaml`]).toBe(SPRINT.replace('"ready-for-dev"', '"done"'))
    expect(now[`${AT}/1-2-full-text-search.md`]).toBe(
      (V6[`${AT}/1-2-full-text-search.md`] ?? '')
        .replace('Status: ready-for-dev', 'Status: done')
        .replaceAll('[ ]', '[x]'),
    )
    expect(written(V6, plan, 2, 'in_progress')[`${AT}/sprint-status.yaml`]).toBe(
      SPRINT.replace('backlog', 'in-progress'),
    )
    const v4 = await read(V4, 'docs')
    expect(written(V4, v4, 1, 'completed')['docs/stories/1.2.story.md']).toContain('## Status\n\nDone\n')
    expect(await writeBackFaults(V6, '_bmad-output', bare)).toEqual([])
    expect(await writeBackFaults(V4, 'docs', bare)).toEqual([])
  })

  test('keep every other byte, whatever statuses and tasks they have', async () => {
    const status = fc.constantFrom(
      'Draft',
      'Approved',
      'done',
      'Ready for Review',
      'InProgress',
      '✅ Done',
      'In Progress (2026-01-02)',
    )
    const tasks = fc
      .array(fc.constantFrom('- [ ] A', '- [x] B', '  - [ ] a1', '```', '', 'text'), { maxLength: 8 })
      .map((lines) => `${lines.join('\n')}\n`)
    const end = fc.constantFrom('\n', '\r\n')
    await fc.assert(
      fc.asyncProperty(status, tasks, end, async (said, list, lineEnd) => {
        const files = {
          'docs/stories/1.1.story.md': story('1.1', 'A', said, list).replaceAll('\n', lineEnd),
          'docs/stories/1.2.b.md': `\uFEFF# Story 1.2: B\n\n**Status:** ${said}\n\n## Tasks\n\n${list}`,
        }
        const without = (text: string): string => bare(text).replace(/^(\*\*Status:\*\*) .*$/gmu, '$1')
        expect(await writeBackFaults(files, 'docs', without)).toEqual([])
      }),
      { numRuns: 40 },
    )
  })
})
