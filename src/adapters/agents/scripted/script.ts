import * as z from 'zod'
import { implementArtifact, reviewArtifact, fixArtifact, sheetArtifact } from '../../../core/model/finding.ts'
import { AGENT_STEPS } from '../../../core/model/step.ts'

const path = z.string().min(1)

const edit = z.union([
  z.strictObject({ write: path, content: z.string() }),
  z.strictObject({ append: path, content: z.string() }),
  z.strictObject({ replace: path, from: z.string().min(1), to: z.string() }),
  z.strictObject({ delete: path }),
])

const condition = z.union([
  z.strictObject({ file: path, contains: z.string() }),
  z.strictObject({ file: path, lacks: z.string() }),
  z.strictObject({ file: path, exists: z.boolean() }),
])

/**
 * What one call does. It is chosen by what the call is (phase, step, unit, attempt) and by what the working directory
 * looks like (`when`): a step that is called twice is told apart by what the first call changed.
 */
const entry = z.strictObject({
  step: z.enum(AGENT_STEPS),
  /** Left out, these match every phase, unit and attempt. */
  phase: z.string().optional(),
  unit: z.string().optional(),
  attempt: z.number().int().min(1).optional(),
  when: condition.optional(),

  edits: z.array(edit).optional(),
  delayMs: z.number().min(0).optional(),
  /** Printed to stdout. */
  output: z.string().optional(),
  exit: z.number().int().min(0).max(255).optional(),
  /** False writes no artifact; a text is written as it is. */
  artifact: z.union([z.literal(false), z.string()]).optional(),

  summary: z.string().optional(),
  decisions: implementArtifact.shape.decisions,
  questions: implementArtifact.shape.questions,
  changes: implementArtifact.shape.changes,
  findings: reviewArtifact.shape.findings.optional(),
  criteria: reviewArtifact.shape.criteria,
  /** Findings by title or id. */
  reopened: z.array(z.string()).optional(),
  /** `finding` is a title or an id; a finding that is not named here is fixed. */
  dispositions: fixArtifact.shape.dispositions.optional(),
  /** What `research` hands in. */
  sheet: sheetArtifact.omit({ nonce: true, summary: true, usage: true }).optional(),
  usage: reviewArtifact.shape.usage,
})

export const scriptSchema = z.strictObject({ steps: z.array(entry).min(1) })

export type Script = z.infer<typeof scriptSchema>
export type Entry = z.infer<typeof entry>
export type Edit = z.infer<typeof edit>
export type Condition = z.infer<typeof condition>
