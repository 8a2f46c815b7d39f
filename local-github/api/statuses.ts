/** Commit statuses: the older way to say what a check says. */
import * as z from 'zod'
import { reading, writing } from '../auth/may.ts'
import type { Api, Call } from '../http/api.ts'
import { Refusal } from '../http/refusal.ts'
import { json, type Reply } from '../http/reply.ts'
import { renderStatus } from '../render/check.ts'
import { renderMinimalRepository } from '../render/repository.ts'
import { renderCommit } from '../render/pull.ts'
import type { CommitStatus, Repository } from '../state/records.ts'
import { isoNow } from '../state/time.ts'

const Input = z.object({
  state: z.enum(['error', 'failure', 'pending', 'success']),
  context: z.string().default('default'),
  description: z.string().nullish(),
  target_url: z.string().nullish(),
})

export function statusRoutes(api: Api): void {
  api.repo('POST', '/statuses/:ref', writing('statuses'), create)
  for (const path of ['/commits/:ref/statuses', '/statuses/:ref'])
    api.repo('GET', path, reading('statuses'), async (call, repo) => {
      const sha = await shaOf(call, repo)
      const found = repo.statuses.filter((status) => status.sha === sha).reverse()
      return call.page(found, (status) => renderStatus(call.world, repo, status))
    })
  api.repo('GET', '/commits/:ref/status', reading('statuses'), combined)
}

async function shaOf(call: Call, repo: Repository): Promise<string> {
  const sha = await repo.git.resolveCommit(call.param('ref'))
  if (sha === undefined) throw new Refusal(422, `No commit found for SHA: ${call.param('ref')}`)
  return sha
}

async function create(call: Call, repo: Repository): Promise<Reply> {
  const sha = await shaOf(call, repo)
  const input = call.body(Input)
  const status: CommitStatus = {
    id: call.world.nextId(),
    sha,
    state: input.state,
    context: input.context,
    description: input.description ?? null,
    targetUrl: input.target_url ?? null,
    creator: call.account,
    createdAt: isoNow(call.world),
  }
  repo.statuses.push(status)
  const commit = await repo.git.commit(sha)
  call.hub.raise(repo, {
    event: 'status',
    actor: call.actor,
    payload: {
      id: status.id,
      sha,
      name: repo.fullName,
      avatar_url: null,
      target_url: status.targetUrl,
      context: status.context,
      description: status.description,
      state: status.state,
      commit: commit ? renderCommit(call.world, repo, commit) : null,
      branches: [],
      created_at: status.createdAt,
      updated_at: status.createdAt,
    },
  })
  return json(renderStatus(call.world, repo, status), 201)
}

async function combined(call: Call, repo: Repository): Promise<Reply> {
  const sha = await shaOf(call, repo)
  const newest = new Map(repo.statuses.filter((one) => one.sha === sha).map((one) => [one.context, one]))
  const states = [...newest.values()].map(({ state }) => state)
  const bad = states.some((state) => state === 'error' || state === 'failure')
  const waiting = states.length === 0 || states.includes('pending')
  const api = `${call.world.url}/repos/${repo.fullName}`
  return json({
    state: bad ? 'failure' : waiting ? 'pending' : 'success',
    statuses: [...newest.values()].map((status) => renderStatus(call.world, repo, status)),
    sha,
    total_count: newest.size,
    repository: renderMinimalRepository(call.world, repo),
    commit_url: `${api}/commits/${sha}`,
    url: `${api}/commits/${sha}/status`,
  })
}
