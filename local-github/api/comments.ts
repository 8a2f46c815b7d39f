/** Comments on issues and pull requests, and reactions to them. */
import * as z from 'zod'
import { demand, reading, writing } from '../auth/may.ts'
import { issueOf, type Api, type Call } from '../http/api.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { empty, json, type Reply } from '../http/reply.ts'
import { isReaction, renderComment, renderIssue, renderReaction } from '../render/issue.ts'
import { commentIn } from '../state/find.ts'
import type { Comment, Issue, Repository } from '../state/records.ts'
import { isoNow } from '../state/time.ts'

const BOTH = ['issues' as const, 'pull_requests' as const]
/** GitHub's limit, in characters. */
const MAX_BODY = 65_536
const Body = z.object({ body: z.string() })
const Content = z.object({ content: z.string() })

export function commentRoutes(api: Api): void {
  api.repo('GET', '/issues/:number/comments', reading(BOTH), (call, repo) => {
    const issue = issueOf(repo, call.id('number'))
    return call.page(issue.comments, (comment) => renderComment(call.world, repo, issue, comment))
  })
  api.repo('POST', '/issues/:number/comments', writing(BOTH, 'read'), create)
  api.repo('GET', '/issues/comments', reading(BOTH), (call, repo) => {
    const all = [...repo.issues.values()].flatMap((issue) =>
      issue.comments.map((comment) => ({ issue, comment })),
    )
    const newest = call.query('direction') === 'desc' ? all.reverse() : all
    return call.page(newest, ({ issue, comment }) => renderComment(call.world, repo, issue, comment))
  })
  api.repo('GET', '/issues/comments/:id', reading(BOTH), (call, repo) => {
    const { issue, comment } = commentOf(repo, call.id('id'))
    return json(renderComment(call.world, repo, issue, comment))
  })
  api.repo('PATCH', '/issues/comments/:id', writing(BOTH, 'read'), edit)
  api.repo('DELETE', '/issues/comments/:id', writing(BOTH, 'read'), remove)
  api.repo('GET', '/issues/comments/:id/reactions', reading(BOTH), (call, repo) =>
    call.page(commentOf(repo, call.id('id')).comment.reactions, (one) => renderReaction(call.world, one)),
  )
  api.repo('POST', '/issues/comments/:id/reactions', writing(BOTH, 'read'), react)
  api.repo('DELETE', '/issues/comments/:id/reactions/:reaction', writing(BOTH, 'read'), (call, repo) => {
    const { comment } = commentOf(repo, call.id('id'))
    const mine = comment.reactions.find(({ id, user }) => id === call.id('reaction') && user === call.account)
    if (!mine) throw notFound()
    comment.reactions = comment.reactions.filter((one) => one !== mine)
    return empty()
  })
}

function commentOf(repo: Repository, id: number): { issue: Issue; comment: Comment } {
  const found = commentIn(repo, id)
  if (!found) throw notFound()
  return found
}

function bodyOf(call: Call): string {
  const { body } = call.body(Body)
  const wrong = (message: string): Refusal =>
    new Refusal(422, 'Validation Failed', {
      errors: [{ resource: 'IssueComment', code: 'unprocessable', field: 'data', message }],
    })
  if (body.trim() === '') throw wrong("Body can't be blank")
  if (body.length > MAX_BODY) throw wrong(`Body is too long (maximum is ${MAX_BODY} characters)`)
  return body
}

function raise(
  call: Call,
  repo: Repository,
  issue: Issue,
  comment: Comment,
  action: string,
  more = {},
): void {
  call.hub.raise(repo, {
    event: 'issue_comment',
    action,
    actor: call.actor,
    payload: {
      issue: renderIssue(call.world, repo, issue),
      comment: renderComment(call.world, repo, issue, comment),
      ...more,
    },
  })
}

function create(call: Call, repo: Repository): Reply {
  const issue = issueOf(repo, call.id('number'))
  if (issue.locked) demand(call.actor, repo, writing(BOTH))
  const now = isoNow(call.world)
  const comment: Comment = {
    id: call.world.nextId(),
    body: bodyOf(call),
    author: call.account,
    createdAt: now,
    updatedAt: now,
    minimized: false,
    reactions: [],
  }
  issue.comments.push(comment)
  issue.updatedAt = now
  raise(call, repo, issue, comment, 'created')
  return json(renderComment(call.world, repo, issue, comment), 201)
}

/** A person changes others' comments with write access; an App whose token may write, any. */
function mayChange(call: Call, repo: Repository, comment: Comment): void {
  if (comment.author === call.account) return
  if (call.actor.kind === 'user') demand(call.actor, repo, writing(BOTH))
}

function edit(call: Call, repo: Repository): Reply {
  const { issue, comment } = commentOf(repo, call.id('id'))
  mayChange(call, repo, comment)
  const body = bodyOf(call)
  const changes = { body: { from: comment.body } }
  const changed = body !== comment.body
  comment.body = body
  if (changed) {
    comment.updatedAt = isoNow(call.world)
    comment.lastEditedAt = comment.updatedAt
    raise(call, repo, issue, comment, 'edited', { changes })
  }
  return json(renderComment(call.world, repo, issue, comment))
}

function remove(call: Call, repo: Repository): Reply {
  const { issue, comment } = commentOf(repo, call.id('id'))
  mayChange(call, repo, comment)
  issue.comments = issue.comments.filter((one) => one !== comment)
  raise(call, repo, issue, comment, 'deleted')
  return empty()
}

/** The same reaction of the same account again is the one that is there: 200 instead of 201. */
function react(call: Call, repo: Repository): Reply {
  const { comment } = commentOf(repo, call.id('id'))
  const { content } = call.body(Content)
  if (!isReaction(content)) throw new Refusal(422, 'Validation Failed')
  const there = comment.reactions.find((one) => one.user === call.account && one.content === content)
  if (there) return json(renderReaction(call.world, there))
  const reaction = { id: call.world.nextId(), content, user: call.account, createdAt: isoNow(call.world) }
  comment.reactions.push(reaction)
  return json(renderReaction(call.world, reaction), 201)
}
