import type { Diagnostic } from '../../model/diagnostic.ts'
import type { Plan } from '../../model/plan.ts'
import type { Revision } from '../restructure.ts'

/** One way of putting findings right in the plan's own files. Pure; whoever calls it reads the result again before it is offered. */
export interface Mend {
  /** The findings that it puts right. */
  rules: readonly string[]
  /** Set where it looks at the repository's files. */
  readonly looksAround?: true
  propose(plan: Plan, findings: readonly Diagnostic[], facts: RepositoryFacts): Revision
}

export interface RepositoryFacts {
  /** Files of the repository, from its root; empty where nobody looked. */
  files: readonly string[]
}
