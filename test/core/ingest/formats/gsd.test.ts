import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { formatOf } from '../../../../src/core/ingest/formats/index.ts'
import { findPlanDirs } from '../../../../src/core/ingest/plan-dirs.ts'
import type { Plan } from '../../../../src/core/model/plan.ts'
import { runPlan } from '../../../formats/fixtures.ts'
import { type Files, readIn } from '../../../formats/memory-plan.ts'
import { writeBackFaults, written } from '../../../formats/write-back.ts'

const DIR = '.planning'
const INDEX = `${DIR}/ROADMAP.md`

const ROADMAP = `# Roadmap: Reader

## Phases

<details>
<summary>✅ v1.0 (Phases 1-2) — SHIPPED 2026-01-02</summary>

- [x] Phase 1: Foundation (2/2 plans) — completed 2026-01-01
- [x] Phase 2: Import - of old files (1/1 plan)

</details>

- [ ] **Phase 3: Search** - find a book
- [ ] **Phase 3.1: Urgent Fix (INSERTED)** - crash on empty query
- [ ] **Phase 4: Share** - send a list

## Phase Details

### Phase 3: Search
**Goal**: Readers find books
**Depends on**: Phase 2
**Requirements**: FIND-01, FIND-02
**Success Criteria** (what must be TRUE):
  1. A name gives matches
  2. Nothing found says so
**Plans**: 2 plans

Plans:
- [ ] 03-01-PLAN.md — Build the index
- [ ] 03-02: Show the matches

### Phase 03.1: Urgent Fix (INSERTED)
**Depends on**: Phase 3
**Plans**: 1 plan

Plans:
- [ ] 03.1-01: Do not crash

### Phase 4: Share
**Depends on**: Nothing (independent)
**Plans**: TBD

Plans:
- [ ] TBD (run /gsd:plan-phase 4 to break down)

## Progress

| Phase | Plans Complete | Status | Completed |
|-------|----------------|--------|-----------|
| 1-2 | 3/3 | Complete | 2026-01-02 |
| 3. Search | 0/2 | Not started | - |
| 3.1 Urgent Fix | 0/1 | Not started | - |
| 4. Share | 0/? | Not started | - |
`
const PLAN = (files: string, rest = ''): string =>
  `---\nphase: 03-search\nplan: 01\nwave: 1\n${rest}files_modified:\n${files}---\n\n<objective>\nMake it.\n</objective>\n`
const FILES: Files = {
  [INDEX]: ROADMAP,
  [`${DIR}/PROJECT.md`]: '# Reader\n',
  [`${DIR}/REQUIREMENTS.md`]: '- [ ] **FIND-01**: By name\n- [ ] **FIND-02**: By author\n',
  [`${DIR}/phases/03-search/03-01-PLAN.md`]: PLAN('  - src/index.ts\n', 'depends_on: []\n'),
  [`${DIR}/phases/03-search/03-02-PLAN.md`]: PLAN(
    '  - ./src/view.ts\n  - src/index.ts\n',
    'depends_on: ["03-01"]\n',
  ),
  [`${DIR}/phases/03-search/03-RESEARCH.md`]: 'Tries are fast.\n',
}
const read = async (files: Files, path = DIR): Promise<Plan> => {
  const { plan, failures } = await readIn(files, path)
  if (plan === undefined) throw new Error(failures.map(({ message }) => message).join())
  return plan
}
const seen = ({ phases }: Plan): unknown[] =>
  phases.map(({ id, title, status, tasks, dependsOn }) => [id, title, status, tasks.length, dependsOn])
const roadmap = (text: string): Files => ({ [INDEX]: text })

