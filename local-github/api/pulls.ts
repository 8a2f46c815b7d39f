/** `pulls`: open, read, list, change, their files and commits. */
import * as z from 'zod'
import { reading, writing, demand, canSee } from '../auth/may.ts'
import { pullOf, type Api, type Call } from '../http/api.ts'
import { linkHeader, pageOf, slice } from '../http/paging.ts'
import { custom, invalid } from '../http/refusal.ts'
import { json, type Reply } from '../http/reply.ts'
import { closePull, compareOf, pullNumbers, raisePull, refreshMergeRefs } from '../pulls/pull-events.ts'
import { renderCommit, renderFile, renderPull, renderPullSummary } from '../render/pull.ts'
import { isPull, repositoryOf } from '../state/find.ts'
import { nextNumber } from '../state/make.ts'
import type { PullRequest, Repository } from '../state/records.ts'
import { isoNow } from '../state/time.ts'

/** GitHub lists no more of a pull request. */
const MAX_FILES = 3_000
const MAX_COMMITS = 250

const Opening = z.object({
  title: z.string().min(1),
  head: z.string(),
  base: z.string(),
  body: z.string().nullish(),
  draft: z.boolean().optional(),
  maintainer_can_modify: z.boolean().optional(),
})

const Change = z.object({
  title: z.string().min(1).optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  base: z.string().optional(),
})

export function pullRoutes(api: Api): void {
  api.repo('GET', '/pulls', reading('pull_requests'), list)
  api.repo('POST', '/pulls', writing('pull_requests', 'read'), open)
  api.repo('GET', '/pulls/:number', reading('pull_requests'), async (call, repo) =>
    json(await rendered(call, repo, pullOf(repo, call.id('number')))),
  )
  api.repo('PATCH', '/pulls/:number', writing('pull_requests', 'read'), change)
  api.repo('GET', '/pulls/:number/files', reading('pull_requests'), files)
  api.repo('GET', '/pulls/:number/commits', reading('pull_requests'), commits)
}

async function rendered(call: Call, repo: Repository, issue: PullRequest): Promise<Record<string, unknown>> {
  return renderPull(call.world, repo, issue, await pullNumbers(repo, issue))
}

function list(call: Call, repo: Repository): Reply {
  const state = call.query('state') ?? 'open'
  const [head, base] = [call.query('head'), call.query('base')]
  const found = [...repo.issues.values()].filter(isPull).filter((issue) => {
    const { pull } = issue
    const label = `${pull.head.repository.owner.login}:${pull.head.ref}`
    return (
      (state === 'all' || issue.state === state) &&
      (head === undefined || head === label) &&
      (base === undefined || base === pull.base.ref)
    )
  })
  const order = call.query('direction') === 'asc' ? found : found.reverse()
  return call.page(order, (issue) => renderPullSummary(call.world, repo, issue))
}

/** `branch`, or `owner:branch` of a fork. */
function headOf(call: Call, repo: Repository, head: string): { repository: Repository; ref: string } {
  const cut = head.indexOf(':')
  if (cut < 0) return { repository: repo, ref: head }
  const [owner, ref] = [head.slice(0, cut), head.slice(cut + 1)]
  if (owner.toLowerCase() === repo.owner.login.toLowerCase()) return { repository: repo, ref }
  const fork = repositoryOf(call.world, `${owner}/${repo.name}`)
  if (fork?.parent !== repo || !canSee(call.actor, fork)) throw invalid('PullRequest', 'head')
  return { repository: fork, ref }
}

