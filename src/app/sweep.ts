import type { Failure } from '../core/model/failure.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import { gatedPulls } from '../core/pipeline/gate/gated.ts'
import type { Place, Wanted } from './events.ts'
import type { Installations } from './installations.ts'

/**
 * Asks for a look at every labelled pull request of an installation, and for every recent comment that may be a command
 * nobody answered since `since` (milliseconds since the epoch). A repository costs three requests, and what stands there as it should
 * one each and changes nothing.
 */
export async function sweepInstallation(
  wanted: Wanted & { kind: 'sweep' },
  installations: Installations,
  since: number,
  /** False where nothing more is wanted. */
  want: (found: Wanted) => boolean,
): Promise<Result<void>> {
  const { installation } = wanted
  const named = wanted.repositories.map((one): Place => ({ installation, ...one }))
  const places = named.length > 0 ? ok(named) : await installations.repositories(installation)
  if (!places.ok) return places
  const failures: Failure[] = []
  for (const at of places.value) {
    const forge = await installations.forge(at)
    const labelled = await gatedPulls(forge)
    if (!labelled.ok) {
      failures.push(...labelled.error)
      continue
    }
    const looks = labelled.value.map((pull): Wanted => ({ kind: 'attend', at, pull, again: true }))
    if (!looks.every(want)) break
    const said = await installations.recentComments(at, since)
    if (!said.ok) {
      failures.push(...said.error)
      continue
    }
    const statements = said.value.map(({ pull, id }): Wanted => ({
      kind: 'statement',
      at,
      pull,
      statement: 'comment',
      id,
      again: true,
    }))
    if (!statements.every(want)) break
  }
  return failures.length > 0 ? err(failures) : ok(undefined)
}
