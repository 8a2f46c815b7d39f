import type { Diagnostic } from '../model/diagnostic.ts'

/** What the rules about hidden text and instructions to agents say of a text. */
export type Inspect = (path: string, text: string) => Diagnostic[]

/** Text from outside that says something of a technology, without comments and invisible characters. */
export interface Material {
  /** A file from the root (or "~/…"), or an address. */
  from: string
  text: string
}

/**
 * Why a text is not used: somebody who writes to agents in documentation wants something else than to document. `spoken`: what is
 * hidden in it does not count, since it was taken out.
 */
export function suspicion(
  from: string,
  text: string,
  inspect: Inspect = () => [],
  { spoken = false }: { spoken?: boolean } = {},
): string | undefined {
  const [aimed] = inspect(from, text).filter(
    ({ severity, rule }) => severity !== 'info' && (!spoken || rule === 'agent-instruction'),
  )
  return aimed === undefined ? undefined : `${from} is not used, line ${aimed.line}: ${aimed.message}`
}
