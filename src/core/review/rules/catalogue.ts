import { clarity } from './clarity.ts'
import { dependencies } from './dependencies.ts'
import { gaps } from './gaps.ts'
import type { Rule } from './rule.ts'
import { safety } from './safety.ts'
import { sizing } from './sizing.ts'
import { specs } from './specs.ts'

/** Every rule of the review, by family. A new rule is added to its family and appears here. */
export const CATALOGUE: readonly Rule[] = [
  ...sizing,
  ...gaps,
  ...clarity,
  ...dependencies,
  ...specs,
  ...safety,
]
