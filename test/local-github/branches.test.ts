import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { WorkflowEvent } from '../../local-github/types.ts'
import { pick, pushBranch, REPO, stage, type Stage } from './support.ts'

let it: Stage
const repo = `/repos/${REPO}`
const started: WorkflowEvent[] = []

beforeAll(async () => {
  it = await stage()
  it.github.onWorkflowEvent((event) => started.push(event))
})
afterAll(() => it.close())
beforeEach(async () => {
  await it.github.idle()
  it.hook.clear()
  started.length = 0
})

const put = (file: string, text: string, branch: string, sha?: unknown) =>
  it.api(it.tokens.bob, 'PUT', `${repo}/contents/${file}`, {
    message: `Write ${file}`,
    content: Buffer.from(text).toString('base64'),
    branch,
    ...(sha === undefined ? {} : { sha }),
  })
const tip = async (branch: string): Promise<unknown> =>
  pick((await it.api(undefined, 'GET', `${repo}/git/ref/heads/${branch}`)).body, 'object.sha')

test('a branch moves forward only, unless it is forced', async () => {
  const old = await tip('main')
  const next = await pushBranch(it, 'side', { 'b.txt': 'b\n' })
  await it.api(it.tokens.bob, 'POST', `${repo}/git/refs`, { ref: 'refs/heads/run', sha: next })
  const move = (sha: unknown, force = false) =>
    it.api(it.tokens.bob, 'PATCH', `${repo}/git/refs/heads/run`, { sha, force })
  expect(await move(old)).toMatchObject({ status: 422, body: { message: 'Update is not a fast forward' } })
  expect((await move(old, true)).status).toBe(200)
  expect((await move(next)).status).toBe(200)
  expect((await move('f'.repeat(40))).status).toBe(422)
  expect((await it.api(it.tokens.carol, 'PATCH', `${repo}/git/refs/heads/run`, { sha: old })).status).toBe(
    403,
  )
  const matching = await it.api(undefined, 'GET', `${repo}/git/matching-refs/heads/ru`)
  expect(matching.body).toMatchObject([{ ref: 'refs/heads/run', object: { sha: next } }])
  expect((await it.api(it.tokens.bob, 'DELETE', `${repo}/git/refs/heads/run`)).status).toBe(204)
  expect((await it.api(undefined, 'GET', `${repo}/git/ref/heads/run`)).status).toBe(404)
  await it.github.idle()
  expect(it.hook.received.filter(({ body }) => pick(body, 'forced') === true)).toHaveLength(1)
})

test('a file is written onto what is there, and never over what one has not seen', async () => {
  await put('docs/x.md', 'one', 'side')
  expect((await put('docs/x.md', 'two', 'side')).status).toBe(422)
  expect((await put('docs/x.md', 'two', 'side', '0'.repeat(40))).status).toBe(409)
  const there = (await it.api(undefined, 'GET', `${repo}/contents/docs/x.md?ref=side`)).body
  expect((await put('docs/x.md', 'two', 'side', pick(there, 'sha'))).status).toBe(200)
  const compared = await it.api(undefined, 'GET', `${repo}/compare/main...side`)
  expect(compared.body).toMatchObject({
    status: 'ahead',
    ahead_by: 3,
    files: [{ filename: 'b.txt' }, { filename: 'docs/x.md' }],
  })
})

