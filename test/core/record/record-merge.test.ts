import { describe, expect, it } from '@jest/globals'
import { withoutStatuses } from '../../../src/core/ingest/digest.ts'
import { ingest } from '../../../src/core/ingest/ingest.ts'
import type { Plan, Status } from '../../../src/core/model/plan.ts'
import type { PhaseResult } from '../../../src/core/model/phase-result.ts'
import { formatOf } from '../../../src/core/ingest/formats/index.ts'
import { recordMerge } from '../../../src/core/record/record-merge.ts'
import { PLANS, planFilesOf } from '../ingest/fixtures.ts'
import { memorySource } from '../ingest/memory-source.ts'
import { resultOf } from './result.ts'

const read = async (files: Record<string, string>): Promise<Plan | undefined> =>
  (await ingest(memorySource(files))).plan

const with_ = (
  files: Record<string, string>,
  changed: ReadonlyMap<string, string>,
): Record<string, string> => ({
  ...files,
  ...Object.fromEntries(changed),
})

const record = (files: Record<string, string>, plan: Plan, index: number, status: Status) => {
  const phase = plan.phases[index]
  if (phase === undefined) throw new Error('no such phase')
  const change = { index: plan.index, phase, status }
  return formatOf(plan.mode).write(new Map(Object.entries(files)), change)
}

const count = (text: string, piece: string): number => text.split(piece).length - 1

describe('recording a merge in plans that people wrote', () => {
  it.each(PLANS)(
    '%s: every phase reads as completed, the others as before, and the digest stays',
    async (name) => {
      const files = planFilesOf(name)
      const plan = await read(files)
      for (const [index, phase] of plan?.phases.entries() ?? []) {
        const after = await read(with_(files, record(files, plan as Plan, index, 'completed')))
        expect([phase.id, after?.phases[index]?.status]).toEqual([phase.id, 'completed'])
        expect(after?.phases.map((p, i) => (i === index ? '' : p.status))).toEqual(
          plan?.phases.map((p, i) => (i === index ? '' : p.status)),
        )
        expect(after?.digest).toBe(plan?.digest)
        expect(after?.phases.map((p) => p.tasks.map((t) => t.title))).toEqual(
          plan?.phases.map((p) => p.tasks.map((t) => t.title)),
        )
      }
    },
  )

  it.each(PLANS)('%s: one phase after the other, and nothing but statuses changes', async (name) => {
    const files = planFilesOf(name)
    const plan = await read(files)
    let now = files
    for (const index of plan?.phases.keys() ?? [])
      now = with_(now, record(now, plan as Plan, index, 'completed'))
    for (const [path, text] of Object.entries(now)) {
      expect(withoutStatuses(text)).toBe(withoutStatuses(files[path] ?? ''))
      expect(count(text, '\r\n')).toBe(count(files[path] ?? '', '\r\n'))
      expect(count(text, '\n')).toBe(count(files[path] ?? '', '\n'))
    }
    const after = await read(now)
    expect(after?.phases.map((p) => p.status)).toEqual(plan?.phases.map(() => 'completed'))
    // a second time there is nothing left to do
    for (const index of plan?.phases.keys() ?? [])
      expect(record(now, after as Plan, index, 'completed').size).toBe(0)
  })

  it.each(PLANS)('%s: skipped and failed read back too', async (name) => {
    const files = planFilesOf(name)
    const plan = await read(files)
    for (const status of ['skipped', 'failed'] as const) {
      for (const index of [...(plan?.phases.keys() ?? [])].slice(-2)) {
        const after = await read(with_(files, record(files, plan as Plan, index, status)))
        expect(after?.phases[index]?.status).toBe(status)
        expect(after?.digest).toBe(plan?.digest)
      }
    }
  })
})

