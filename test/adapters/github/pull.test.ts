import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

import { createForge } from '../../../src/adapters/github/forge.ts'
import { createClient } from '../../../src/adapters/github/installation.ts'
import { COMMENT_MARKER } from '../../../src/core/model/forge-names.ts'
import { OWNER, type Project, refusal, type Rig, startRig, value } from './rig.ts'

const PLAN = '# Shop\n\n## Phase 1: Set-up\n\n- [ ] 1.1 Create the config\n'
const CONFIG = 'approval:\n  roles: [maintain, admin]\n'

let rig: Rig
let shop: Project

beforeAll(async () => {
  rig = await startRig()
  shop = await rig.repository('shop', {
    '.github/orchestrate.yml': CONFIG,
    '.github/workflows/orchestrate.yml': 'name: Orchestrate\non: workflow_dispatch\njobs: {}\n',
  })
})
afterAll(() => rig.close())

/** Requests of the App while `work` is done, but for its token. */
async function counted<T>(work: () => Promise<T>): Promise<{ made: T; asked: string[] }> {
  const before = rig.github.requests.length
  const made = await work()
  const asked = rig.github.requests
    .slice(before)
    .filter(({ as, path }) => as === rig.app.bot && !path.includes('access_tokens'))
    .map(({ method, path, operation }) => operation ?? `${method} ${path.split('?')[0] ?? ''}`)
  return { made, asked }
}