test('a merge keeps what the base got meanwhile, and a conflict is refused', async () => {
  await it.api(it.tokens.bob, 'POST', `${repo}/pulls`, { title: 'Side', head: 'side', base: 'main' })
  await put('kept.txt', 'kept', 'main')
  const merge = (body: object) => it.api(it.tokens.alice, 'PUT', `${repo}/pulls/1/merge`, body)
  expect((await merge({ sha: '0'.repeat(40) })).status).toBe(409)
  expect((await it.api(it.tokens.carol, 'PUT', `${repo}/pulls/1/merge`, {})).status).toBe(403)
  expect((await merge({})).status).toBe(200)
  for (const file of ['kept.txt', 'b.txt', 'docs/x.md'])
    expect((await it.api(undefined, 'GET', `${repo}/contents/${file}`)).status).toBe(200)
  await it.github.idle()
  expect(it.hook.last('pull_request', 'closed')).toMatchObject({
    pull_request: { merged: true, merged_by: { login: 'alice' } },
  })

  await pushBranch(it, 'clash', { 'kept.txt': 'theirs\n' })
  await it.api(it.tokens.bob, 'POST', `${repo}/pulls`, { title: 'Clash', head: 'clash', base: 'main' })
  const file = (await it.api(undefined, 'GET', `${repo}/contents/kept.txt`)).body
  await put('kept.txt', 'ours', 'main', pick(file, 'sha'))
  expect((await it.api(undefined, 'GET', `${repo}/pulls/2`)).body).toMatchObject({
    mergeable: false,
    mergeable_state: 'dirty',
  })
  expect((await it.api(it.tokens.alice, 'PUT', `${repo}/pulls/2/merge`, {})).status).toBe(405)
})

test('a head that is pushed to its base by hand is a merged pull request', async () => {
  const sha = await pushBranch(it, 'straight', { 'straight.txt': 's\n' })
  await it.api(it.tokens.bob, 'POST', `${repo}/pulls`, { title: 'Straight', head: 'straight', base: 'main' })
  await it.api(it.tokens.alice, 'PATCH', `${repo}/git/refs/heads/main`, { sha })
  expect((await it.api(undefined, 'GET', `${repo}/pulls/3`)).body).toMatchObject({
    state: 'closed',
    merged: true,
  })
})

test('a forced push is remembered with who did it', async () => {
  await pushBranch(it, 'forced', { 'one.txt': '1\n' })
  await it.api(it.tokens.bob, 'POST', `${repo}/pulls`, { title: 'Forced', head: 'forced', base: 'main' })
  await pushBranch(it, 'forced', { 'two.txt': '2\n' })
  const query = `{ repository(owner: "acme", name: "app") { pullRequest(number: 4) {
    timelineItems(last: 5, itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT]) { nodes { ... on HeadRefForcePushedEvent { actor { login } } } } } } }`
  const answer = await it.graphql(it.installation, query)
  expect(pick(answer, 'data.repository.pullRequest.timelineItems.nodes')).toEqual([
    { actor: { login: 'bob' } },
  ])
})

test('a dispatch starts a workflow of the default branch, whoever asks, and may name its run', async () => {
  await put('.github/workflows/w.yml', 'on:\n  workflow_dispatch:\njobs: {}\n', 'main')
  await it.github.idle()
  started.length = 0
  const job = it.github.jobToken(REPO, { actions: 'write', contents: 'write' })
  const where = `${repo}/actions/workflows/w.yml/dispatches`
  expect(await it.api(job, 'POST', where, { ref: 'main', inputs: { pull: 1 } })).toMatchObject({
    status: 204,
  })
  const named = await it.api(it.installation, 'POST', where, { ref: 'main', return_run_details: true })
  expect(named.status).toBe(200)
  await it.api(job, 'POST', `${repo}/dispatches`, { event_type: 'go', client_payload: { a: 1 } })
  await it.github.idle()
  expect(started).toMatchObject([
    {
      event: 'workflow_dispatch',
      startsWorkflows: true,
      payload: { inputs: { pull: '1' }, ref: 'refs/heads/main' },
    },
    { event: 'workflow_dispatch', runId: pick(named.body, 'workflow_run_id') },
    { event: 'repository_dispatch', action: 'go', startsWorkflows: true },
  ])
  expect(
    (await it.api(job, 'POST', `${repo}/actions/workflows/none.yml/dispatches`, { ref: 'main' })).status,
  ).toBe(404)
  expect((await it.api(job, 'POST', where, { ref: 'nowhere' })).status).toBe(422)
  expect((await it.api(it.tokens.carol, 'POST', where, { ref: 'main' })).status).toBe(403)
  const many = Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`i${index}`, 'x']))
  expect((await it.api(job, 'POST', where, { ref: 'main', inputs: many })).status).toBe(422)
})
