import * as z from 'zod'

import { failure } from '../../core/model/failure.ts'
import { sha } from '../../core/model/ids.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import type { LedgerEntry } from '../../core/ports.ts'
import { eventOfMessage } from '../git/ledger-message.ts'
import type { Calls } from './calls.ts'
import { present } from './pull-facts.ts'

/** The chain lies in a ref of its own or, where a forge refuses those, in a branch of the same name. */
export const LEDGER_QUERY = `query OrchestrateLedger(
  $owner: String!, $repo: String!, $own: String!, $branch: String!, $after: String
) {
  repository(owner: $owner, name: $repo) {
    own: object(expression: $own) { ...Chain }
    branch: object(expression: $branch) { ...Chain }
  }
}
fragment Chain on GitObject {
  __typename
  ... on Commit {
    history(first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes { oid message } }
  }
}`

const history = z.object({
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  nodes: z.array(z.object({ oid: z.string(), message: z.string() }).nullable()).nullable(),
})
const chain = z.object({ __typename: z.string(), history: history.optional() }).nullable()
const answerSchema = z.object({ repository: z.object({ own: chain, branch: chain }) })

/** A run's chain holds tens of events; one of so many pages is none of ours. */
const MAX_PAGES = 100
const RUN = /^[a-z0-9][a-z0-9-]*$/

/** The entries of a run's chain, oldest first. Empty where there is none. */
export async function readLedger(calls: Calls, run: string): Promise<Result<LedgerEntry[]>> {
  if (!RUN.test(run)) return ok([])
  const found: LedgerEntry[] = []
  const refs = { own: `refs/orchestrate/${run}/run`, branch: `refs/heads/orchestrate-ledger/${run}/run` }
  let page = await readPage(calls, run, refs, null)
  for (let pages = 1; ; pages += 1) {
    if (!page.ok) return page
    if (page.value === undefined) break
    for (const commit of present(page.value)) {
      const entry = eventOfMessage(commit.message)
      if (entry === undefined) return err([noEntry(commit.oid, run)])
      found.push({ commit: sha(commit.oid), event: entry.event })
    }
    const { hasNextPage, endCursor } = page.value.pageInfo
    const head = found[0]?.commit
    if (!hasNextPage || head === undefined || pages === MAX_PAGES) break
    // further pages by commit: the ref may have grown meanwhile
    page = await readPage(calls, run, { own: head, branch: head }, endCursor)
  }
  return ok(found.reverse())
}

async function readPage(
  calls: Calls,
  run: string,
  at: { own: string; branch: string },
  after: string | null,
): Promise<Result<z.infer<typeof history> | undefined>> {
  const answer = await calls.query({
    what: `reading the ledger of ${run}`,
    needs: 'contents: read',
    query: LEDGER_QUERY,
    variables: { owner: calls.owner, repo: calls.repo, ...at, after },
    schema: answerSchema,
    mayLack: (path, type) => path.length > 1 && type === 'NOT_FOUND',
  })
  if (!answer.ok) return answer
  const { own, branch } = answer.value.repository
  return ok((own ?? branch)?.history)
}

const noEntry = (commit: string, run: string) =>
  failure(
    'ledger-unreadable',
    `Commit ${commit} in the ledger of ${run} is no entry: its message does not end in one line of JSON.`,
    'Somebody wrote to this ref by hand. Move it back to the last good commit.',
  )