describe('the manner of a file is kept', () => {
  const after = async (text: string, index = 0, status: Status = 'completed'): Promise<string> => {
    const files = { 'task_plan.md': text }
    const plan = await read(files)
    return record(files, plan as Plan, index, status).get('task_plan.md') ?? text
  }

  it.each([
    ['## Phase 1: A\n- [ ] t\n', '## Phase 1: A ✅\n- [x] t\n'],
    ['## Phase 1: A (In Progress)\n', '## Phase 1: A (Completed)\n'],
    ['## Phase 1: A — `pending`\n', '## Phase 1: A — `completed`\n'],
    ['## Phase 1: A ⏸️ pending\n', '## Phase 1: A ✅ completed\n'],
    [
      '## Phase 1: A\r\n- **Status:** in_progress\r\n- [x] t\r\n',
      '## Phase 1: A\r\n- **Status:** completed\r\n- [x] t\r\n',
    ],
    ['## Phase 1: A\n**状态**: 待开始\n', '## Phase 1: A\n**状态**: 已完成\n'],
    [
      '## Phase 1: A\n**Status:** blocked by B\n',
      '## Phase 1: A\n**Status:** completed — was: blocked by B\n',
    ],
    [
      '## Phase 1: A\n**Status:** Blocked — waiting on Phase 2\n',
      '## Phase 1: A\n**Status:** Completed — was: Blocked — waiting on Phase 2\n',
    ],
    ['## Phases\n- [in_progress] one\n- [complete] two\n', '## Phases\n- [complete] one\n- [complete] two\n'],
    ['## Phases\n1. one\n2. two\n', '## Phases\n1. one ✅\n2. two\n'],
    [
      '| # | Phase | Status |\n|---|---|---|\n| 1 | one | pending |\n',
      '| # | Phase | Status |\n|---|---|---|\n| 1 | one | completed |\n',
    ],
  ])('%j', async (before, expected) => {
    expect(await after(before)).toBe(expected)
  })

  it('uses the word that the file has for it', async () => {
    expect(await after('## Phase 1: A\nStatus: done\n\n## Phase 2: B\nStatus: todo\n', 1)).toContain(
      '## Phase 2: B\nStatus: done\n',
    )
  })

  it('sets the overview table too, and leaves tables about other things', async () => {
    const text =
      '| Phase | Status |\n|---|---|\n| Phase 1 | ⏳ Pending |\n\n| Error | Phase | Status |\n|---|---|---|\n| x | Phase 1 | open |\n\n## Phase 1: A\n- [ ] t\n'
    expect(await after(text)).toBe(
      text.replace('⏳ Pending', '✅ Completed').replace('1: A', '1: A ✅').replace('[ ]', '[x]'),
    )
  })

  it('ticks nothing for a phase that was skipped', async () => {
    expect(await after('## Phase 1: A\n- [ ] t\n', 0, 'skipped')).toBe('## Phase 1: A ⏭️\n- [ ] t\n')
  })
})

describe('recordMerge', () => {
  it('writes the manifest, the specs and progress.md of a spec-driven plan', async () => {
    const files = planFilesOf('cycle')
    const plan = (await read(files)) as Plan
    const phase = plan.phases[1]
    const result: PhaseResult = { ...resultOf('1'), title: phase?.title ?? '' }
    const changed = recordMerge(
      {
        files: new Map(Object.entries(files)),
        index: plan.index,
        phase: phase as Plan['phases'][number],
        result,
        date: '2026-01-02',
      },
      formatOf(plan.mode),
    )
    expect([...changed.keys()].sort()).toEqual([
      'manifest.md',
      'progress.md',
      'specs/docker-sandbox-spec.md',
      'specs/dspy-integration-spec.md',
      'specs/mcp-server-spec.md',
    ])
    expect(changed.get('manifest.md')).toBe(
      (files['manifest.md'] ?? '').replace(/(\| 1 \| \d \| [\w-]+ \| )ready/gu, '$1completed'),
    )
    expect(changed.get('specs/mcp-server-spec.md')).toBe(
      (files['specs/mcp-server-spec.md'] ?? '').replace('status: draft', 'status: completed'),
    )
    expect(changed.get('progress.md')).toContain('| mcp-server | 1 | 2 | completed | -- | 2026-02-12 |')
    expect(changed.get('progress.md')).toMatch(
      /\n\n## Phase 1: .* — completed \(2026-01-02\)\n\n- Specs: docker-sandbox, dspy-integration, mcp-server\n/u,
    )
  })

  it('creates progress.md where there is none', async () => {
    const files = { 'task_plan.md': '## Phase 1: A\n- [ ] t\n' }
    const plan = (await read(files)) as Plan
    const changed = recordMerge(
      {
        files: new Map(Object.entries(files)),
        index: plan.index,
        phase: plan.phases[0] as Plan['phases'][number],
        result: resultOf('1'),
        date: '2026-01-02',
      },
      formatOf(plan.mode),
    )
    expect(changed.get('progress.md')).toBe(`# Progress

## Phase 1: Build — completed (2026-01-02)

- Commits:
  - \`aaaaaaaaaa\` orchestrate(phase-1): Build
- Build: pass (\`make\`)
- Tests: pass (\`make test\`), 12 passed, 0 failed, 1 skipped
- Reviews: test 0/0/1/0, code 0/1/0/0, perf 0/0/0/0 (P0/P1/P2/P3), p2_p3_only
- Fixed: C1 (P1)
- Deferred:
  - P2 src/a.ts:3 Name it
- Decisions:
  - Keep it small
- Took: 90 s
`)
  })
})
