import * as z from 'zod'

/** Agents' artifacts as in the contract. Everything an agent writes passes one of these schemas. */

export const SEVERITIES = ['P0', 'P1', 'P2', 'P3'] as const
export type FindingSeverity = (typeof SEVERITIES)[number]

const text = z.string().max(20_000)
const short = z.string().max(2_000)
const usage = z
  .object({
    inputTokens: z.number().nonnegative().optional(),
    outputTokens: z.number().nonnegative().optional(),
    costUsd: z.number().nonnegative().optional(),
  })
  .optional()

const option = z.object({
  label: short,
  effort: short.optional(),
  risk: short.optional(),
  impact: short.optional(),
  maintenance: short.optional(),
})

const reportedFinding = z.object({
  severity: z.enum(SEVERITIES),
  /** From the repository's root. */
  file: z.string().min(1).max(1_000),
  /** Counts from 1. */
  line: z.number().int().min(1),
  title: short.min(1),
  detail: text,
  options: z.array(option).max(10).optional(),
  recommendation: text.optional(),
})

const judgedCriterion = z.object({ id: z.string().min(1).max(200), met: z.boolean(), evidence: text })

const nonce = z.string().min(1)

/** Of a step that edits and answers no findings. */
export const workArtifact = z.object({
  nonce,
  summary: text,
  decisions: z.array(text).max(200).optional(),
  questions: z.array(text).max(200).optional(),
  usage,
})

export const implementArtifact = workArtifact.extend({
  /** Several logical changes, oldest first, each to be a commit; see `splitCommits`. */
  changes: z
    .array(z.object({ subject: short, files: z.array(z.string().max(1_000)).max(2_000) }))
    .max(50)
    .optional(),
  /** In a team: facts that the other workers need. */
  discoveries: z.array(short).max(100).optional(),
})

/** Of the steps `lead`: a worker's plan (with a unit), the lead's verdicts, or what a lead with workers of its own did. */
export const leadArtifact = implementArtifact.extend({
  plan: text.optional(),
  files: z.array(z.string().max(1_000)).max(500).optional(),
  verdicts: z
    .array(z.object({ unit: z.string().max(500), approved: z.boolean(), note: text.optional() }))
    .max(500)
    .optional(),
  units: z
    .array(
      z.object({
        unit: z.string().max(500),
        state: z.enum(['done', 'stuck']),
        files: z.array(z.string().max(1_000)).max(2_000).optional(),
        note: text.optional(),
      }),
    )
    .max(500)
    .optional(),
  log: z.array(short).max(500).optional(),
})

export const reviewArtifact = z.object({
  nonce,
  summary: text,
  findings: z.array(reportedFinding).max(500),
  criteria: z.array(judgedCriterion).max(1_000).optional(),
  reopened: z.array(z.string()).max(500).optional(),
  usage,
})

/** Of an agent that reads a plan: its findings stand in the plan's files, and quote the line. */
export const planReviewArtifact = reviewArtifact.extend({
  findings: z.array(reportedFinding.extend({ quote: short.optional() })).max(500),
})

export const DISPOSITIONS = ['fixed', 'already-resolved', 'refuted', 'deferred'] as const

export const fixArtifact = z.object({
  nonce,
  summary: text,
  dispositions: z
    .array(z.object({ finding: z.string().min(1), disposition: z.enum(DISPOSITIONS), note: text }))
    .max(500),
  usage,
})

/** Of an agent that writes a cheat sheet: its parts. We write the sheet. */
export const sheetArtifact = z.object({
  nonce,
  summary: text,
  /** What it is, one sentence. */
  description: short.optional(),
  /** The command that installs it. */
  install: z.string().max(300).optional(),
  /** A line for each function, class or option that matters. */
  api: z.array(z.string().max(400)).max(60).optional(),
  patterns: z
    .array(
      z.object({
        title: z.string().min(1).max(200),
        lead: z.string().max(600).optional(),
        lang: z
          .string()
          .regex(/^[\w+#.-]{0,20}$/)
          .optional(),
        code: z.string().min(1).max(4_000),
      }),
    )
    .min(1)
    .max(5),
  pitfalls: z.array(z.string().max(600)).max(12).optional(),
  versionNotes: z.array(z.string().max(600)).max(12).optional(),
  /** What in the material spoke to an agent. */
  suspicious: z.array(short).max(20).optional(),
  usage,
})

export type SheetArtifact = z.infer<typeof sheetArtifact>
export type ReportedFinding = z.infer<typeof reportedFinding>
export type JudgedCriterion = z.infer<typeof judgedCriterion>
export type WorkArtifact = z.infer<typeof workArtifact>
export type ImplementArtifact = z.infer<typeof implementArtifact>
export type LeadArtifact = z.infer<typeof leadArtifact>
export type ReviewArtifact = z.infer<typeof reviewArtifact>
export type PlanReviewArtifact = z.infer<typeof planReviewArtifact>
export type FixArtifact = z.infer<typeof fixArtifact>
export type Disposition = (typeof DISPOSITIONS)[number]

export const REVIEW_KINDS = ['test', 'code', 'perf'] as const
export type ReviewKind = (typeof REVIEW_KINDS)[number]

/** A finding with the id that we gave it: "T1", "C2", "F1" (perf), "V1" (verify), "A1" (criteria), "H1" (a person's). */
export const finding = reportedFinding.extend({
  id: z.string(),
  from: z.enum(['review-test', 'review-code', 'review-perf', 'verify', 'criteria', 'person']),
})
export type Finding = z.infer<typeof finding>
