/** `node(id:)`: what carries a node id in REST can be asked for by it. */
import { canSee } from '../auth/may.ts'
import { commentIn, isPull } from '../state/find.ts'
import type { Repository } from '../state/records.ts'
import { runNode } from './checks.ts'
import type { Context } from './context.ts'
import { commentNode, pullNode, reviewNode } from './pulls.ts'
import { repositoryNode, unresolved } from './repository.ts'

export function parseNodeId(id: string): { kind: string; id: number } {
  const [kind = '', value = ''] = Buffer.from(id, 'base64url').toString().split(':')
  return { kind, id: Number(value) }
}

const missing = (id: string): Error => unresolved(`node with the global id of '${id}'`)

export function nodeById(context: Context, id: string): unknown {
  const wanted = parseNodeId(id)
  for (const repo of context.world.repositories.values()) {
    if (!canSee(context.actor, repo)) continue
    const found = nodeIn(context, repo, wanted)
    if (found) return found
  }
  throw missing(id)
}

function nodeIn(context: Context, repo: Repository, wanted: { kind: string; id: number }): unknown {
  if (wanted.kind === 'Repository') return repo.id === wanted.id ? repositoryNode(context, repo) : undefined
  if (wanted.kind === 'CheckRun') {
    const run = repo.checks.get(wanted.id)
    return run && runNode(context, repo, run)
  }
  if (wanted.kind === 'IssueComment') {
    const found = commentIn(repo, wanted.id)
    return found && commentNode(context, repo, found.issue, found.comment)
  }
  for (const issue of [...repo.issues.values()].filter(isPull)) {
    if (wanted.kind === 'PullRequest' && issue.id === wanted.id) return pullNode(context, repo, issue)
    const review = issue.pull.reviews.find((one) => one.id === wanted.id)
    if (wanted.kind === 'PullRequestReview' && review) return reviewNode(context, repo, issue, review)
  }
  return undefined
}
