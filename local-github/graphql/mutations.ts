/** The few mutations that REST has no counterpart of. */
import { GraphQLError } from 'graphql'
import { refusal, writing } from '../auth/may.ts'
import type { Call } from '../http/api.ts'
import { commentIn } from '../state/find.ts'
import type { Comment, Issue, Repository } from '../state/records.ts'
import { commentNode } from './pulls.ts'
import { parseNodeId } from './nodes.ts'

export function mutations(call: Call): Record<string, unknown> {
  return {
    minimizeComment: ({ input }: { input: { subjectId: string; clientMutationId?: string } }) =>
      setMinimized(call, input, true),
    unminimizeComment: ({ input }: { input: { subjectId: string; clientMutationId?: string } }) =>
      setMinimized(call, input, false),
  }
}

function subject(call: Call, id: string): { repo: Repository; issue: Issue; comment: Comment } {
  const wanted = parseNodeId(id)
  for (const repo of call.world.repositories.values()) {
    const found = wanted.kind === 'IssueComment' ? commentIn(repo, wanted.id) : undefined
    if (!found) continue
    const refused = refusal(call.actor, repo, writing(['issues', 'pull_requests']))
    if (refused) throw new GraphQLError(refused.message, { extensions: { type: 'FORBIDDEN' } })
    return { repo, ...found }
  }
  throw new GraphQLError(`Could not resolve to a node with the global id of '${id}'.`, {
    extensions: { type: 'NOT_FOUND' },
  })
}

function setMinimized(
  call: Call,
  input: { subjectId: string; clientMutationId?: string },
  minimized: boolean,
): Record<string, unknown> {
  const { repo, issue, comment } = subject(call, input.subjectId)
  comment.minimized = minimized
  const node = commentNode({ world: call.world, actor: call.actor }, repo, issue, comment)
  const key = minimized ? 'minimizedComment' : 'unminimizedComment'
  return { clientMutationId: input.clientMutationId ?? null, [key]: node }
}
