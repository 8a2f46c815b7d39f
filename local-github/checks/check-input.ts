/** What a check run may be written with, and GitHub's limits on it. */
import * as z from 'zod'
import type { CheckAnnotation, World } from '../state/records.ts'

const Annotation = z.object({
  path: z.string(),
  start_line: z.number().int(),
  end_line: z.number().int(),
  start_column: z.number().int().optional(),
  end_column: z.number().int().optional(),
  annotation_level: z.enum(['notice', 'warning', 'failure']),
  message: z.string(),
  title: z.string().optional(),
  raw_details: z.string().optional(),
})

export const CheckInput = z.object({
  name: z.string().optional(),
  head_sha: z.string().optional(),
  details_url: z.string().optional(),
  external_id: z.string().optional(),
  status: z.enum(['queued', 'in_progress', 'completed', 'waiting', 'requested', 'pending']).optional(),
  started_at: z.string().optional(),
  conclusion: z
    .enum(['action_required', 'cancelled', 'failure', 'neutral', 'success', 'skipped', 'stale', 'timed_out'])
    .optional(),
  completed_at: z.string().optional(),
  output: z
    .object({
      title: z.string().optional(),
      summary: z.string(),
      text: z.string().optional(),
      annotations: z.array(Annotation).optional(),
    })
    .optional(),
  actions: z
    .array(z.object({ label: z.string(), description: z.string(), identifier: z.string() }))
    .optional(),
})

const MAX_ANNOTATIONS = 50
const MAX_BUTTONS = 3
const MAX_TEXT = 65_535
const MAX_ANNOTATION_TEXT = 64 * 1024
const MAX_TITLE = 255
const BUTTON = { label: 20, description: 40, identifier: 20 }

/** What GitHub answers to a check that is too large; undefined where it fits. */
export function problemWith(input: z.infer<typeof CheckInput>): string | undefined {
  const wrong = (what: string): string => `Invalid request.\n\n${what}`
  const { output, actions = [] } = input
  const annotations = output?.annotations ?? []
  if (input.status === 'completed' && input.conclusion === undefined)
    return wrong('"conclusion" is required when "status" is "completed".')
  if (annotations.length > MAX_ANNOTATIONS)
    return wrong(`No more than ${MAX_ANNOTATIONS} items are allowed; ${annotations.length} were supplied.`)
  if (actions.length > MAX_BUTTONS)
    return wrong(`No more than ${MAX_BUTTONS} items are allowed; ${actions.length} were supplied.`)
  for (const key of ['summary', 'text'] as const)
    if ((output?.[key] ?? '').length > MAX_TEXT)
      return wrong(`Only ${MAX_TEXT} characters are allowed; ${(output?.[key] ?? '').length} were supplied.`)
  for (const action of actions)
    for (const key of ['label', 'description', 'identifier'] as const)
      if (action[key].length > BUTTON[key] || action[key] === '')
        return wrong(
          `Only ${BUTTON[key]} characters are allowed in "${key}"; ${action[key].length} were supplied.`,
        )
  for (const one of annotations) {
    if (Buffer.byteLength(one.message) > MAX_ANNOTATION_TEXT || (one.title ?? '').length > MAX_TITLE)
      return wrong('An annotation is too large.')
    const columns = one.start_column !== undefined || one.end_column !== undefined
    if (columns && one.start_line !== one.end_line)
      return wrong('"start_column" and "end_column" are only allowed on one line.')
    if (one.end_line < one.start_line) return wrong('"end_line" must not come before "start_line".')
  }
  return undefined
}

export function annotationFrom(world: World, sha: string, one: z.infer<typeof Annotation>): CheckAnnotation {
  return {
    path: one.path,
    blob_href: `${world.url}/blob/${sha}/${one.path}`,
    start_line: one.start_line,
    end_line: one.end_line,
    start_column: one.start_column ?? null,
    end_column: one.end_column ?? null,
    annotation_level: one.annotation_level,
    title: one.title ?? null,
    message: one.message,
    raw_details: one.raw_details ?? null,
  }
}
