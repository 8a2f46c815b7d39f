import { LABEL } from '../core/model/forge-names.ts'
import type { Failure } from '../core/model/failure.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import type { Place, Wanted } from './events.ts'
import type { Installations } from './installations.ts'

/**
 * Asks for a look at every labelled pull request of an installation, and for every recent comment that may be a command
 * nobody answered since `since` (milliseconds since the epoch). What stands as it should costs one request and changes nothing.
 */
export async function sweepInstallation(
  wanted: Wanted & { kind: 'sweep' },
  installations: Installations,
  since: number,
  want: (found: Wanted) => void,
): Promise<Result<void>> {
  const { installation } = wanted
  const named = wanted.repositories.map((one): Place => ({ installation, ...one }))
  const places = named.length > 0 ? ok(named) : await installations.repositories(installation)
  if (!places.ok) return places
  const failures: Failure[] = []
  for (const at of places.value) {
    const forge = await installations.forge(at)
    const labelled = await forge.labelled(LABEL)
    if (!labelled.ok) {
      failures.push(...labelled.error)
      continue
    }
    for (const pull of labelled.value) want({ kind: 'attend', at, pull, again: true })
    const said = await installations.recentComments(at, since)
    if (!said.ok) failures.push(...said.error)
    else
      for (const { pull, id } of said.value)
        want({ kind: 'statement', at, pull, statement: 'comment', id, again: true })
  }
  return failures.length > 0 ? err(failures) : ok(undefined)
}
