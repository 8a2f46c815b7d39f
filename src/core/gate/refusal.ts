/** Why the gate says no. `code` is stable, for tests and counters. */
export interface Refusal {
  code: RefusalCode
  why: string
  /** What would do. */
  hint: string
}

export type RefusalCode =
  | 'bot'
  | 'role'
  | 'role-unknown'
  | 'own-plan'
  | 'edited'
  | 'minimized'
  | 'deleted'
  | 'dismissed'
  | 'changes-requested'
  | 'not-the-source'
  | 'says-otherwise'
  | 'missing-phase'
  | 'pull-closed'
  | 'fork'
  | 'not-shown'
  | 'reviewing'
  | 'no-plan'
  | 'several-plans'
  | 'invalid-plan'
  | 'head-moved'
  | 'base-changed'
  | 'plan-changed'
  | 'nothing-to-run'
  | 'unknown-phase'
  | 'running'
  | 'no-run'
  | 'ended'

export const refusal = (code: RefusalCode, why: string, hint: string): Refusal => ({ code, why, hint })

/** Whether `prefix` (7 hex digits and more, any case) names the commit `sha`. */
export const covers = (prefix: string, sha: string): boolean =>
  prefix.length >= 7 && sha.toLowerCase().startsWith(prefix.toLowerCase())
