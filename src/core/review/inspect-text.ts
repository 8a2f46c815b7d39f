import type { Diagnostic } from '../model/diagnostic.ts'
import { hidden } from './rules/hidden.ts'
import { toDiagnostic } from './rules/rule.ts'

/** What the rules about hidden text and instructions to agents say of any text that agents will read: a skill, a page. */
export const inspectText = (path: string, text: string): Diagnostic[] =>
  hidden.flatMap((rule) => rule.check({ files: [{ path, text }] }).map((one) => toDiagnostic(rule, one)))
