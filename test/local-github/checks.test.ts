import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { pick, pushBranch, REPO, stage, type Answer, type Stage } from './support.ts'

let it: Stage
let sha: string
const where = `/repos/${REPO}/check-runs`

beforeAll(async () => {
  it = await stage()
  sha = await pushBranch(it, 'topic', { 'a.txt': 'a\n' })
  await it.api(it.tokens.bob, 'POST', `/repos/${REPO}/pulls`, { title: 'T', head: 'topic', base: 'main' })
})
afterAll(() => it.close())
beforeEach(async () => {
  await it.github.idle()
  it.hook.clear()
})

const notices = (count: number): unknown[] =>
  Array.from({ length: count }, (_, index) => ({
    path: 'a.txt',
    start_line: 1,
    end_line: 1,
    annotation_level: 'notice',
    message: `m${index}`,
  }))
const create = (input: Record<string, unknown>, token = it.installation): Promise<Answer> =>
  it.api(token, 'POST', where, { name: 'Orchestrate', head_sha: sha, ...input })
const output = (more: Record<string, unknown>) => ({ output: { title: 't', summary: 's', ...more } })

test('annotations of further requests are added, 50 in each at most', async () => {
  const made = await create(output({ annotations: notices(50) }))
  const id = String(pick(made.body, 'id'))
  const more = await it.api(it.installation, 'PATCH', `${where}/${id}`, output({ annotations: notices(3) }))
  expect(pick(more.body, 'output.annotations_count')).toBe(53)
  const page = await it.api(it.installation, 'GET', `${where}/${id}/annotations?per_page=50&page=2`)
  expect(page.body).toMatchObject([{ message: 'm0' }, { message: 'm1' }, { message: 'm2' }])
  expect((await create(output({ annotations: notices(51) }))).status).toBe(422)
})

test('what is too large is refused', async () => {
  const button = (more: object = {}) => ({ label: 'Go', description: 'Go on', identifier: 'go', ...more })
  const refused = async (input: Record<string, unknown>): Promise<number> => (await create(input)).status
  expect(await refused(output({ summary: 'x'.repeat(65_536) }))).toBe(422)
  expect(await refused(output({ text: 'x'.repeat(65_536) }))).toBe(422)
  expect(await refused({ actions: [button(), button(), button(), button()] })).toBe(422)
  expect(await refused({ actions: [button({ label: 'x'.repeat(21) })] })).toBe(422)
  expect(await refused({ actions: [button({ description: 'x'.repeat(41) })] })).toBe(422)
  expect(await refused({ actions: [button({ identifier: 'x'.repeat(21) })] })).toBe(422)
  expect(await refused({ status: 'completed' })).toBe(422)
  expect(await refused({ head_sha: 'f'.repeat(40) })).toBe(422)
  expect(
    await refused({ ...output({ summary: 'x'.repeat(65_535) }), actions: [button(), button(), button()] }),
  ).toBe(201)
})

test('a check is changed by the App that made it only', async () => {
  const job = it.github.jobToken(REPO, { checks: 'write' })
  const made = await create({}, job)
  expect(made.body).toMatchObject({ app: { id: 15368, slug: 'github-actions' } })
  const id = String(pick(made.body, 'id'))
  expect((await it.api(it.installation, 'PATCH', `${where}/${id}`, { status: 'in_progress' })).status).toBe(
    403,
  )
})

test('a conclusion completes, and running again takes it away', async () => {
  const made = await create({ name: 'again', conclusion: 'failure' })
  expect(made.body).toMatchObject({ status: 'completed', conclusion: 'failure' })
  await it.github.idle()
  expect(it.hook.names()).toEqual(['check_run.created', 'check_run.completed'])
  const id = String(pick(made.body, 'id'))
  const running = await it.api(it.installation, 'PATCH', `${where}/${id}`, { status: 'in_progress' })
  expect(running.body).toMatchObject({ status: 'in_progress', conclusion: null, completed_at: null })
})

test('a button tells the App which it was, who pressed it, and of which pull request', async () => {
  const made = await create({
    name: 'gate',
    actions: [{ label: 'Go', description: 'Go on', identifier: 'go' }],
  })
  const id = Number(pick(made.body, 'id'))
  await it.github.pressButton(REPO, id, 'go', 'carol')
  expect(it.hook.last('check_run', 'requested_action')).toMatchObject({
    requested_action: { identifier: 'go' },
    sender: { login: 'carol' },
    check_run: { id, pull_requests: [{ number: 1 }] },
  })
  await expect(it.github.pressButton(REPO, id, 'other', 'carol')).rejects.toThrow('no button')
})

