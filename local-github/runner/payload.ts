/** What the runner reads of an event's payload; the rest passes through to `github.event`. */
import * as z from 'zod'

const Side = z.looseObject({
  sha: z.string(),
  ref: z.string(),
  repo: z.looseObject({ full_name: z.string() }).nullish(),
})
const App = z.looseObject({ app: z.looseObject({ slug: z.string().nullish() }).nullish() })

export const Payload = z.looseObject({
  action: z.string().nullish(),
  repository: z
    .looseObject({
      id: z.number().optional(),
      default_branch: z.string().optional(),
      owner: z.looseObject({ id: z.number().optional() }).optional(),
    })
    .optional(),
  sender: z.looseObject({ login: z.string(), id: z.number().optional() }).nullish(),
  pull_request: z
    .looseObject({
      number: z.number(),
      title: z.string().optional(),
      head: Side,
      base: Side,
      mergeable: z.boolean().nullish(),
      merge_commit_sha: z.string().nullish(),
    })
    .optional(),
  issue: z.looseObject({ title: z.string().optional() }).optional(),
  /** Of a push (`refs/heads/x`), a created ref (`x`), a dispatch. */
  ref: z.string().nullish(),
  ref_type: z.string().nullish(),
  before: z.string().nullish(),
  after: z.string().nullish(),
  deleted: z.boolean().nullish(),
  head_commit: z.looseObject({ message: z.string().optional() }).nullish(),
  /** Of a dispatch: the workflow's path, file name or id. */
  workflow: z.unknown().optional(),
  inputs: z.record(z.string(), z.unknown()).nullish(),
  schedule: z.string().nullish(),
  merge_group: z
    .looseObject({ head_sha: z.string(), head_ref: z.string().optional(), base_ref: z.string().optional() })
    .optional(),
  workflow_run: z.looseObject({ name: z.string().nullish(), head_branch: z.string().nullish() }).optional(),
  check_run: App.optional(),
  check_suite: App.optional(),
})
export type Payload = z.infer<typeof Payload>