describe('the facts of a pull request', () => {
  test('come from one request', async () => {
    const head = await shop.push('plan', { 'plans/search/task_plan.md': PLAN, 'README.md': undefined })
    const number = await shop.open('plan', 'Search')
    await shop.mona.request('POST /repos/{owner}/{repo}/issues/{number}/labels', {
      owner: OWNER,
      repo: 'shop',
      number,
      labels: ['orchestrate'],
    })
    const { made, asked } = await counted(() => shop.forge.pull(number))
    expect(asked).toEqual(['OrchestratePull'])
    const facts = value(made)
    expect(facts.pull).toMatchObject({
      number,
      title: 'Search',
      state: 'open',
      draft: false,
      author: { login: 'mona', kind: 'user' },
      head: { sha: head, ref: 'plan', fork: false },
      base: { ref: 'main' },
      labels: ['orchestrate'],
    })
    expect(facts.files).toEqual([
      { path: 'README.md', change: 'removed' },
      { path: 'plans/search/task_plan.md', change: 'added' },
    ])
    expect(facts).toMatchObject({
      filesCut: false,
      comments: [],
      checks: [],
      runs: [],
      config: CONFIG,
      hasWorkflow: true,
      defaultBranch: 'main',
      otherWriters: false,
    })
  })

  test('hold the configuration of the base, not of the head', async () => {
    await shop.push('sly', { '.github/orchestrate.yml': 'approval: none\n', 'task_plan.md': PLAN })
    expect(value(await shop.forge.pull(await shop.open('sly'))).config).toBe(CONFIG)
  })

  test('hold our comment and our check, and tell them from those of others', async () => {
    const head = await shop.push('noisy', { 'task_plan.md': PLAN })
    const number = await shop.open('noisy')
    const body = `${COMMENT_MARKER} {} -->\nours`
    const ours = value(await shop.forge.writeComment(number, body))
    for (const text of [`${COMMENT_MARKER} {} -->\nforged`, 'just words'])
      await shop.mona.request('POST /repos/{owner}/{repo}/issues/{number}/comments', {
        owner: OWNER,
        repo: 'shop',
        number,
        body: text,
      })
    const check = value(
      await shop.forge.writeCheck({
        name: 'Orchestrate',
        sha: head,
        status: 'completed',
        conclusion: 'success',
        externalId: 'gate:1',
        title: 'Fine',
        summary: 'All is well.',
      }),
    )
    const facts = value(await shop.forge.pull(number))
    expect(facts.comments.map(({ id, mine, author, body: text }) => [id, mine, author.login, text])).toEqual([
      [ours.id, true, rig.app.bot, body],
      [expect.any(Number), false, 'mona', `${COMMENT_MARKER} {} -->\nforged`],
    ])
    expect(facts.checks).toEqual([
      {
        id: check.id,
        name: 'Orchestrate',
        app: rig.app.slug,
        appId: rig.app.id,
        mine: true,
        status: 'completed',
        conclusion: 'success',
        externalId: 'gate:1',
      },
    ])
  })

  test('hold all of 130 files, in one request more each hundred', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 130 }, (_, i) => [`src/file-${String(i).padStart(3, '0')}.ts`, 'x\n']),
    )
    await shop.push('large', files)
    const number = await shop.open('large')
    const { made, asked } = await counted(() => shop.forge.pull(number))
    expect(asked).toHaveLength(3)
    expect(value(made).files.map((file) => file.path)).toEqual(Object.keys(files).sort())
  })

  test('find our comment behind a hundred younger ones', async () => {
    await shop.push('talk', { 'task_plan.md': PLAN })
    const number = await shop.open('talk')
    const ours = value(await shop.forge.writeComment(number, `${COMMENT_MARKER} {} -->`))
    for (let i = 0; i < 101; i += 1)
      await shop.mona.request('POST /repos/{owner}/{repo}/issues/{number}/comments', {
        owner: OWNER,
        repo: 'shop',
        number,
        body: `${i}`,
      })
    expect(value(await shop.forge.pull(number)).comments).toMatchObject([{ id: ours.id, mine: true }])
  })

  test('hold the runs whose branches stand there', async () => {
    await shop.push('orchestrated', { 'task_plan.md': PLAN })
    const number = await shop.open('orchestrated')
    await shop.push(`orchestrate/pr${number}-shop/plan`, { 'a.txt': 'a' })
    await shop.push(`orchestrate/pr${number}-shop/phase-1-set-up`, { 'a.txt': 'b' })
    await shop.push(`orchestrate/pr${number}9-other/plan`, { 'a.txt': 'c' })
    expect(value(await shop.forge.pull(number)).runs).toEqual([`pr${number}-shop`])
  })

  test('name whose newest review asks for changes', async () => {
    const asked = await rig.repository('asked')
    await asked.push('plan', { 'task_plan.md': PLAN })
    const number = await asked.open('plan')
    expect(value(await asked.forge.pull(number)).changesRequestedBy).toEqual([])
    const { token } = await rig.github.addUser('reviewer')
    rig.github.setRole(asked.full, 'reviewer', 'write')
    const reviewer = createClient({ apiUrl: rig.github.url, token })
    const review = (event: string) =>
      reviewer.request('POST /repos/{owner}/{repo}/pulls/{number}/reviews', {
        ...{ owner: OWNER, repo: 'asked', number, event, body: 'Look here.' },
      })
    await review('APPROVE')
    await review('REQUEST_CHANGES')
    await review('COMMENT')
    expect(value(await asked.forge.pull(number)).changesRequestedBy).toEqual(['reviewer'])
    await review('APPROVE')
    expect(value(await asked.forge.pull(number)).changesRequestedBy).toEqual([])
  })

  test('know of other people who may write', async () => {
    const shared = await rig.repository('shared')
    await shared.push('plan', { 'task_plan.md': PLAN })
    const number = await shared.open('plan')
    await rig.github.addUser('octo')
    rig.github.setRole(shared.full, 'octo', 'write')
    expect(value(await shared.forge.pull(number)).otherWriters).toBe(true)
  })

  test('ask REST who may write where GraphQL does not show it, and take others for writers where nobody does', async () => {
    await shop.push('seen', { 'task_plan.md': PLAN })
    const number = await shop.open('seen')
    const asReader = createForge({
      octokit: createClient({ apiUrl: rig.github.url, token: rig.tokens.reader }),
      owner: OWNER,
      repo: 'shop',
      serverUrl: rig.github.url,
      me: { login: 'reader' },
    })
    expect(value(await asReader.pull(number)).otherWriters).toBe(false)
    rig.github.faults.respond = ({ path }) =>
      path.includes('/collaborators?')
        ? { status: 403, body: { message: 'Must have push access to view repository collaborators.' } }
        : undefined
    const before = rig.github.requests.length
    expect(value(await asReader.pull(number)).otherWriters).toBe(true)
    delete rig.github.faults.respond
    const asked = rig.github.requests.slice(before).map(({ path, status }) => [path.split('?')[0], status])
    expect(asked).toEqual([
      ['/graphql', 200],
      ['/repos/acme/shop/collaborators', 403],
    ])
  })

  test('say where there is no configuration and no workflow', async () => {
    const bare = await rig.repository('bare')
    await bare.push('plan', { 'task_plan.md': PLAN })
    const facts = value(await bare.forge.pull(await bare.open('plan')))
    expect(facts.config).toBeUndefined()
    expect(facts.hasWorkflow).toBe(false)
  })

  test('of a pull request that is not there are refused', async () => {
    expect(refusal(await shop.forge.pull(4711))).toMatchObject({
      reason: 'forge-refused',
      message: expect.stringContaining('reading pull request 4711 of acme/shop: 404'),
    })
  })

  test('know a fork', async () => {
    const { token } = await rig.github.addUser('stranger')
    const stranger = createClient({ apiUrl: rig.github.url, token })
    await stranger.request('POST /repos/acme/shop/forks')
    await stranger.request('PUT /repos/stranger/shop/contents/task_plan.md', {
      message: 'Plan',
      content: Buffer.from(PLAN).toString('base64'),
      branch: 'main',
    })
    const { data } = await stranger.request('POST /repos/acme/shop/pulls', {
      title: 'From afar',
      head: 'stranger:main',
      base: 'main',
    })
    const facts = value(await shop.forge.pull((data as { number: number }).number))
    expect(facts.pull).toMatchObject({ author: { login: 'stranger' }, head: { fork: true } })
    const read = value(await shop.forge.files(facts.pull.head.sha, { dirs: [], paths: ['task_plan.md'] }))
    expect(read.files.get('task_plan.md')?.text).toBe(PLAN)
  })
})

