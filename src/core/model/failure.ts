/**
 * Every expected failure, by reason. The exit code follows from the reason's class:
 * `usage` 2 (bad input, nothing was done), `run` 1 (the run failed), `person` 3 (somebody has to decide).
 */
export const REASONS = {
  // usage: found before anything is done
  'no-such-directory': 'usage',
  'not-a-plan': 'usage',
  'two-plans': 'usage',
  'empty-plan': 'usage',
  'invalid-contract': 'usage',
  'invalid-config': 'usage',
  'plan-outside-git': 'usage',
  'plan-not-committed': 'usage',
  'dirty-checkout': 'usage',
  'detached-head': 'usage',
  'bare-repository': 'usage',
  'shallow-clone': 'usage',
  'no-commits': 'usage',
  'unknown-flag': 'usage',
  'unknown-command': 'usage',
  'bad-value': 'usage',
  'contradicting-flags': 'usage',
  'missing-argument': 'usage',
  'unknown-phase': 'usage',
  'unknown-run': 'usage',
  'several-runs': 'usage',
  'command-not-found': 'usage',
  'agent-not-found': 'usage',
  'agent-not-available': 'usage',
  'sandbox-not-available': 'usage',
  'no-write-permission': 'usage',
  'run-in-progress': 'usage',
  'unfinished-run': 'usage',
  'node-too-old': 'usage',
  'git-not-found': 'usage',
  'git-too-old': 'usage',
  'cyclic-plan': 'usage',
  'nothing-to-do': 'usage',
  'step-out-of-order': 'usage',
  refused: 'usage',
  'no-workflow': 'usage',
  'no-transcript': 'usage',
  // run: it failed
  'run-failed': 'run',
  interrupted: 'run',
  'ledger-unreadable': 'run',
  'ledger-newer': 'run',
  'ledger-gap': 'run',
  'foreign-commit': 'run',
  'git-failed': 'run',
  'forge-refused': 'run',
  'forge-rate-limited': 'run',
  'forge-unavailable': 'run',
  // person: somebody has to decide
  'gate-needs-answer': 'person',
  'needs-input': 'person',
  'stopped-at-gate': 'person',
  'cannot-land': 'person',
  'disk-full': 'person',
  'no-room': 'person',
  'not-authorized': 'person',
  'approval-void': 'person',
} as const

export type Reason = keyof typeof REASONS

/** An expected failure as a value: what was found, where, and what to do next. */
export interface Failure {
  reason: Reason
  message: string
  hint: string
  file?: string
  line?: number
  /** The phase that it stopped. */
  phase?: string
}

export const failure = (
  reason: Reason,
  message: string,
  hint: string,
  at?: { file: string; line?: number },
): Failure => ({
  reason,
  message,
  hint,
  ...at,
})

const CODES = { usage: 2, run: 1, person: 3 } as const

/** The process's exit code for these failures: bad input outweighs a failed run outweighs a question. */
export function exitCode(failures: readonly Failure[]): 0 | 1 | 2 | 3 {
  const codes = failures.map((f) => CODES[REASONS[f.reason]])
  if (codes.includes(2)) return 2
  if (codes.includes(1)) return 1
  return codes.includes(3) ? 3 : 0
}
