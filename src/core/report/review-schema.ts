import * as z from 'zod'

const line = z.int().min(1).describe('Counts from 1.')
const place = z.object({
  file: z.string().describe('From the plan directory, with forward slashes.'),
  line,
  endLine: z.int().min(1).optional(),
})

const diagnostic = place.extend({
  rule: z.string().describe('kebab-case id; docs/rules/ has a page for each rule of the review.'),
  severity: z.enum(['error', 'warning', 'info']),
  message: z.string().describe('What was found.'),
  hint: z.string().describe('What to do next.'),
  column: z.int().min(1).optional().describe('Where on the line it begins, in UTF-16 units from 1.'),
  endColumn: z.int().min(1).optional().describe('Where it ends, exclusive.'),
  why: z.string().optional().describe('Why it matters.'),
  phase: z.string().optional().describe('Id of the phase it is about.'),
  related: z
    .array(place.extend({ message: z.string() }))
    .optional()
    .describe('Other places that belong to it.'),
})

/** What `review --format json` prints. New fields may be added; none is taken away. */
export const reviewJson = z.object({
  summary: z.string().describe('One line for people.'),
  diagnostics: z.array(diagnostic).describe('By file and line.'),
  silenced: z
    .array(
      diagnostic.extend({
        reason: z.string().describe('Why the plan wants it left as it is.'),
        silencedAt: place.describe('Where the plan says so.'),
      }),
    )
    .describe('Findings that a comment of the plan silences.'),
})

/** JSON Schema of that; published as docs/schemas/review.json. */
export function reviewJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(reviewJson, { io: 'input' })
  return {
    $schema,
    title: 'Orchestrate: what `review --format json` prints',
    ...schema,
  }
}
