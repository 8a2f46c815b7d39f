import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { WORKFLOW } from '../../src/core/model/forge-names.ts'
import { taskPlan, workflow } from '../support/plans.ts'
import { PLAN, PROJECT, requestsSince, rig, type Rig, roundTrips } from './support.ts'

let it: Rig
beforeAll(async () => {
  it = await rig()
})
afterAll(() => it.close())
beforeEach(() => {
  delete it.github.faults.latencyMs
  delete it.github.faults.respond
})

test('a labelled plan gets one check with buttons and one comment with the execution plan', async () => {
  const repo = await it.repository()
  const pull = await repo.planned()
  const gate = await repo.gate(pull)
  const commit = (await repo.head(pull)).slice(0, 12)
  expect(gate).toMatchObject({
    status: 'completed',
    conclusion: 'action_required',
    title: 'Needs approval: 3 phases',
  })
  expect(gate.summary).toContain(`/approve ${commit}`)
  const comments = await repo.said(pull)
  expect(comments).toHaveLength(1)
  expect(comments[0]).toContain('| 2 | Part 2 | 1 | 1 task |')
  expect(comments[0]).toContain('```mermaid')
  // Nothing ran here before: the plan's size alone says what is to come.
  expect(comments[0]).toContain('- forecast: 12–30 agent steps; no earlier step to go by')
})

test('label to check and comment takes nine requests at most in four round trips, as many for forty specs', async () => {
  const counts: number[] = []
  for (const specs of [3, 40]) {
    const repo = await it.repository()
    await repo.push('specs', specDriven(specs))
    const pull = await repo.openPull('specs')
    await it.settled()
    it.github.faults.latencyMs = 20
    const from = it.github.requests.length
    await repo.label(pull)
    await it.settled()
    it.github.faults.latencyMs = 0
    const requests = requestsSince(it, from)
    expect(await repo.gate(pull)).toMatchObject({ conclusion: 'action_required' })
    expect(roundTrips(requests)).toBeLessThanOrEqual(4)
    counts.push(requests.length)
  }
  // The token was fetched before: one more.
  expect(counts[0]).toBeLessThanOrEqual(8)
  expect(counts[1]).toBe(counts[0])
})

test('looking again where nothing changed writes nothing', async () => {
  const repo = await it.repository()
  const pull = await repo.planned()
  const from = it.github.requests.length
  await it.running.sweep()
  await it.settled()
  const writes = requestsSince(it, from).filter(
    ({ method, path }) => method !== 'GET' && path.startsWith(`/repos/${repo.fullName}`),
  )
  expect(writes).toEqual([])
  expect(await repo.said(pull)).toHaveLength(1)
})

test('ends of jobs and runs that changed nothing cost no request: what went well was told by its merge', async () => {
  const repo = await it.repository()
  const pull = await repo.planned()
  const asked = async (event: string, payload: object): Promise<number> => {
    const from = it.github.requests.length
    await it.github.raise(repo.fullName, event, { action: 'completed', ...payload })
    await it.settled()
    return requestsSince(it, from).length
  }
  const run = (event: string, conclusion: string): Promise<number> =>
    asked('workflow_run', {
      workflow_run: {
        ...{ event, conclusion, path: `.github/workflows/${WORKFLOW}@main` },
        display_title: `Orchestrate #${pull}`,
      },
    })
  const job = (name: string, conclusion: string): Promise<number> =>
    asked('workflow_job', { workflow_job: { name: `${name} (#${pull})`, conclusion } })

  // Started by people without meaning to, every job skipped.
  expect(await run('pull_request_target', 'skipped')).toBe(0)
  expect(await run('issue_comment', 'skipped')).toBe(0)
  expect(await run('workflow_dispatch', 'success')).toBe(0)
  expect(await run('workflow_dispatch', 'startup_failure')).toBeGreaterThan(0)

  expect(await job('phase 1', 'success')).toBe(0)
  expect(await job('advance', 'skipped')).toBe(0)
  for (const conclusion of ['failure', 'cancelled', 'timed_out'])
    expect(await job('phase 1', conclusion)).toBeGreaterThan(0)
  expect(await job('plan', 'success')).toBeGreaterThan(0)
  expect(await job('advance', 'success')).toBeGreaterThan(0)
})

