/** `issues`: a pull request is one too. Labels raise `pull_request` events there, `issues` events elsewhere. */
import * as z from 'zod'
import { demand, reading, writing } from '../auth/may.ts'
import { issueOf, type Api, type Call } from '../http/api.ts'
import { Refusal } from '../http/refusal.ts'
import { empty, json, type Reply } from '../http/reply.ts'
import { raisePull } from '../pulls/pull-events.ts'
import { renderIssue, renderLabel } from '../render/issue.ts'
import { isPull } from '../state/find.ts'
import { labelNamed, nextNumber } from '../state/make.ts'
import type { Issue, Label, Repository } from '../state/records.ts'
import { isoNow } from '../state/time.ts'
import { setState } from './pulls.ts'

const BOTH = ['issues' as const, 'pull_requests' as const]
const Names = z.union([
  z.object({ labels: z.array(z.union([z.string(), z.object({ name: z.string() })])).default([]) }),
  z.array(z.string()),
])
const NewIssue = z.object({
  title: z.string().min(1),
  body: z.string().nullish(),
  labels: z.array(z.string()).default([]),
})
const IssueChange = z.object({
  title: z.string().optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  labels: z.array(z.string()).optional(),
})

export function issueRoutes(api: Api): void {
  api.repo('GET', '/issues', reading(BOTH), list)
  api.repo('POST', '/issues', writing('issues', 'read'), create)
  api.repo('GET', '/issues/:number', reading(BOTH), (call, repo) =>
    json(renderIssue(call.world, repo, issueOf(repo, call.id('number')))),
  )
  api.repo('PATCH', '/issues/:number', writing(BOTH, 'read'), change)
  api.repo('GET', '/issues/:number/labels', reading(BOTH), (call, repo) =>
    call.page(issueOf(repo, call.id('number')).labels, (label) => renderLabel(call.world, repo, label)),
  )
  api.repo('POST', '/issues/:number/labels', writing(BOTH, 'triage'), add)
  api.repo('PUT', '/issues/:number/labels', writing(BOTH, 'triage'), replace)
  api.repo('DELETE', '/issues/:number/labels', writing(BOTH, 'triage'), async (call, repo) => {
    const issue = issueOf(repo, call.id('number'))
    for (const label of [...issue.labels]) await unlabel(call, repo, issue, label)
    return empty()
  })
  api.repo('DELETE', '/issues/:number/labels/:name', writing(BOTH, 'triage'), remove)
}

function list(call: Call, repo: Repository): Reply {
  const state = call.query('state') ?? 'open'
  const labels = (call.query('labels') ?? '').split(',').filter((name) => name !== '')
  const found = [...repo.issues.values()].filter(
    (issue) =>
      (state === 'all' || issue.state === state) &&
      labels.every((name) => issue.labels.some((label) => label.name.toLowerCase() === name.toLowerCase())),
  )
  return call.page(found.reverse(), (issue) => renderIssue(call.world, repo, issue))
}

function create(call: Call, repo: Repository): Reply {
  const input = call.body(NewIssue)
  const now = isoNow(call.world)
  const issue: Issue = {
    id: call.world.nextId(),
    number: nextNumber(repo),
    title: input.title,
    body: input.body ?? null,
    author: call.account,
    state: 'open',
    labels: input.labels.map((name) => labelNamed(call.world, repo, name)),
    comments: [],
    locked: false,
    createdAt: now,
    updatedAt: now,
    closedAt: null,
  }
  repo.issues.set(issue.number, issue)
  raiseIssue(call, repo, issue, 'opened')
  return json(renderIssue(call.world, repo, issue), 201)
}

async function change(call: Call, repo: Repository): Promise<Reply> {
  const issue = issueOf(repo, call.id('number'))
  const input = call.body(IssueChange)
  if (call.account !== issue.author) demand(call.actor, repo, writing(BOTH, 'triage'))
  if (input.title !== undefined) issue.title = input.title
  if (input.body !== undefined) issue.body = input.body
  if (input.labels) await setLabels(call, repo, issue, input.labels)
  if (input.state !== undefined && input.state !== issue.state) {
    if (isPull(issue)) await setState(call, repo, issue, input.state)
    else {
      issue.state = input.state
      issue.closedAt = input.state === 'closed' ? isoNow(call.world) : null
      raiseIssue(call, repo, issue, input.state === 'closed' ? 'closed' : 'reopened')
    }
  }
  issue.updatedAt = isoNow(call.world)
  return json(renderIssue(call.world, repo, issue))
}

function raiseIssue(call: Call, repo: Repository, issue: Issue, action: string, label?: Label): void {
  const more = label ? { label: renderLabel(call.world, repo, label) } : {}
  call.hub.raise(repo, {
    event: 'issues',
    action,
    actor: call.actor,
    payload: { issue: renderIssue(call.world, repo, issue), ...more },
  })
}

async function raiseLabel(
  call: Call,
  repo: Repository,
  issue: Issue,
  action: string,
  label: Label,
): Promise<void> {
  issue.updatedAt = isoNow(call.world)
  if (!isPull(issue)) {
    raiseIssue(call, repo, issue, action, label)
    return
  }
  const more = { label: renderLabel(call.world, repo, label) }
  await raisePull(call, repo, issue.number, action, call.actor, more)
}

async function label(call: Call, repo: Repository, issue: Issue, name: string): Promise<void> {
  if (name === '' || name.length > 50) throw new Refusal(422, 'Validation Failed')
  const wanted = labelNamed(call.world, repo, name)
  if (issue.labels.includes(wanted)) return
  issue.labels.push(wanted)
  await raiseLabel(call, repo, issue, 'labeled', wanted)
}

async function unlabel(call: Call, repo: Repository, issue: Issue, gone: Label): Promise<void> {
  issue.labels = issue.labels.filter((label) => label !== gone)
  await raiseLabel(call, repo, issue, 'unlabeled', gone)
}

async function setLabels(call: Call, repo: Repository, issue: Issue, names: string[]): Promise<void> {
  for (const old of [...issue.labels])
    if (!names.some((name) => name.toLowerCase() === old.name.toLowerCase()))
      await unlabel(call, repo, issue, old)
  for (const name of names) await label(call, repo, issue, name)
}

function namesIn(call: Call): string[] {
  const input = call.body(Names)
  return (Array.isArray(input) ? input : input.labels).map((one) =>
    typeof one === 'string' ? one : one.name,
  )
}

async function add(call: Call, repo: Repository): Promise<Reply> {
  const issue = issueOf(repo, call.id('number'))
  for (const name of namesIn(call)) await label(call, repo, issue, name)
  return json(issue.labels.map((one) => renderLabel(call.world, repo, one)))
}

async function replace(call: Call, repo: Repository): Promise<Reply> {
  const issue = issueOf(repo, call.id('number'))
  await setLabels(call, repo, issue, namesIn(call))
  return json(issue.labels.map((one) => renderLabel(call.world, repo, one)))
}

async function remove(call: Call, repo: Repository): Promise<Reply> {
  const issue = issueOf(repo, call.id('number'))
  const gone = issue.labels.find((one) => one.name.toLowerCase() === call.param('name').toLowerCase())
  if (!gone) throw new Refusal(404, 'Label does not exist')
  await unlabel(call, repo, issue, gone)
  return json(issue.labels.map((one) => renderLabel(call.world, repo, one)))
}
