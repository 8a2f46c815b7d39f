import { describe, expect, it } from '@jest/globals'
import { ingest } from '../../../src/core/ingest/ingest.ts'
import { toJson } from '../../../src/core/ingest/json.ts'
import { exitCode } from '../../../src/core/model/failure.ts'
import { labelsOf, PLANS, planFilesOf } from './fixtures.ts'
import { memorySource } from './memory-source.ts'

const TASKS = '# Plan\n\n## Phase 1: Set up\n- [ ] Create `src/a.ts`\n\n## Phase 2: Use it\n- [ ] Import it\n'
const MANIFEST =
  '# Manifest\n\n| Phase | Sprint | Spec | Status | Depends On |\n|---|---|---|---|---|\n| 1 | 1 | core | draft | -- |\n'

describe('ingest', () => {
  it('names the directory and both file names when there is no plan', async () => {
    const result = await ingest(memorySource({ 'README.md': '# Hi' }))
    expect(result.mode).toBe('invalid')
    expect(result.failures).toEqual([
      {
        reason: 'not-a-plan',
        message: '/repo/docs/plan holds neither manifest.md nor task_plan.md, nor a plan of another planner.',
        hint: 'Name the plan\'s directory or file, or write a task_plan.md with sections such as "## Phase 1: Title".',
      },
    ])
    expect(exitCode(result.failures)).toBe(2)
  })

  it('refuses a plan without phases and says how to write one', async () => {
    const result = await ingest(memorySource({ 'task_plan.md': '# To do\n\n- [ ] one\n- [ ] two\n' }))
    expect(result.failures).toEqual([
      {
        reason: 'empty-plan',
        message: '/repo/docs/plan/task_plan.md names no phase.',
        hint: 'Put the tasks below headings such as "## Phase 1: Title".',
        file: 'task_plan.md',
        line: 1,
      },
    ])
    expect(toJson(result)).toMatchObject({
      mode: 'invalid',
      phases: [],
      diagnostics: [{ rule: 'empty-plan', severity: 'error' }],
    })
  })

  it('refuses a directory with two plans that would both run', async () => {
    const result = await ingest(memorySource({ 'task_plan.md': TASKS, 'manifest.md': MANIFEST }))
    expect(result.failures.map((f) => f.message)).toEqual([
      '/repo/docs/plan holds two plans: manifest.md with 1 phase and task_plan.md with 2 phases.',
    ])
  })

  it('reads the manifest and warns about a task plan that is done', async () => {
    const done = TASKS.replaceAll('[ ]', '[x]')
    const result = await ingest(memorySource({ 'task_plan.md': done, 'manifest.md': MANIFEST }))
    expect(result.failures).toEqual([])
    expect(result.mode).toBe('spec-driven')
    expect(result.diagnostics.map((d) => [d.rule, d.message])).toEqual([
      ['two-plans', 'Beside manifest.md there is a task_plan.md; manifest.md was read.'],
    ])
  })

  it('reads the task plan where manifest.md is about something else', async () => {
    const result = await ingest(memorySource({ 'task_plan.md': TASKS, 'manifest.md': '# Web manifest\n' }))
    expect(result.mode).toBe('task-based')
    expect(result.diagnostics.map((d) => d.file)).toEqual(['manifest.md'])
  })

  it('keeps written order past a phase that was done out of order', async () => {
    const text = `${TASKS}\n## Phase 3: Ship it\n- [ ] Tag it\n`.replace('- [ ] Import', '- [x] Import')
    const { plan } = await ingest(memorySource({ 'task_plan.md': text }))
    expect(plan?.phases.map(({ status, after }) => [status, after])).toEqual([
      ['pending', []],
      ['completed', ['1']],
      ['pending', ['1']],
    ])
  })

  it('runs a plan that states no dependency in written order', async () => {
    const { plan } = await ingest(memorySource({ 'task_plan.md': TASKS }))
    expect(plan?.dependenciesStated).toBe(false)
    expect(plan?.phases.map((p) => [p.id, p.dependsOn, p.after])).toEqual([
      ['1', [], []],
      ['2', [], ['1']],
    ])
  })

  it('waits only for what is stated once anything is', async () => {
    const text = `${TASKS}\n## Phase 3: Docs\n**Depends on:** Phase 1\n- [ ] Write\n`
    const { plan } = await ingest(memorySource({ 'task_plan.md': text }))
    expect(plan?.phases.map((p) => p.after)).toEqual([[], [], ['1']])
  })

  it('prints the published JSON', async () => {
    const text =
      '# Plan\n\n## Phase 1.5: Set-up ✅\n\n### Files to Create\n- `src/a.ts`\n\n### Tasks\n1. Create the config\n2. Test it\n\n### Acceptance Criteria\n- It starts\n'
    expect(toJson(await ingest(memorySource({ 'task_plan.md': text })))).toEqual({
      mode: 'task-based',
      phases: [
        {
          id: '1.5',
          title: 'Set-up',
          status: 'completed',
          dependsOn: [],
          files: ['src/a.ts'],
          line: 3,
          tasks: [
            { id: '1.5.1', title: 'Create the config', done: false, files: [], line: 9 },
            { id: '1.5.2', title: 'Test it', done: false, files: [], line: 10 },
          ],
          criteria: [{ id: 'AC-1', text: 'It starts', line: 13 }],
          specs: [],
        },
      ],
      diagnostics: [],
    })
  })

  it('tells that a file is not UTF-8', async () => {
    const result = await ingest(memorySource({ 'task_plan.md': TASKS.replace('Set up', '\uFFFD') }))
    expect(result.diagnostics.map((d) => d.rule)).toEqual(['not-utf-8'])
  })
})

describe('plans that people wrote', () => {
  const scored = PLANS.filter((name) => labelsOf(name).scoring === 'full')
  it.each(scored)('%s is read as its label says', async (name) => {
    const labels = labelsOf(name)
    const json = toJson(await ingest(memorySource(planFilesOf(name))))
    expect(json.mode).toBe(labels.mode)
    if (labels.mode === 'invalid') return
    expect(json.phases.map((p) => p.id)).toEqual(labels.phases.map((p) => p.id))
    for (const [index, label] of labels.phases.entries()) {
      const phase = json.phases[index]
      if (label.title !== null) expect(fold(phase?.title)).toBe(fold(label.title))
      if (label.status !== null) expect(phase?.status).toBe(label.status)
      if (label.taskCount !== null) expect(phase?.tasks).toHaveLength(label.taskCount)
      expect(phase?.dependsOn).toEqual(label.dependsOn)
    }
  })

  it.each(PLANS)('%s gives a place inside its files for every node', async (name) => {
    const files = planFilesOf(name)
    const { plan } = await ingest(memorySource(files))
    for (const phase of plan?.phases ?? []) {
      for (const place of [
        phase.place,
        ...phase.tasks.map((t) => t.place),
        ...phase.targets.map((t) => t.place),
      ]) {
        expect(place.line).toBeLessThanOrEqual((files[place.file] ?? '').split('\n').length)
      }
    }
  })
})

const fold = (text: string | undefined): string =>
  (text ?? '')
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
