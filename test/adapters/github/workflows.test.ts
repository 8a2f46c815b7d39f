import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

import { createForge } from '../../../src/adapters/github/forge.ts'
import { createClient } from '../../../src/adapters/github/installation.ts'
import { snapshotPlanSource } from '../../../src/adapters/github/snapshot-plan.ts'
import { COMMENT_MARKER } from '../../../src/core/model/forge-names.ts'
import { ingest } from '../../../src/core/ingest/ingest.ts'
import type { RecordedRequest, TokenPermissions } from '../../../local-github/types.ts'
import { runGit } from '../../support/git.ts'
import { OWNER, type Project, refusal, type Rig, startRig, value } from './rig.ts'

const WORKFLOW = `name: Orchestrate
on:
  workflow_dispatch:
    inputs:
      pull: { required: false, type: string }
jobs:
  plan:
    runs-on: ubuntu-latest
    steps:
      - run: echo hello
`
const PLAN = '# Shop\n\n## Phase 1: Set-up\n\n- [ ] 1.1 Create the config\n'

let rig: Rig
let shop: Project

beforeAll(async () => {
  rig = await startRig()
  shop = await rig.repository('shop', { '.github/workflows/orchestrate.yml': WORKFLOW })
})
afterAll(() => rig.close())

describe('workflows', () => {
  test('are started on the default branch, with their inputs', async () => {
    const started: unknown[] = []
    const stop = rig.github.onWorkflowEvent((event) => started.push(event))
    value(await shop.forge.dispatch('orchestrate.yml', 'main', { pull: '12' }))
    await rig.github.idle()
    stop()
    expect(started).toMatchObject([{ event: 'workflow_dispatch', payload: { inputs: { pull: '12' } } }])
  })

  test('that are not there are refused', async () => {
    expect(refusal(await shop.forge.dispatch('none.yml', 'main', {}))).toMatchObject({
      reason: 'forge-refused',
      message: expect.stringContaining('starting none.yml: 404'),
    })
  })

  test('have runs whose jobs can be read', async () => {
    const { actions } = rig.github
    const id = actions.nextId()
    const at = new Date().toISOString()
    actions.putRun({
      id,
      repository: shop.full,
      workflow: { id: 1, name: 'Orchestrate', path: '.github/workflows/orchestrate.yml' },
      event: 'workflow_dispatch',
      displayTitle: 'pr12-shop',
      headBranch: 'main',
      headSha: runGit(shop.gitDir, 'rev-parse', 'main'),
      actor: 'mona',
      status: 'in_progress',
      conclusion: null,
      attempt: 1,
      createdAt: at,
      updatedAt: at,
    })
    const job = { runId: id, startedAt: at, log: '' }
    actions.putJob({
      ...job,
      id: id + 1000,
      name: 'plan',
      status: 'completed',
      conclusion: 'success',
      completedAt: at,
    })
    actions.putJob({
      ...job,
      id: id + 1001,
      name: 'phase 1',
      status: 'queued',
      conclusion: null,
      completedAt: null,
    })
    expect(value(await shop.forge.jobs(id))).toEqual({
      status: 'in_progress',
      pullRun: 'pr12-shop',
      jobs: [
        { id: id + 1000, name: 'plan', status: 'completed', conclusion: 'success', url: expect.any(String) },
        { id: id + 1001, name: 'phase 1', status: 'queued', conclusion: undefined, url: expect.any(String) },
      ],
    })
    expect(value(await shop.forge.jobs(id + 4711))).toBeUndefined()
  })
})

