import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { PULL_QUERY } from '../../src/adapters/github/pull-query.ts'
import { pick, pushBranch, REPO, stage, type Stage } from './support.ts'

let it: Stage
beforeAll(async () => {
  it = await stage()
})
afterAll(() => it.close())
beforeEach(() => it.hook.clear())

const pulls = `/repos/${REPO}/pulls`

test('a pull request has the files, commits and counts that git says it has', async () => {
  const head = await pushBranch(it, 'feature', {
    'src/a.ts': 'export const a = 2\n',
    'plan/task_plan.md': '# Plan\n',
  })
  const opened = await it.api(it.tokens.bob, 'POST', pulls, {
    title: 'A plan',
    head: 'feature',
    base: 'main',
  })
  expect(opened.status).toBe(201)
  expect(opened.body).toMatchObject({
    number: 1,
    changed_files: 2,
    commits: 1,
    additions: 2,
    mergeable: true,
  })
  const files = await it.api(undefined, 'GET', `${pulls}/1/files?per_page=1`)
  expect(files.body).toMatchObject([
    { filename: 'plan/task_plan.md', status: 'added', patch: '@@ -0,0 +1 @@\n+# Plan' },
  ])
  expect(files.headers.get('link')).toContain('page=2')
  const commits = await it.api(undefined, 'GET', `${pulls}/1/commits`)
  expect(commits.body).toMatchObject([{ sha: head }])
  await it.github.idle()
  expect(it.hook.names()).toEqual(['create', 'push', 'check_suite.requested', 'pull_request.opened'])
  expect(pick(it.hook.last('pull_request', 'opened'), 'pull_request.head.sha')).toBe(head)
})

test('a label raises the event of a pull request, with who set it', async () => {
  const labelled = await it.api(it.tokens.bob, 'POST', `/repos/${REPO}/issues/1/labels`, {
    labels: ['orchestrate'],
  })
  expect(labelled.body).toMatchObject([{ name: 'orchestrate' }])
  await it.github.idle()
  expect(it.hook.names()).toEqual(['pull_request.labeled'])
  expect(it.hook.last('pull_request', 'labeled')).toMatchObject({
    label: { name: 'orchestrate' },
    sender: { login: 'bob' },
    pull_request: { labels: [{ name: 'orchestrate' }] },
  })
})

test('one query tells all facts of a pull request', async () => {
  await it.api(it.installation, 'POST', `/repos/${REPO}/issues/1/comments`, { body: 'ours' })
  const sha = pick((await it.api(undefined, 'GET', `${pulls}/1`)).body, 'head.sha')
  await it.api(it.installation, 'POST', `/repos/${REPO}/check-runs`, {
    name: 'Orchestrate',
    head_sha: sha,
    external_id: 'x',
  })
  const answer = await it.graphql(it.installation, PULL_QUERY, {
    owner: 'acme',
    repo: 'app',
    number: 1,
    runs: 'pr1-',
    config: '.github/orchestrate.yml',
    workflow: 'HEAD:.github/workflows/orchestrate.yml',
  })
  expect(pick(answer, 'errors')).toBeUndefined()
  expect(pick(answer, 'data.repository')).toMatchObject({
    defaultBranchRef: { name: 'main' },
    workflow: null,
    runs: { nodes: [] },
    pullRequest: {
      number: 1,
      state: 'OPEN',
      headRefOid: sha,
      isCrossRepository: false,
      labels: { nodes: [{ name: 'orchestrate' }] },
      files: {
        nodes: [
          { path: 'plan/task_plan.md', changeType: 'ADDED' },
          { path: 'src/a.ts', changeType: 'MODIFIED' },
        ],
      },
      comments: { nodes: [{ viewerDidAuthor: true, author: { __typename: 'Bot', login: 'plan-gate' } }] },
    },
  })
})

test('a branch that requires reviews takes a merge only with approvals of people who may write', async () => {
  await pushBranch(it, 'reviewed', { 'reviewed.txt': 'x\n' })
  const opened = await it.api(it.tokens.bob, 'POST', `/repos/${REPO}/pulls`, {
    ...{ title: 'R', head: 'reviewed', base: 'main' },
  })
  const where = `/repos/${REPO}/pulls/${String(pick(opened.body, 'number'))}`
  it.github.protectBranch(REPO, 'main', { requiredApprovals: 1 })
  it.github.setRole(REPO, 'mallory', 'write')
  const review = (who: keyof typeof it.tokens, event: string) =>
    it.api(it.tokens[who], 'POST', `${where}/reviews`, { event, body: 'b' })
  const merge = (): Promise<unknown> => it.api(it.tokens.alice, 'PUT', `${where}/merge`, {})
  const needed = 'At least 1 approving review is required by reviewers with write access.'
  expect(await merge()).toMatchObject({ status: 405, body: { message: needed } })
  // A reader's approval is an opinion.
  expect((await review('carol', 'APPROVE')).status).toBe(200)
  expect(await merge()).toMatchObject({ status: 405, body: { message: needed } })
  expect((await it.api(undefined, 'GET', where)).body).toMatchObject({ mergeable_state: 'blocked' })
  await review('alice', 'APPROVE')
  await review('mallory', 'REQUEST_CHANGES')
  await review('mallory', 'COMMENT')
  expect(await merge()).toMatchObject({
    status: 405,
    body: { message: 'Changes have been requested by a reviewer with write access.' },
  })
  await review('mallory', 'APPROVE')
  expect(await merge()).toMatchObject({ status: 200 })
})