describe('a roadmap of GSD', () => {
  test('has its phases, inserted and shipped ones too, with plans from roadmap and disk', async () => {
    const plan = await read(FILES)
    expect([plan.mode, plan.title]).toEqual(['gsd', 'Reader'])
    expect(seen(plan)).toEqual([
      ['1', 'Foundation', 'completed', 2, []],
      ['2', 'Import', 'completed', 1, []],
      ['3', 'Search', 'pending', 2, ['2']],
      ['3.1', 'Urgent Fix (INSERTED)', 'pending', 1, ['3']],
      ['4', 'Share', 'pending', 0, []],
    ])
    expect(plan.phases[2]?.tasks.map(({ id, title, files, after }) => [id, title, files, after])).toEqual([
      ['03-01', 'Build the index', ['src/index.ts'], []],
      ['03-02', 'Show the matches', ['src/view.ts', 'src/index.ts'], ['03-01']],
    ])
    expect(plan.phases[2]?.targets.map(({ path }) => path)).toEqual(['src/index.ts', 'src/view.ts'])
    expect(plan.phases[2]?.criteria.map(({ id, text }) => [id, text])).toEqual([
      ['AC-1', 'A name gives matches'],
      ['AC-2', 'Nothing found says so'],
    ])
    expect(plan.phases.map(({ after }) => after)).toEqual([[], ['1'], ['2'], ['3'], []])
  })

  test('gives agents requirements, research and the bodies of plans', async () => {
    const { context, phases } = await read(FILES)
    expect(context.map(({ path }) => path)).toEqual(['PROJECT.md'])
    expect(phases[2]?.context?.map(({ title, text }) => [title, text])).toEqual([
      ['Requirement FIND-01', 'By name'],
      ['Requirement FIND-02', 'By author'],
      ['03-RESEARCH.md', 'Tries are fast.\n'],
    ])
    expect(phases[2]?.tasks[0]?.context?.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^---\nphase: 03-search\n[^]*<objective>\nMake it\.\n<\/objective>$/u),
    ])
  })

  test('counts as done by summaries of all its plans, as in progress by some', async () => {
    const summary = (name: string): Files => ({ [`${DIR}/phases/03-search/${name}-SUMMARY.md`]: '# Done\n' })
    const some = await read({ ...FILES, ...summary('03-01') })
    expect([some.phases[2]?.status, some.phases[2]?.tasks.map(({ done }) => done)]).toEqual([
      'in_progress',
      [true, false],
    ])
    const all = await read({ ...FILES, ...summary('03-01'), ...summary('03-02') })
    expect(all.phases[2]?.status).toBe('completed')
    expect(all.digest).toBe((await read(FILES)).digest)
    expect(all.diagnostics.map(({ rule, line }) => [rule, line])).toEqual([['contradicting-status', 13]])
  })

  test('may have no checklist: headings with statuses, or nothing but a table', async () => {
    const headings =
      '# Roadmap\n\n| Phase | Status |\n|---|---|\n| 1 | Complete |\n| 2 | Complete |\n\n## Phase 01: One\n\n**Status:** Complete\n\n## Phase 02 - Two\n\n**Status:** Pending\n**Dependencies:** Phase 1 (needs it)\n'
    const plan = await read(roadmap(headings))
    expect(seen(plan)).toEqual([
      ['1', 'One', 'completed', 0, []],
      ['2', 'Two', 'pending', 0, ['1']],
    ])
    expect(plan.diagnostics.map(({ message }) => message)).toEqual([
      'Phase 2 is complete in line 6, and open in line 14; phase 2 counts as pending.',
    ])
    const table =
      '# Roadmap\n\n| # | Phase | Status |\n|---|---|---|\n| 1 | One | Complete |\n| 2 | Two | In Progress |\n'
    expect(seen(await read(roadmap(table)))).toEqual([
      ['1', 'One', 'completed', 0, []],
      ['2', 'Two', 'in_progress', 0, []],
    ])
  })

  test('may count from one again in a later milestone, and parks its backlog', async () => {
    const text =
      '<details>\n<summary>v1</summary>\n\n- [x] **Phase 1: Old**\n\n</details>\n\n- [ ] **Phase 1: New**\n\n### Phase 1: New\n**Goal**: Better\n\n## Backlog\n\n### Phase 999.1: Later (BACKLOG)\n**Plans:** 0/0 plans\n'
    const files = { ...roadmap(text), [`${DIR}/phases/01-new/01-01-PLAN.md`]: '# Do it\n' }
    expect(seen(await read(files))).toEqual([
      ['1', 'Old', 'completed', 0, []],
      ['1#2', 'New', 'pending', 1, []],
      ['999.1', 'Later (BACKLOG)', 'skipped', 0, []],
    ])
  })

  test('is found by its directory, its file, and the changed files of a pull request', async () => {
    expect((await read(FILES, INDEX)).mode).toBe('gsd')
    expect(findPlanDirs([{ path: INDEX, change: 'added' }])).toEqual([{ dir: DIR, sure: true }])
    const plan = `${DIR}/phases/03-search/03-01-PLAN.md`
    expect(findPlanDirs([{ path: plan, change: 'added' }])).toEqual([{ dir: DIR, sure: false }])
  })

  test('gets its boxes, its row of the table and summaries, and nothing else', async () => {
    const plan = await read(FILES)
    const now = written(FILES, plan, 2, 'completed')
    expect(now[INDEX]).toBe(
      ROADMAP.replace('[ ] **Phase 3: ', '[x] **Phase 3: ')
        .replace('[ ] 03-01-PLAN', '[x] 03-01-PLAN')
        .replace('[ ] 03-02:', '[x] 03-02:')
        .replace('0/2 | Not started', '2/2 | Complete'),
    )
    expect(now[`${DIR}/phases/03-search/03-01-SUMMARY.md`]).toContain(
      '# Plan 03-01 Summary\n\n**Make it.**\n',
    )
    expect(written(FILES, plan, 2, 'in_progress')[INDEX]).toBe(
      ROADMAP.replace('0/2 | Not started', '0/2 | In progress'),
    )
    const bare = (text: string): string =>
      text.replace(/\[[ x]\]/gu, '[]').replace(/\| \d\/[\d?] \| [\w ]+ \|/gu, '|')
    expect(await writeBackFaults(FILES, DIR, bare)).toEqual([])
  })

  test('keeps a summary that an agent wrote, and dates the row', async () => {
    const plan = await read(FILES)
    const phase = plan.phases[2]
    if (phase === undefined) throw new Error('no phase')
    const own = plan.files.map(({ path }) => [path, FILES[`${DIR}/${path}`] ?? ''] as const)
    const files = new Map([...own, ['phases/03-search/03-01-SUMMARY.md', 'Mine.\n'] as const])
    expect(formatOf('gsd').creates?.([...files.keys()])).toContain('phases/03-search/03-01-SUMMARY.md')
    const change = {
      phase,
      index: plan.index,
      status: 'completed',
      date: '2026-02-03',
      leftOut: ['03-02'],
    } as const
    const changed = formatOf('gsd').write(files, change)
    expect([...changed.keys()]).toEqual(['ROADMAP.md'])
    expect(changed.get('ROADMAP.md')).toContain('| 3. Search | 0/2 | Complete | 2026-02-03 |')
    expect(changed.get('ROADMAP.md')).toContain('- [ ] 03-02:')
  })

  test('is read and written back whatever stands in it', async () => {
    const line = fc.constantFrom(
      '',
      '## Phases',
      '- [ ] **Phase 1: One** - a',
      '- [x] Phase 2: Two (1/2 plans)',
      '* [ ] Phase 2.1: Between',
      '### Phase 1: One',
      '## Phase 3 — Three ✅',
      '### Phase 2: Another',
      '**Status:** Pending',
      '**Status**: ✅ Complete',
      '**Depends on**: Phase 1, Phase 9',
      '- [ ] 01-01-PLAN.md — x',
      '- [x] 02-01: y',
      '| Phase | Plans Complete | Status | Completed |\n|---|---|---|---|\n| 1. One | 0/2 | Not started | - |\n| 3 | 1/1 | Done |',
      '<details>',
      '</details>',
      '```',
      '## Backlog',
      '<!-- note',
      '-->',
    )
    const document = fc
      .tuple(fc.array(line, { maxLength: 24 }), fc.constantFrom('\n', '\r\n'), fc.constantFrom('', '\uFEFF'))
      .map(([lines, end, mark]) => mark + lines.join('\n').replaceAll('\n', end))
    const bare = (text: string): string =>
      text
        .replace(/\[[ x]\]/gu, '[]')
        .replace(/ ✅$/gmu, '')
        .replace(/^(\*\*Status(?:\*\*:|:\*\*)) .*$/gmu, '$1')
        .replace(/\| \d\/\d \| [\w ]+ \|/gu, '|')
    await fc.assert(
      fc.asyncProperty(document, async (text) => {
        if ((await readIn(roadmap(text), DIR)).mode !== 'gsd') return
        expect(await writeBackFaults(roadmap(text), DIR, bare)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

test('a phase that is done ticks the requirements that it alone names', async () => {
  const { files, path } = runPlan('gsd')
  const { plan } = await readIn(files, path)
  if (plan === undefined) throw new Error('not read')
  const now = written(files, plan, 1, 'completed')['.planning/REQUIREMENTS.md'] ?? ''
  expect(now.match(/- \[x\] \*\*[A-Z]+-\d+/gu)).toHaveLength(9)
  expect(now).toContain('- [x] **SIM-01**: `POST')
  expect(now).toContain('- [ ] **MOD-03**: `GET')
  const again = Object.fromEntries(
    Object.entries(files).map(([name, text]) => [
      name,
      text.replace('**Requirements**: MOD-03', '**Requirements**: SIM-01, MOD-03'),
    ]),
  )
  const shared = written(again, plan, 1, 'completed')['.planning/REQUIREMENTS.md'] ?? ''
  expect(shared).toContain('- [ ] **SIM-01**: `POST')
})