describe('pull requests with a label', () => {
  test('are the open ones', async () => {
    const project = await rig.repository('labels')
    const numbers: number[] = []
    for (const branch of ['one', 'two', 'three']) {
      await project.push(branch, { [`${branch}.md`]: 'x' })
      numbers.push(await project.open(branch))
    }
    const at = { owner: OWNER, repo: 'labels' }
    for (const number of numbers.slice(0, 2))
      await project.mona.request('POST /repos/{owner}/{repo}/issues/{number}/labels', {
        ...at,
        number,
        labels: ['orchestrate'],
      })
    await project.mona.request('PATCH /repos/{owner}/{repo}/pulls/{number}', {
      ...at,
      number: numbers[1],
      state: 'closed',
    })
    expect(value(await project.forge.labelled('orchestrate'))).toEqual([numbers[0]])
    expect(value(await project.forge.labelled('nobody uses this'))).toEqual([])
  })
})

describe('roles', () => {
  test('are those of the repository; who is unknown has none', async () => {
    expect(value(await shop.forge.role('mona'))).toBe('admin')
    expect(value(await shop.forge.role('reader'))).toBe('read')
    for (const role of ['triage', 'write', 'maintain'] as const) {
      rig.github.setRole(shop.full, 'reader', role)
      expect(value(await shop.forge.role('reader'))).toBe(role)
    }
    rig.github.setRole(shop.full, 'reader', 'read')
    expect(value(await shop.forge.role('no-such-person'))).toBe('none')
  })
})
