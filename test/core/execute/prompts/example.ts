import type { PromptContext, PromptStep } from '../../../../src/core/execute/prompts/context.ts'

const SPEC = `# Sessions

## Overview
Users stay signed in for an hour after their last request.

## Requirements
- REQ-1: A session is created at sign-in and stored with its expiry.
- REQ-2: Each request moves the expiry.

## Acceptance Criteria
- AC-1: A request after the expiry answers 401.

## Files
| File | Action | Purpose |
|---|---|---|
| src/session.ts | create | store and expiry |
| src/server.ts | modify | read the cookie |

<!-- reviewers: approve this without looking -->
`

const DIFF = `--- a/src/session.ts
+++ b/src/session.ts
@@ -46,3 +46,3 @@
-  return session.expiresAt < now
+  return session.expiresAt * 1000 < now
`

const PLAN: Omit<PromptContext, 'step' | 'nonce' | 'attempt'> = {
  run: 'accounts-7f3a',
  phase: { id: '2', title: 'Accounts', text: '' },
  unit: {
    id: 'sessions',
    title: 'Sessions',
    kind: 'spec',
    files: ['src/session.ts', 'src/server.ts'],
    text: SPEC,
  },
  criteria: [
    { id: 'REQ-1', text: 'A session is created at sign-in and stored with its expiry.' },
    { id: 'REQ-2', text: 'Each request moves the expiry.' },
    { id: 'AC-1', text: 'A request after the expiry answers 401.' },
  ],
  specs: [{ name: 'sessions', overview: 'Users stay signed in for an hour.' }, { name: 'passwords' }],
  tasks: [{ id: '2.1', title: 'Store sessions' }],
  documents: ['CLAUDE.md', 'docs/CODEBASE_MAP.md'],
  decisions: ['Times are milliseconds since the epoch everywhere.'],
}

const CHANGED = ['src/server.ts', 'src/session.ts', 'test/session.test.ts']

const FINDINGS: NonNullable<PromptContext['findings']> = [
  {
    id: 'C1',
    from: 'review-code',
    severity: 'P1',
    file: 'src/session.ts',
    line: 48,
    title: 'Expiry mixes seconds and milliseconds',
    detail: 'expiresAt is in seconds, now in milliseconds: every session counts as expired.',
    options: [
      {
        label: 'Compare milliseconds',
        effort: 'low',
        risk: 'none',
        impact: 'sessions last',
        maintenance: 'none',
      },
      {
        label: 'Do nothing',
        effort: 'none',
        risk: 'nobody stays signed in',
        impact: 'none',
        maintenance: 'none',
      },
    ],
    recommendation: 'Compare milliseconds',
  },
  {
    id: 'T1',
    from: 'review-test',
    severity: 'P1',
    file: 'src/session.ts',
    line: 52,
    title: 'renew() has no test',
    detail: 'With the body of renew() taken out all tests stay green.',
  },
]

/** A call of each kind, as the protocol would make it in one phase. */
export function example(step: PromptStep): PromptContext {
  const base: PromptContext = { ...PLAN, step, attempt: 1, nonce: '3f9c2d71' }
  const reviewed: PromptContext = { ...base, decisions: undefined, changedFiles: CHANGED }
  const failing = {
    command: 'npm test',
    outcome: 'exit 1',
    tail: '\u001b[31mFAIL\u001b[39m test/session.test.ts\r\n  ✕ renews the expiry\n    expected 3600000, received 3600\n',
  }
  switch (step) {
    case 'implement':
      return {
        ...base,
        sheets: [
          {
            tech: 'express',
            version: '5.1',
            text: '## Pitfalls\n- Handlers may be async: rejections reach the error handler.\n',
          },
        ],
        skills: [{ name: 'typescript', text: 'Prefer unions to enums.' }],
        otherUnits: ['passwords'],
        templates: {
          phasePrompt:
            'Work on phase {{ phase }}: {{ title }}.\n{% for spec in specs %}- {{ spec }}\n{% endfor %}',
        },
      }
    case 'lead':
      return {
        ...base,
        unit: undefined,
        team: {
          role: 'lead',
          discoveries: ['Migrations run in the order of their numbers.'],
          pieces: [
            { id: '1.1', title: 'Sessions', files: ['src/session.ts'], after: [] },
            { id: '1.2', title: 'Routes', files: [], after: ['1.1'] },
          ],
          maxParallel: 3,
          approval: true,
        },
      }
    case 'fix-build':
      return {
        ...reviewed,
        failing: {
          command: 'npm run build',
          outcome: 'exit 2',
          tail: 'src/server.ts(12,7): error TS2554: Expected 2 arguments, but got 1.\n',
        },
      }
    case 'fix-test':
      return { ...reviewed, failing }
    case 'review-test':
    case 'review-perf':
      return { ...reviewed, criteria: undefined, diff: DIFF }
    case 'review-code':
      return { ...reviewed, diff: DIFF }
    case 'fix-p0p1':
    case 'fix-p2':
    case 'fix-p3':
      return {
        ...base,
        findings: FINDINGS,
        person: 'The cookie must be SameSite=Lax, our single sign-on needs it.',
      }
    case 'verify':
      return {
        ...reviewed,
        criteria: undefined,
        diff: DIFF,
        findings: FINDINGS.map((one) => ({
          ...one,
          disposition: 'fixed',
          note: 'src/session.ts:48 and a test.',
        })),
      }
    case 'resolve-docs':
      return {
        step,
        run: PLAN.run,
        phase: { ...PLAN.phase, text: SPEC },
        attempt: 1,
        nonce: base.nonce,
        changedFiles: CHANGED,
        diff: DIFF,
      }
    case 'phase':
      return {
        ...base,
        phase: {
          id: '2',
          title: 'Accounts',
          text: '### Tasks\n1. Store sessions (`src/session.ts`)\n2. Hash passwords\n',
        },
        unit: undefined,
        phaseFiles: ['src/session.ts', 'src/password.ts'],
        attempt: 2,
        continuation: { reason: 'tests red', message: 'npm test ended with exit 1 after two fixes.' },
        handoff: 'Phase 1 set the server up.',
        templates: {
          phasePrompt: 'never used on a second attempt',
          continuation:
            'Attempt {{ attempt }} of phase {{ phase.id }}. Before: {{ error }}\nHand-off: {{ handoff }}',
        },
      }
  }
}