test('a pull request without a label passes in one request, and a merge group does', async () => {
  const repo = await it.repository()
  const from = it.github.requests.length
  await repo.push('fix', { 'src/a.ts': 'export {}\n' })
  const pull = await repo.openPull('fix')
  await it.settled()
  expect(await repo.gate(pull)).toMatchObject({ conclusion: 'success' })
  expect(await repo.said(pull)).toEqual([])
  expect(requestsSince(it, from)).toHaveLength(1)

  const group = it.github.requests.length
  await it.github.raise(repo.fullName, 'merge_group', {
    action: 'checks_requested',
    merge_group: {
      head_sha: await repo.head(pull),
      head_ref: 'refs/heads/gh-readonly-queue/main/pr-1',
      base_ref: 'refs/heads/main',
      base_sha: await repo.git('rev-parse', 'main'),
      head_commit: {},
    },
  })
  await it.settled()
  expect(requestsSince(it, group)).toMatchObject([{ method: 'POST', status: 201 }])
  expect(await repo.gate(pull)).toMatchObject({ conclusion: 'success', title: 'Passed in the pull requests' })
})

test('what is no gate says clearly why', async () => {
  const repo = await it.repository({ ...PROJECT, 'src/a.ts': '' })
  const cases: [branch: string, files: Record<string, string>, title: RegExp, says: RegExp][] = [
    ['none', { 'src/b.ts': '' }, /^No plan in this pull request$/, /task_plan\.md/],
    [
      'two',
      { 'a/task_plan.md': taskPlan([{ id: '1' }]), 'b/task_plan.md': taskPlan([{ id: '1' }]) },
      /^2 plans: choose one$/,
      /\/orchestrate a/,
    ],
    ['empty', { 'plan/task_plan.md': '# Nothing\n' }, /^The plan cannot be run/, /plan\/task/],
    [
      'cyclic',
      {
        'plan/task_plan.md': taskPlan([
          { id: '1', after: ['2'] },
          { id: '2', after: ['1'] },
        ]),
      },
      /^The plan cannot be run/,
      /depend/i,
    ],
  ]
  for (const [branch, files, title, says] of cases) {
    const pull = await repo.planned(files, branch)
    const gate = await repo.gate(pull)
    expect(gate.title).toMatch(title)
    const [comment, ...more] = await repo.said(pull)
    expect(comment).toMatch(says)
    expect(more).toEqual([])
  }
})

test('of several plans the one that somebody chooses is reviewed', async () => {
  const repo = await it.repository()
  const pull = await repo.planned(
    {
      'a/task_plan.md': taskPlan([{ id: '1' }]),
      'b/task_plan.md': taskPlan([{ id: '1' }, { id: '2', after: ['1'] }]),
      '.kiro/specs/old/tasks.md': '- [x] 1. Done long ago\n',
    },
    'both',
  )
  const [asked] = await repo.said(pull)
  expect(asked).toMatch(/\/orchestrate a\b[^]*\/orchestrate b\b/u)
  expect(asked).not.toContain('kiro')
  const comment = await repo.comment(pull, '/orchestrate b', 'bob')
  await it.settled()
  expect(await repo.gate(pull)).toMatchObject({ title: 'Needs approval: 2 phases' })
  expect(await repo.reactions(comment)).toEqual(['+1', 'eyes'])
  expect(await repo.said(pull)).toHaveLength(1)
})

test('a configuration that cannot be read blocks the gate and says where it is wrong', async () => {
  const repo = await it.repository({ ...PROJECT, '.github/orchestrate.yml': 'max_cots: 5\n' })
  const pull = await repo.planned()
  expect(await repo.gate(pull)).toMatchObject({ conclusion: 'failure' })
  expect((await repo.said(pull))[0]).toMatch(/max\\?_cots is no setting.*max\\?_cost/s)
})

test('CI files in the plan or the pull request, and a workflow that is missing, are said before money is spent', async () => {
  const { '.github/workflows/orchestrate.yml': _, ...bare } = PROJECT
  const repo = await it.repository(bare)
  const pull = await repo.planned({
    'plan/task_plan.md': taskPlan([{ id: '1', tasks: ['Add CI in `.github/workflows/ci.yml`'] }]),
    '.github/workflows/other.yml': 'on: push\n',
  })
  const [comment] = await repo.said(pull)
  expect(comment).toMatch(/could not push them/)
  expect(comment).toMatch(/other\.yml/)
  expect(comment).toMatch(/on the default branch, so nothing can run yet/)
})

test('two open plans that are to change the same file name each other', async () => {
  const repo = await it.repository()
  const plan = (name: string) => ({
    [`${name}/task_plan.md`]: taskPlan([{ id: '1', tasks: ['Write `src/shared.ts`'] }]),
  })
  const first = await repo.planned(plan('one'), 'one')
  const second = await repo.planned(plan('two'), 'two')
  expect((await repo.said(second))[0]).toMatch(new RegExp(`pull request ${first} .*src/shared`))
  await it.running.sweep()
  await it.settled()
  expect((await repo.said(first))[0]).toMatch(new RegExp(`pull request ${second} .*src/shared`))
})

