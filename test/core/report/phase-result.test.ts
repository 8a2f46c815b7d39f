import { expect, test } from '@jest/globals'
import { phaseResultText } from '../../../src/core/report/phase-result.ts'
import { result } from './views.ts'

test('PHASE_RESULT has every field of the reference, one a line', () => {
  expect(phaseResultText(result())).toBe(`PHASE_RESULT:
  status: completed
  phase: 1
  title: Set-up
  attempt: 1
  commits:
    - aaaaaaaaaa orchestrate(phase-1): Create the config
    - bbbbbbbbbb orchestrate(phase-1): fix P0+P1 findings
  merge: cccccccccc
  build: pass (node build.mjs)
  tests: pass (node --test)
  test_counts: 12 passed, 0 failed, 1 skipped
  review_tests: none
  review_code: 1 P0, 2 P2
  review_performance: not reviewed
  verdict: p0_p1_found
  criteria_met:
    - AC-1
  criteria_unmet: none
  criteria_not_judged:
    - AC-2
  fixes_applied:
    - C1 P0 Path escapes the root: resolved first
  deferred:
    - C3 P2 src/a.mjs:7 Name says little: next phase renames it
  docs: no-map
  error: none
  conflict_files: none
  duration: 4.2s
  handoff_updated: true
  log_updated: true
  decisions:
    - ids are strings
  questions: none
  notes: none
  cost: $0.03
`)
})

test('a value cannot add a field: line breaks become blanks', () => {
  const text = phaseResultText(result({ title: 'Set-up\n  status: completed', status: 'failed' }))
  expect(text.match(/^ {2}status: .*$/gm)).toEqual(['  status: failed'])
})
