import * as z from 'zod'
import {
  DISPOSITIONS,
  fixArtifact,
  implementArtifact,
  planReviewArtifact,
  leadArtifact,
  REVIEW_KINDS,
  reviewArtifact,
  sheetArtifact,
  workArtifact,
  type FixArtifact,
  type ImplementArtifact,
  type PlanReviewArtifact,
  type LeadArtifact,
  type ReviewArtifact,
  type SheetArtifact,
  type WorkArtifact,
} from '../model/finding.ts'
import type { AgentStep, FixPass, ReviewStep } from '../model/step.ts'

/** Who mends what they find weighs no options for others. */
const reviewedFinding = reviewArtifact.shape.findings.element.omit({ options: true }).extend({
  disposition: z.enum(DISPOSITIONS),
  note: z.string().max(20_000),
})

/**
 * What one agent that does a whole phase hands in (`--no-subprocess`): the implementer's artifact, and what it found and did in
 * its three reviews. The reviews may be missing, then nobody reviewed: `unreviewedKinds` says which, and a reviewer is called.
 */
export const phaseArtifact = implementArtifact.omit({ discoveries: true }).extend({
  reviews: z
    .array(
      z.object({
        kind: z.enum(REVIEW_KINDS),
        summary: z.string().max(20_000),
        findings: z.array(reviewedFinding).max(500),
      }),
    )
    .max(3)
    .refine(
      (reviews) => new Set(reviews.map(({ kind }) => kind)).size === reviews.length,
      'one review of each kind',
    )
    .optional(),
  criteria: reviewArtifact.shape.criteria,
})
export type PhaseArtifact = z.infer<typeof phaseArtifact>

export const unreviewedKinds = (artifact: PhaseArtifact): (typeof REVIEW_KINDS)[number][] =>
  REVIEW_KINDS.filter((kind) => !artifact.reviews?.some((review) => review.kind === kind))

/** The artifact that a step hands in. */
export type ArtifactOf<S extends AgentStep> = S extends ReviewStep | 'verify'
  ? ReviewArtifact
  : S extends 'plan-review'
    ? PlanReviewArtifact
    : S extends 'research'
      ? SheetArtifact
      : S extends FixPass
        ? FixArtifact
        : S extends 'phase'
          ? PhaseArtifact
          : S extends 'implement'
            ? ImplementArtifact
            : S extends 'lead'
              ? LeadArtifact
              : WorkArtifact

type Schemas = { [S in AgentStep]: z.ZodType<ArtifactOf<S>> }

export const ARTIFACT_SCHEMAS: Schemas = {
  implement: implementArtifact,
  'fix-build': workArtifact,
  'fix-test': workArtifact,
  'review-test': reviewArtifact,
  'review-code': reviewArtifact,
  'review-perf': reviewArtifact,
  'fix-p0p1': fixArtifact,
  'fix-p2': fixArtifact,
  'fix-p3': fixArtifact,
  verify: reviewArtifact,
  'resolve-docs': workArtifact,
  'plan-review': planReviewArtifact,
  research: sheetArtifact,
  lead: leadArtifact,
  phase: phaseArtifact,
}

/**
 * JSON Schema (draft 2020-12) of a step's artifact: for `ORCHESTRATE_SCHEMA` and for the structured answers of agents. The same
 * object for every call of a step, since a schema is part of the cached prefix. Further properties are allowed and ignored.
 */
export function artifactSchema(step: AgentStep): object {
  const known = cache.get(step)
  if (known !== undefined) return known
  const schema = z.toJSONSchema(ARTIFACT_SCHEMAS[step], { io: 'input' })
  cache.set(step, schema)
  return schema
}

const cache = new Map<AgentStep, object>()
