/** What started the workflow, as the runner wrote it into a file. Only what is used is read. */
import * as z from 'zod'
import type { DispatchInputs } from '../core/model/forge-names.ts'

const account = z.object({ login: z.string(), id: z.number(), type: z.string() })
const pull = z.object({ number: z.number().int() })

const pullEvent = z.object({
  action: z.string(),
  pull_request: z.object({
    number: z.number().int(),
    head: z.object({ sha: z.string().regex(/^[0-9a-f]{40,64}$/) }),
    labels: z.array(z.object({ name: z.string() })),
  }),
  label: z.object({ name: z.string() }).optional(),
  sender: account,
})
const commentEvent = z.object({
  action: z.string(),
  issue: pull.extend({ pull_request: z.unknown().optional() }),
  comment: z.object({ id: z.number().int() }),
})
const reviewEvent = z.object({
  action: z.string(),
  pull_request: pull,
  review: z.object({ id: z.number().int() }),
})
const mergeGroupEvent = z.object({
  merge_group: z.object({ head_sha: z.string().regex(/^[0-9a-f]{40,64}$/) }),
})
const input = z
  .string()
  .max(65_535)
  .nullish()
  .transform((text) => text ?? '')
const dispatchEvent = z.object({
  inputs: z.object({
    pull: input,
    run: input,
    head: input,
    'plan-dir': input,
    command: input,
    source: input,
    phases: input,
    app: input,
  } satisfies Record<keyof DispatchInputs, typeof input>),
})

export type JobEvent =
  | { kind: 'pull'; event: z.infer<typeof pullEvent> }
  | { kind: 'comment'; event: z.infer<typeof commentEvent> }
  | { kind: 'review'; event: z.infer<typeof reviewEvent> }
  | { kind: 'merge-group'; head: string }
  | { kind: 'dispatch'; inputs: DispatchInputs }
  | { kind: 'schedule' }
  /** A push, say: the gate has nothing to do there. */
  | { kind: 'other'; name: string }

/** Throws where the event is not what its name says: then the runner and we disagree, which no user can mend. */
export function readEvent(name: string, payload: unknown): JobEvent {
  switch (name) {
    case 'pull_request_target':
      return { kind: 'pull', event: pullEvent.parse(payload) }
    case 'issue_comment':
      return { kind: 'comment', event: commentEvent.parse(payload) }
    case 'pull_request_review':
      return { kind: 'review', event: reviewEvent.parse(payload) }
    case 'merge_group':
      return { kind: 'merge-group', head: mergeGroupEvent.parse(payload).merge_group.head_sha }
    case 'workflow_dispatch':
      return { kind: 'dispatch', inputs: dispatchEvent.parse(payload).inputs }
    case 'schedule':
      return { kind: 'schedule' }
    default:
      return { kind: 'other', name }
  }
}