test('a label of somebody without the right waits for somebody with it', async () => {
  const repo = await it.repository()
  await repo.push('plan', PLAN)
  const pull = await repo.openPull('plan')
  await repo.label(pull, 'bob')
  await it.settled()
  it.github.setRole(repo.fullName, 'bob', 'read')
  await it.github.raise(repo.fullName, 'pull_request', {
    ...it.github.deliveries.filter(({ action }) => action === 'labeled').at(-1)?.payload,
  })
  await it.settled()
  expect(await repo.gate(pull)).toMatchObject({
    title: 'The label was set by somebody who may not set it',
  })
  await repo.comment(pull, '/orchestrate', 'alice')
  await it.settled()
  expect(await repo.gate(pull)).toMatchObject({ title: 'Needs approval: 3 phases' })
})

test('a label that is taken away takes the gate away, and the comment says so', async () => {
  const repo = await it.repository()
  const pull = await repo.planned()
  await repo.api('bob', 'DELETE', `/issues/${pull}/labels/orchestrate`)
  await it.settled()
  expect(await repo.gate(pull)).toMatchObject({ conclusion: 'success' })
  expect(await repo.said(pull)).toHaveLength(1)
  expect((await repo.said(pull))[0]).toContain('is no gate')
})

test('GitHub limiting requests and failing for a while delays the check and loses nothing', async () => {
  const repo = await it.repository()
  await repo.push('plan', PLAN)
  const pull = await repo.openPull('plan')
  await it.settled()
  let left = 4
  it.github.faults.respond = ({ as, path }) => {
    if (as !== it.app.bot || !/graphql|check-runs|comments/.test(path) || left <= 0) return undefined
    left -= 1
    return left % 2 === 0
      ? { status: 502, body: { message: 'Bad Gateway' }, after: left === 2 }
      : { status: 429, headers: { 'retry-after': '0' }, body: { message: 'slow down' } }
  }
  await repo.label(pull)
  await it.settled()
  expect(left).toBe(0)
  expect(await repo.gate(pull)).toMatchObject({ title: 'Needs approval: 3 phases' })
  expect(await repo.said(pull)).toHaveLength(1)
})

function specDriven(specs: number): Record<string, string> {
  const names = Array.from({ length: specs }, (_, i) => `spec-${i + 1}`)
  const rows = names.map((name, i) => `| ${name} | ${i + 1} | 1 | ${i === 0 ? '-' : names[i - 1]} | draft |`)
  const manifest = `# Big plan\n\n## Specs\n\n| Spec | Phase | Sprint | Depends On | Status |\n|---|---|---|---|---|\n${rows.join('\n')}\n`
  const files: Record<string, string> = { 'plan/manifest.md': manifest, 'plan/workflow.md': workflow() }
  for (const name of names)
    files[`plan/specs/${name}-spec.md`] =
      `# ${name}\n\n## Overview\nMakes ${name}.\n\n## Files\n\n| File | Action | Purpose |\n|---|---|---|\n| src/${name}.ts | create | it |\n\n## Acceptance Criteria\n- AC-1: it is there\n`
  return files
}

test('a plan in a fork is not run, and the check says what to do instead', async () => {
  const repo = await it.repository()
  const fork = await it.fork(repo, 'mallory')
  await fork.push('plan', PLAN, 'mallory')
  const pull = await repo.openPull('mallory:plan', 'mallory')
  await repo.label(pull, 'alice')
  await it.settled()
  expect(await repo.gate(pull)).toMatchObject({ title: 'A plan in a fork is not run' })
  const comment = await repo.comment(pull, '/approve', 'alice')
  await it.settled()
  expect(it.dispatches).toEqual([])
  expect(await repo.reactions(comment)).toEqual(['confused', 'eyes'])
})

test('a label whose webhook was lost is found by the sweep', async () => {
  const repo = await it.repository()
  await repo.push('plan', PLAN)
  const pull = await repo.openPull('plan')
  await it.settled()
  it.github.faults.dropDelivery = () => true
  await repo.label(pull)
  await it.settled()
  delete it.github.faults.dropDelivery
  expect(await repo.gate(pull)).toMatchObject({ conclusion: 'success' })
  await it.running.sweep()
  await it.settled()
  expect(await repo.gate(pull)).toMatchObject({ title: 'Needs approval: 3 phases' })
})
