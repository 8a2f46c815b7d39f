import type { Claim } from './concurrency.ts'
import { resolve, text, type Scope } from './expressions.ts'
import type { TemplateToken } from './library.ts'

/** `concurrency`, a name or a mapping; undefined where there is none, or its name came out empty. */
export function readClaim(token: TemplateToken | undefined, scope: Scope): Claim | undefined {
  const written = resolve(token, scope)
  if (written === undefined || written === null) return undefined
  const fields: Record<string, unknown> = typeof written === 'object' ? { ...written } : { group: written }
  const group = text(fields['group'])
  if (group === '') return undefined
  return {
    group,
    cancelInProgress: fields['cancel-in-progress'] === true,
    queue: fields['queue'] === 'max' ? 'max' : 'single',
  }
}
