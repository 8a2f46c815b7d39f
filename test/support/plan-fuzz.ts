/** Plans that nobody would write, as fast-check draws them. */
import fc from 'fast-check'
import type { Files } from '../formats/memory-plan.ts'
import { damagedPlans } from './fuzz-damage.ts'
import { damagedJson } from './fuzz-json.ts'
import { markdown } from './fuzz-markdown.ts'
import { each } from './fuzz-plans.ts'
import type { BytesOfPlan } from './plan-faults.ts'

/** Where a file is read as a plan of each kind, and what else lies there. */
const PLACES: readonly { at: string; path: string; more: Files }[] = [
  { at: 'plan/task_plan.md', path: 'plan', more: {} },
  {
    at: 'plan/task_plan.md',
    path: 'plan',
    more: { 'plan/findings.md': '# Findings\n', 'plan/progress.md': '' },
  },
  {
    at: 'plan/manifest.md',
    path: 'plan',
    more: { 'plan/specs/core-spec.md': '# Core\n\n## Tasks\n\n1. Do it\n' },
  },
  {
    at: 'plan/specs/core-spec.md',
    path: 'plan',
    more: {
      'plan/manifest.md':
        '# P\n\n| Phase | Sprint | Spec | Status | Depends On |\n|---|---|---|---|---|\n| 1 | 1 | core | draft | — |\n| 2 | 1 | b | draft | core |\n',
    },
  },
  { at: 'PLAN.md', path: 'PLAN.md', more: {} },
  {
    at: '.kiro/specs/x/tasks.md',
    path: '.kiro/specs/x',
    more: { '.kiro/specs/x/requirements.md': '### Requirement 1\n' },
  },
  { at: 'openspec/changes/x/tasks.md', path: 'openspec/changes/x', more: {} },
  {
    at: 'specs/001-x/tasks.md',
    path: 'specs/001-x',
    more: { 'specs/001-x/spec.md': '### User Story 1 - A\n' },
  },
  { at: 'docs/superpowers/plans/x.md', path: 'docs/superpowers/plans/x.md', more: {} },
  {
    at: '.planning/ROADMAP.md',
    path: '.planning',
    more: { '.planning/phases/01-a/01-01-PLAN.md': '---\nphase: 1\n---\n' },
  },
  { at: 'docs/stories/1.1.story.md', path: 'docs', more: { 'docs/prd.md': '## Epic 1: A\n' } },
  {
    at: 'docs/prd.md',
    path: 'docs',
    more: { 'docs/stories/1.1.story.md': '# Story 1.1: A\n\n## Tasks\n\n- [ ] a\n' },
  },
]

/** Markdown where a plan of some format is looked for. */
export const plansOfPieces: fc.Arbitrary<BytesOfPlan> = fc
  .tuple(fc.constantFrom(...PLACES), markdown)
  .map(([{ at, path, more }, text]) => ({ files: each({ ...more, [at]: text }), path }))

/** Each kind of plan, by name. */
export const FUZZED: Readonly<Record<string, fc.Arbitrary<BytesOfPlan>>> = {
  'Markdown of pieces': plansOfPieces,
  'damaged plans': damagedPlans,
  'damaged JSON': damagedJson,
}
