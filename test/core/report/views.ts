import type { PhaseResult } from '../../../src/core/model/phase-result.ts'
import type { PhaseView, RunView } from '../../../src/core/pipeline-types.ts'

const NONE = { P0: 0, P1: 0, P2: 0, P3: 0 }

export const result = (over: Partial<PhaseResult> = {}): PhaseResult => ({
  status: 'completed',
  phase: '1',
  title: 'Set-up',
  attempt: 1,
  commits: [
    { sha: 'a'.repeat(40), subject: 'orchestrate(phase-1): Create the config' },
    { sha: 'b'.repeat(40), subject: 'orchestrate(phase-1): fix P0+P1 findings' },
  ],
  merge: 'c'.repeat(40),
  build: { status: 'pass', command: 'node build.mjs' },
  tests: { status: 'pass', command: 'node --test', counts: { passed: 12, failed: 0, skipped: 1 } },
  reviews: { test: NONE, code: { ...NONE, P0: 1, P2: 2 }, perf: undefined },
  verdict: 'p0_p1_found',
  criteria: { met: ['AC-1'], unmet: [], notJudged: ['AC-2'] },
  fixesApplied: [{ id: 'C1', severity: 'P0', title: 'Path escapes the root', note: 'resolved first' }],
  deferred: [
    {
      id: 'C3',
      severity: 'P2',
      file: 'src/a.mjs',
      line: 7,
      title: 'Name says little',
      note: 'next phase renames it',
    },
  ],
  docs: 'no-map',
  conflictFiles: [],
  durationMs: 4_200,
  handoffUpdated: true,
  logUpdated: true,
  decisions: ['ids are strings'],
  questions: [],
  notes: [],
  usage: { costUsd: 0.034 },
  ...over,
})

export const phase = (id: string, over: Partial<PhaseView> = {}): PhaseView => ({
  id,
  title: `Phase ${id}`,
  after: [],
  state: 'pending',
  attempt: 1,
  branch: `orchestrate/demo/phase-${id}-x`,
  ...over,
})

export const view = (over: Partial<RunView> = {}): RunView => ({
  run: 'demo',
  state: 'approved',
  planDir: 'plan',
  branch: 'main',
  base: '1'.repeat(40),
  planTip: '2'.repeat(40),
  phases: [],
  usage: { costUsd: 0.034 },
  deferred: [],
  startedAt: 1_000,
  updatedAt: 13_000,
  ...over,
})