describe('a GITHUB_TOKEN', () => {
  const asJob = (permissions: TokenPermissions) =>
    createForge({
      octokit: createClient({
        apiUrl: rig.github.url,
        token: rig.github.jobToken(shop.full, permissions),
      }),
      owner: OWNER,
      repo: 'shop',
      serverUrl: rig.github.url,
      me: { login: 'github-actions[bot]' },
    })

  test('knows its own comments and checks', async () => {
    const head = await shop.push('by-job', { 'task_plan.md': PLAN })
    const number = await shop.open('by-job')
    const forge = asJob({ checks: 'write', contents: 'read', pull_requests: 'write' })
    value(await shop.forge.writeComment(number, `${COMMENT_MARKER} {} -->`))
    const { id } = value(await forge.writeComment(number, `${COMMENT_MARKER} {} -->`))
    const check = value(
      await forge.writeCheck({
        name: 'Orchestrate',
        sha: head,
        status: 'in_progress',
        externalId: 'gate',
        title: 'Reading',
        summary: '…',
      }),
    )
    const facts = value(await forge.pull(number))
    expect(facts.comments.filter((comment) => comment.mine).map((comment) => comment.id)).toEqual([id])
    expect(facts.checks).toMatchObject([{ id: check.id, mine: true, app: 'github-actions' }])
    expect(value(await forge.files(head, { dirs: [], paths: ['task_plan.md'] })).files.size).toBe(1)
  })

  test('without a permission is refused, with the permission that is missing', async () => {
    const forge = asJob({ contents: 'read' })
    expect(refusal(await forge.dispatch('orchestrate.yml', 'main', {}))).toMatchObject({
      reason: 'forge-refused',
      hint: expect.stringContaining('actions: write'),
    })
  })

  test('that has ended is refused as such', async () => {
    const token = rig.github.jobToken(shop.full, { contents: 'read' })
    rig.github.revokeToken(token)
    const forge = createForge({
      octokit: createClient({ apiUrl: rig.github.url, token }),
      owner: OWNER,
      repo: 'shop',
      serverUrl: rig.github.url,
      me: {},
    })
    expect(refusal(await forge.role('mona')).hint).toContain('The token is not valid or has ended')
  })
})

/** How often one waited for an answer before asking on. */
function rounds(requests: readonly RecordedRequest[]): number {
  let count = 0
  let end = -1
  for (const { from, to } of [...requests].sort((a, b) => a.from - b.from)) {
    if (from >= end) count += 1
    end = from >= end ? to : Math.max(end, to)
  }
  return count
}

describe('from label to check and comment', () => {
  test.each([3, 40])('it takes 6 requests in 4 rounds, with %d specs or any number', async (count) => {
    const project = await rig.repository(`specs-${count}`)
    const names = Array.from({ length: count }, (_, i) => `part-${i}`)
    const rows = names.map((name, i) => `| ${i + 1} | 1 | [${name}](specs/${name}-spec.md) | draft | - |`)
    const manifest = [
      '# Shop',
      '',
      '| Phase | Sprint | Spec | Status | Depends on |',
      '|-|-|-|-|-|',
      ...rows,
      '',
    ]
    await project.push('plan', {
      'p/manifest.md': manifest.join('\n'),
      ...Object.fromEntries(names.map((name) => [`p/specs/${name}-spec.md`, `# ${name}\n`])),
    })
    const number = await project.open('plan')
    const before = rig.github.requests.length
    rig.github.faults.latencyMs = 60
    const [pull] = await Promise.all([project.forge.pull(number), project.forge.role('mona')])
    const { head } = value(pull).pull
    const snapshot = value(await project.forge.files(head.sha, { dirs: ['p'], paths: ['CLAUDE.md'] }))
    const { plan } = await ingest(snapshotPlanSource(snapshot, 'p'))
    const title = `${plan?.phases.length ?? 0} phases`
    const [check, comment] = await Promise.all([
      project.forge.writeCheck({
        name: 'Orchestrate',
        sha: head.sha,
        status: 'completed',
        conclusion: 'action_required',
        externalId: 'gate',
        title,
        summary: title,
      }),
      project.forge.writeComment(number, `${COMMENT_MARKER} {} -->\n${title}`),
    ])
    delete rig.github.faults.latencyMs
    value(check)
    value(comment)
    const requests = rig.github.requests.slice(before)
    expect(
      requests.map(({ method, path, operation }) => operation ?? `${method} ${path.split('/').at(-1) ?? ''}`),
    ).toHaveLength(6)
    expect(rounds(requests)).toBe(4)
    expect(title).toBe(`${count} phases`)
  })
})
