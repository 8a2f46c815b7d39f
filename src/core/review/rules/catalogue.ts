import { clarity } from './clarity.ts'
import { coverage } from './coverage.ts'
import { criteria } from './criteria.ts'
import { dependencies } from './dependencies.ts'
import { estimates } from './estimates.ts'
import { files } from './files.ts'
import { gaps } from './gaps.ts'
import { hidden } from './hidden.ts'
import type { Rule, RuleInfo } from './rule.ts'
import { safety } from './safety.ts'
import { sizing } from './sizing.ts'
import { silencers, unusedSilencer } from './silencers.ts'
import { specs } from './specs.ts'
import { status } from './status.ts'
import { tasks } from './tasks.ts'

/** Every rule of the review, by family. A new rule is added to its family and appears here. */
export const CATALOGUE: readonly Rule[] = [
  ...sizing,
  ...gaps,
  ...clarity,
  ...tasks,
  ...criteria,
  ...estimates,
  ...status,
  ...dependencies,
  ...files,
  ...specs,
  ...coverage,
  ...safety,
  ...hidden,
  ...silencers,
]

/** Everything that the review may say. */
export const RULES: readonly RuleInfo[] = [...CATALOGUE, unusedSilencer]

/** What the approver sees even where the plan silences it: whoever wrote the plan may be whom the rule is about. */
export const GUARDS: ReadonlySet<string> = new Set([...safety, ...hidden].map(({ id }) => id))