async function open(call: Call, repo: Repository): Promise<Reply> {
  const input = call.body(Opening)
  const head = headOf(call, repo, input.head)
  const [sha, base] = await Promise.all([head.repository.git.tip(head.ref), repo.git.tip(input.base)])
  if (sha === undefined) throw invalid('PullRequest', 'head')
  if (base === undefined) throw invalid('PullRequest', 'base')
  // Whoever opens one pushes to its head: a reader can do so from a fork only.
  if (head.repository === repo) demand(call.actor, repo, writing('pull_requests'))
  const same = [...repo.issues.values()]
    .filter(isPull)
    .some(
      ({ state, pull }) =>
        state === 'open' &&
        pull.head.repository === head.repository &&
        pull.head.ref === head.ref &&
        pull.base.ref === input.base,
    )
  const label = `${head.repository.owner.login}:${head.ref}`
  if (same) throw custom('PullRequest', `A pull request already exists for ${label}.`)
  if (head.repository === repo && (await repo.git.isAncestor(sha, base)))
    throw custom('PullRequest', `No commits between ${input.base} and ${head.ref}`)

  const now = isoNow(call.world)
  const issue: PullRequest = {
    id: call.world.nextId(),
    number: nextNumber(repo),
    title: input.title,
    body: input.body ?? null,
    author: call.account,
    state: 'open',
    labels: [],
    comments: [],
    locked: false,
    createdAt: now,
    updatedAt: now,
    closedAt: null,
    pull: {
      head: { ...head, sha },
      base: { ref: input.base, sha: base },
      draft: input.draft ?? false,
      reviews: [],
      forcePushes: [],
      maintainerCanModify: input.maintainer_can_modify ?? false,
    },
  }
  repo.issues.set(issue.number, issue)
  await refreshMergeRefs(repo, issue)
  await raisePull(call, repo, issue.number, 'opened', call.actor)
  return json(await rendered(call, repo, issue), 201)
}

async function change(call: Call, repo: Repository): Promise<Reply> {
  const issue = pullOf(repo, call.id('number'))
  const input = call.body(Change)
  if (call.actor.kind !== 'user' || call.account !== issue.author)
    demand(call.actor, repo, writing('pull_requests'))
  const from: Record<string, unknown> = {}
  if (input.title !== undefined && input.title !== issue.title) {
    from['title'] = { from: issue.title }
    issue.title = input.title
  }
  if (input.body !== undefined && input.body !== issue.body) {
    from['body'] = { from: issue.body ?? '' }
    issue.body = input.body
  }
  if (input.base !== undefined && input.base !== issue.pull.base.ref) {
    const sha = await repo.git.tip(input.base)
    if (sha === undefined) throw invalid('PullRequest', 'base')
    from['base'] = { ref: { from: issue.pull.base.ref }, sha: { from: issue.pull.base.sha } }
    issue.pull.base = { ref: input.base, sha }
    await refreshMergeRefs(repo, issue)
  }
  issue.updatedAt = isoNow(call.world)
  if (Object.keys(from).length > 0)
    await raisePull(call, repo, issue.number, 'edited', call.actor, { changes: from })
  if (input.state !== undefined && input.state !== issue.state) await setState(call, repo, issue, input.state)
  return json(await rendered(call, repo, issue))
}

export async function setState(
  call: Call,
  repo: Repository,
  issue: PullRequest,
  state: 'open' | 'closed',
): Promise<void> {
  if (state === 'closed') {
    await closePull(call, repo, issue.number, call.actor)
    return
  }
  const tip = await issue.pull.head.repository.git.tip(issue.pull.head.ref)
  if (issue.pull.merged || tip === undefined) throw invalid('PullRequest', 'state')
  issue.state = 'open'
  issue.closedAt = null
  issue.pull.head.sha = tip
  await refreshMergeRefs(repo, issue)
  await raisePull(call, repo, issue.number, 'reopened', call.actor)
}

async function files(call: Call, repo: Repository): Promise<Reply> {
  const issue = pullOf(repo, call.id('number'))
  const { files: all } = await compareOf(repo, issue)
  return call.page(all.slice(0, MAX_FILES), (file) => renderFile(call.world, repo, issue.pull.head.sha, file))
}

async function commits(call: Call, repo: Repository): Promise<Reply> {
  const issue = pullOf(repo, call.id('number'))
  const shas = (await compareOf(repo, issue)).commits.slice(0, MAX_COMMITS)
  const page = pageOf(call.url.searchParams)
  const found = await repo.git.commits(slice(shas, page))
  const body = found.map((commit) => renderCommit(call.world, repo, commit))
  return json(body, 200, linkHeader(call.url, shas.length, page))
}
