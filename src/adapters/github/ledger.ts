import * as z from 'zod/mini'

import type { AttemptChain, AttemptName, RunLedger } from '../../core/forge.ts'
import { failure } from '../../core/model/failure.ts'
import { sha } from '../../core/model/ids.ts'
import { lazily } from '../../core/model/lazily.ts'
import { phaseRef, runRef } from '../../core/model/ledger-refs.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import type { LedgerEntry } from '../../core/ports.ts'
import { eventOfMessage } from '../git/ledger-message.ts'
import type { Calls } from './calls.ts'
import { present } from './pull-facts.ts'

/**
 * The run's chain lies in a ref of its own or, where a forge refuses those, in a branch of the same name. Attempts' chains are
 * aliases of the same query; their refs are variables, for a phase's id is text of a plan.
 */
export function ledgerQuery(attempts: number): string {
  const each = Array.from({ length: attempts }, (_, at) => at)
  return `query OrchestrateLedger(
  $owner: String!, $repo: String!, $own: String!, $branch: String!, $after: String${each.map((at) => `, $a${at}: String!`).join('')}
) {
  repository(owner: $owner, name: $repo) {
    own: object(expression: $own) { ...Chain }
    branch: object(expression: $branch) { ...Chain }
    ${each.map((at) => `a${at}: object(expression: $a${at}) { ...Newest }`).join('\n    ')}
  }
}
fragment Chain on GitObject {
  __typename
  ... on Commit {
    history(first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes { oid message } }
  }
}${attempts === 0 ? '' : NEWEST}`
}

const NEWEST = `
fragment Newest on GitObject { ... on Commit { history(first: 60) { totalCount nodes { oid message } } } }`

const commits = lazily(() =>
  z.nullable(z.array(z.nullable(z.object({ oid: z.string(), message: z.string() })))),
)
const newest = lazily(() =>
  z.nullish(z.object({ history: z.optional(z.object({ totalCount: z.number(), nodes: commits() })) })),
)
const answerSchema = lazily(() => {
  const history = z.object({
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.nullable(z.string()) }),
    nodes: commits(),
  })
  const chain = z.nullable(z.object({ __typename: z.string(), history: z.optional(history) }))
  return z.object({ repository: z.catchall(z.object({ own: chain, branch: chain }), newest()) })
})
type Answer = z.infer<ReturnType<typeof answerSchema>>['repository']

/** A run's chain holds tens of events; one of so many pages is none of ours. */
const MAX_PAGES = 100
const RUN = /^[a-z0-9][a-z0-9-]*$/

/** The entries of a run's chain, oldest first, and the newest of some attempts' chains. Empty where there is none. */
export async function readLedger(
  calls: Calls,
  run: string,
  attempts: readonly AttemptName[] = [],
): Promise<Result<RunLedger>> {
  if (!RUN.test(run)) return ok({ entries: [], attempts: [] })
  const found: LedgerEntry[] = []
  const refs = { own: runRef(run), branch: runRef(run).replace(/^refs\/orchestrate\//, BRANCHES) }
  let page = await readPage(calls, run, refs, null, attempts)
  const chains = page.ok ? attempts.flatMap((one, at) => attemptChain(one, page, at)) : []
  for (let pages = 1; ; pages += 1) {
    if (!page.ok) return page
    const chained = (page.value.own ?? page.value.branch)?.history
    if (chained === undefined) break
    for (const commit of present(chained)) {
      const entry = eventOfMessage(commit.message)
      if (entry === undefined) return err([noEntry(commit.oid, run)])
      found.push({ commit: sha(commit.oid), event: entry.event })
    }
    const { hasNextPage, endCursor } = chained.pageInfo
    const head = found[0]?.commit
    if (!hasNextPage || head === undefined || pages === MAX_PAGES) break
    // further pages by commit: the ref may have grown meanwhile
    page = await readPage(calls, run, { own: head, branch: head }, endCursor, [])
  }
  return ok({ entries: found.reverse(), attempts: chains })
}

const BRANCHES = 'refs/heads/orchestrate-ledger/'

async function readPage(
  calls: Calls,
  run: string,
  at: { own: string; branch: string },
  after: string | null,
  attempts: readonly AttemptName[],
): Promise<Result<Answer>> {
  const names = attempts.map(({ phase, attempt }, index) => [`a${index}`, phaseRef(run, phase, attempt)])
  const answer = await calls.query({
    what: `reading the ledger of ${run}`,
    needs: 'contents: read',
    query: ledgerQuery(attempts.length),
    variables: { owner: calls.owner, repo: calls.repo, ...at, after, ...Object.fromEntries(names) },
    schema: answerSchema,
    mayLack: (path, type) => path.length > 1 && type === 'NOT_FOUND',
  })
  return answer.ok ? ok(answer.value.repository) : answer
}

/** What is no entry there is left out with all that is older: it is shown, and decides nothing. */
function attemptChain(name: AttemptName, page: Result<Answer>, at: number): AttemptChain[] {
  const chained = page.ok ? newest().parse(page.value[`a${at}`])?.history : undefined
  if (chained === undefined) return []
  const entries: LedgerEntry[] = []
  for (const commit of present(chained)) {
    const entry = eventOfMessage(commit.message)
    if (entry === undefined) break
    entries.push({ commit: sha(commit.oid), event: entry.event })
  }
  return [{ ...name, entries: entries.reverse(), count: chained.totalCount }]
}

const noEntry = (commit: string, run: string) =>
  failure(
    'ledger-unreadable',
    `Commit ${commit} in the ledger of ${run} is no entry: its message does not end in one line of JSON.`,
    'Somebody wrote to this ref by hand. Move it back to the last good commit.',
  )
