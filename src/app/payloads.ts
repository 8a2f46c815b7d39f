/** The part of GitHub's webhook payloads that we read. Source: https://docs.github.com/en/webhooks/webhook-events-and-payloads */
import * as z from 'zod'
import type { Account } from '../core/forge.ts'

const account = z.object({ login: z.string(), id: z.number(), type: z.string() }).transform(toAccount)
export const repository = z.object({ name: z.string(), owner: z.object({ login: z.string() }) })
const installation = z.object({ id: z.number().int() })
const base = { repository, installation, sender: account }
const isSha = z.string().regex(/^[0-9a-f]{40,64}$/)
const pull = z.object({
  number: z.number().int().positive(),
  state: z.string(),
  head: z.object({ sha: isSha }),
  labels: z.array(z.object({ name: z.string() })),
})

export const pullRequest = z.object({
  ...base,
  action: z.string(),
  pull_request: pull,
  label: z.object({ name: z.string() }).optional(),
  changes: z.object({ base: z.unknown().optional() }).optional(),
})
export const issueComment = z.object({
  ...base,
  action: z.literal('created'),
  issue: z.object({ number: z.number().int(), pull_request: z.object({}).optional() }),
  comment: z.object({ id: z.number().int(), body: z.string().nullable(), user: account.nullable() }),
})
export const review = z.object({
  ...base,
  action: z.string(),
  pull_request: z.object({ number: z.number().int() }),
  review: z.object({ id: z.number().int(), state: z.string(), body: z.string().nullable(), user: account }),
})
const pulls = z.array(z.object({ number: z.number().int() }))
export const checkRun = z.object({
  ...base,
  action: z.string(),
  check_run: z.object({
    id: z.number().int(),
    external_id: z.string().nullish(),
    pull_requests: pulls,
    app: z.object({ id: z.number() }),
  }),
  requested_action: z.object({ identifier: z.string().max(20) }).optional(),
})
export const checkSuite = z.object({
  ...base,
  action: z.string(),
  check_suite: z.object({ pull_requests: pulls, app: z.object({ id: z.number() }) }),
})
export const workflowRun = z.object({
  ...base,
  action: z.string(),
  workflow_run: z.object({
    path: z.string(),
    event: z.string(),
    display_title: z.string(),
    conclusion: z.string().nullable(),
  }),
})
export const workflowJob = z.object({
  ...base,
  workflow_job: z.object({ name: z.string(), conclusion: z.string().nullable() }),
})
const paths = z.array(z.string()).optional()
export const push = z.object({
  repository: repository.extend({
    full_name: z.string().optional(),
    default_branch: z.string().optional(),
  }),
  installation,
  ref: z.string(),
  created: z.boolean().optional(),
  commits: z.array(z.object({ added: paths, modified: paths, removed: paths })).optional(),
})
export const mergeGroup = z.object({
  ...base,
  action: z.string(),
  merge_group: z.object({ head_sha: isSha }),
})
const named = z.array(z.object({ full_name: z.string() }))
export const installed = z.object({ action: z.string(), installation, repositories: named.optional() })
export const added = z.object({ action: z.string(), installation, repositories_added: named })

function toAccount({ login, id, type }: { login: string; id: number; type: string }): Account {
  return { login, id, kind: type === 'Bot' ? 'bot' : type === 'Organization' ? 'organization' : 'user' }
}
