import type { PhaseResult } from '../../../src/core/model/phase-result.ts'

/** A phase that was merged, with something in every part. */
export const resultOf = (phase: string): PhaseResult => ({
  status: 'completed',
  phase,
  title: 'Build',
  attempt: 1,
  commits: [{ sha: 'a'.repeat(40), subject: `orchestrate(phase-${phase}): Build` }],
  build: { status: 'pass', command: 'make' },
  tests: { status: 'pass', command: 'make test', counts: { passed: 12, failed: 0, skipped: 1 } },
  reviews: {
    test: { P0: 0, P1: 0, P2: 1, P3: 0 },
    code: { P0: 0, P1: 1, P2: 0, P3: 0 },
    perf: { P0: 0, P1: 0, P2: 0, P3: 0 },
  },
  verdict: 'p2_p3_only',
  criteria: { met: ['AC-1'], unmet: [], notJudged: ['AC-2'] },
  fixesApplied: [{ id: 'C1', severity: 'P1', title: 'Check it', note: 'done' }],
  deferred: [{ id: 'T1', severity: 'P2', file: 'src/a.ts', line: 3, title: 'Name it', note: 'later' }],
  docs: 'no-map',
  conflictFiles: [],
  durationMs: 90_000,
  handoffUpdated: true,
  logUpdated: true,
  decisions: ['Keep it\nsmall'],
  questions: [],
  notes: [],
  usage: {},
})
