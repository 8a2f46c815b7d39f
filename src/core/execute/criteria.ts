import type { Finding, ReviewArtifact } from '../model/finding.ts'
import type { Criterion, Phase } from '../model/plan.ts'
import { checkCriteria } from './findings.ts'

/**
 * Criteria and requirements of a phase, each with an id that is unique in it: two specs may both have an AC-1, which become
 * "data-model/AC-1" and "api/AC-1".
 */
export function criteriaOf(phase: Phase): Criterion[] {
  const own = phase.criteria.map((criterion) => ({ ...criterion }))
  const ofSpecs = phase.specs.flatMap((spec) =>
    [...spec.requirements, ...spec.criteria].map((criterion) => ({
      ...criterion,
      id: phase.specs.length > 1 ? `${spec.name}/${criterion.id}` : criterion.id,
    })),
  )
  const seen = new Set<string>()
  return [...own, ...ofSpecs].filter(({ id }) => !seen.has(id) && seen.add(id))
}

/**
 * What the reviewer said about the criteria. An id without its spec's name counts for every criterion of that name. One that is
 * unmet is a P1 finding. One that nobody judged is not called met: it is a note here and stands as "not judged" in the result;
 * the artifact's contract leaves `criteria` optional, so it does not stop the phase.
 */
export function judgeCriteria(
  artifact: Pick<ReviewArtifact, 'criteria'>,
  criteria: Criterion[],
  planDir: string,
): { findings: Finding[]; judged: { id: string; met: boolean; evidence: string }[]; notes: string[] } {
  const known = new Set(criteria.map(({ id }) => id))
  const judged = (artifact.criteria ?? []).flatMap((one) => {
    if (known.has(one.id)) return [one]
    return criteria.filter(({ id }) => id.endsWith(`/${one.id}`)).map(({ id }) => ({ ...one, id }))
  })
  const { findings } = checkCriteria('review-code', { criteria: judged }, criteria, planDir)
  const missing = criteria.filter(({ id }) => !judged.some((one) => one.id === id)).map(({ id }) => id)
  const notes = missing.length > 0 ? [`Nobody judged ${missing.join(', ')}.`] : []
  return { findings, judged, notes }
}
