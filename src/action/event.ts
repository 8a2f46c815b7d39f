/** What started the workflow, as the runner wrote it into a file. Only what is used is read. */
import { readFile } from 'node:fs/promises'
// The gate's first request waits for this check, and of the same schemas this form of zod loads and is made in half the time.
import * as z from 'zod/mini'
import { lazily } from '../core/model/lazily.ts'
import type { DispatchInputs } from '../core/model/forge-names.ts'
import type { Env } from './surroundings.ts'

const commit = () => z.string().check(z.regex(/^[0-9a-f]{40,64}$/))
const pull = () => z.object({ number: z.int() })

const pullEvent = lazily(() =>
  z.object({
    action: z.string(),
    pull_request: z.object({
      number: z.int(),
      head: z.object({ sha: commit() }),
      labels: z.array(z.object({ name: z.string() })),
    }),
    label: z.optional(z.object({ name: z.string() })),
    sender: z.object({ login: z.string(), id: z.number(), type: z.string() }),
  }),
)
const commentEvent = lazily(() =>
  z.object({
    action: z.string(),
    issue: z.object({ number: z.int(), pull_request: z.optional(z.unknown()) }),
    comment: z.object({ id: z.int() }),
  }),
)
const reviewEvent = lazily(() =>
  z.object({ action: z.string(), pull_request: pull(), review: z.object({ id: z.int() }) }),
)
const mergeGroupEvent = lazily(() => z.object({ merge_group: z.object({ head_sha: commit() }) }))
const dispatchEvent = lazily(() => {
  const input = z.pipe(
    z.nullish(z.string().check(z.maxLength(65_535))),
    z.transform((text) => text ?? ''),
  )
  return z.object({
    repository: z.optional(z.object({ default_branch: z.string() })),
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
})

export type JobEvent =
  | { kind: 'pull'; event: z.infer<ReturnType<typeof pullEvent>> }
  | { kind: 'comment'; event: z.infer<ReturnType<typeof commentEvent>> }
  | { kind: 'review'; event: z.infer<ReturnType<typeof reviewEvent>> }
  | { kind: 'merge-group'; head: string }
  /** `defaultBranch`: where the runner says it. */
  | { kind: 'dispatch'; inputs: DispatchInputs; defaultBranch: string | undefined }
  | { kind: 'schedule' }
  /** A push, say: the gate has nothing to do there. */
  | { kind: 'other'; name: string }

export async function theEvent(env: Env): Promise<JobEvent> {
  const path = env['GITHUB_EVENT_PATH']
  const payload: unknown = path === undefined ? {} : JSON.parse(await readFile(path, 'utf8'))
  return readEvent(env['GITHUB_EVENT_NAME'] ?? '', payload)
}

/** Throws where the event is not what its name says: then the runner and we disagree, which no user can mend. */
function readEvent(name: string, payload: unknown): JobEvent {
  switch (name) {
    case 'pull_request_target':
      return { kind: 'pull', event: pullEvent().parse(payload) }
    case 'issue_comment':
      return { kind: 'comment', event: commentEvent().parse(payload) }
    case 'pull_request_review':
      return { kind: 'review', event: reviewEvent().parse(payload) }
    case 'merge_group':
      return { kind: 'merge-group', head: mergeGroupEvent().parse(payload).merge_group.head_sha }
    case 'workflow_dispatch': {
      const { inputs, repository } = dispatchEvent().parse(payload)
      return { kind: 'dispatch', inputs, defaultBranch: repository?.default_branch }
    }
    case 'schedule':
      return { kind: 'schedule' }
    default:
      return { kind: 'other', name }
  }
}