test('re-running is told to the App that owns the check', async () => {
  const made = await create({ name: 'mine' })
  await it.api(it.tokens.bob, 'POST', `${where}/${String(pick(made.body, 'id'))}/rerequest`)
  const suite = String(pick(made.body, 'check_suite.id'))
  await it.api(it.tokens.bob, 'POST', `/repos/${REPO}/check-suites/${suite}/rerequest`)
  await it.github.idle()
  expect(it.hook.names()).toEqual(['check_run.created', 'check_run.rerequested', 'check_suite.rerequested'])
})

test('of checks with one name the newest counts, in lists and for protection', async () => {
  await create({ name: 'CI', conclusion: 'success' })
  await create({ name: 'CI', conclusion: 'failure' })
  const list = `/repos/${REPO}/commits/topic/check-runs?check_name=CI`
  expect((await it.api(undefined, 'GET', list)).body).toMatchObject({
    total_count: 1,
    check_runs: [{ conclusion: 'failure' }],
  })
  expect((await it.api(undefined, 'GET', `${list}&filter=all`)).body).toMatchObject({ total_count: 2 })
  it.github.protectBranch(REPO, 'main', { requiredChecks: [{ context: 'CI' }] })
  const merge = `/repos/${REPO}/pulls/1/merge`
  expect(await it.api(it.tokens.bob, 'PUT', merge, {})).toMatchObject({
    status: 405,
    body: { message: 'Required status check "CI" is expected.' },
  })
  expect((await it.api(undefined, 'GET', `/repos/${REPO}/pulls/1`)).body).toMatchObject({
    mergeable_state: 'blocked',
  })
  await create({ name: 'CI', conclusion: 'success' })
  expect(await it.api(it.tokens.bob, 'PUT', merge, {})).toMatchObject({ status: 200, body: { merged: true } })
})

test("a job is a check of the Actions App on its run's commit, and its run is told to Apps", async () => {
  const at = new Date().toISOString()
  const id = it.github.actions.nextId()
  const run = {
    id,
    repository: REPO,
    workflow: { id: 5, name: 'W', path: '.github/workflows/w.yml' },
    event: 'workflow_dispatch',
    displayTitle: 't',
    headBranch: 'main',
    headSha: sha,
    actor: 'alice',
    status: 'in_progress' as const,
    conclusion: null,
    attempt: 1,
    createdAt: at,
    updatedAt: at,
  }
  const job = { id: it.github.actions.nextId(), runId: id, name: 'phase', startedAt: at, log: 'line\n' }
  it.github.actions.putRun(run)
  it.github.actions.putJob({ ...job, status: 'in_progress', conclusion: null, completedAt: null })
  it.github.actions.putJob({ ...job, status: 'completed', conclusion: 'success', completedAt: at })
  it.github.actions.putRun({ ...run, status: 'completed', conclusion: 'success' })
  await it.github.idle()
  expect(it.hook.names()).toEqual([
    'workflow_run.in_progress',
    'check_run.created',
    'workflow_job.in_progress',
    'check_run.completed',
    'workflow_job.completed',
    'workflow_run.completed',
  ])
  expect(it.hook.last('check_run', 'completed')).toMatchObject({
    check_run: { id: job.id, conclusion: 'success', app: { slug: 'github-actions' } },
  })
  expect(it.hook.last('workflow_run', 'completed')).toMatchObject({ workflow_run: { pull_requests: [], id } })
  const jobs = await it.api(it.installation, 'GET', `/repos/${REPO}/actions/runs/${id}/jobs`)
  expect(jobs.body).toMatchObject({ total_count: 1, jobs: [{ name: 'phase', conclusion: 'success' }] })
  expect((await it.api(it.installation, 'GET', `/repos/${REPO}/actions/jobs/${job.id}/logs`)).body).toBe(
    'line\n',
  )
  expect((await it.api(undefined, 'GET', `${where}/${job.id}`)).body).toMatchObject({
    app: { id: 15368 },
    name: 'phase',
  })
})
