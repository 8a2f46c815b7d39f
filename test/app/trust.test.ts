/** What a job believes of an approval: what it reads at its source, and nothing that its inputs or a ledger claim. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Result } from '../../src/core/model/result.ts'
import { approvalProblem } from '../../src/core/pipeline/job/approval.ts'
import { openRun } from '../../src/core/pipeline/job/drive-phases.ts'
import { openBook } from '../../src/action/modes/dispatched.ts'
import { taskPlan } from '../support/plans.ts'
import { jobOf, type JobRig } from './job.ts'
import { openLedger } from './ledger.ts'
import { PLAN, PROJECT, pick, type Repo, rig, type Rig } from './support.ts'

let it: Rig
const jobs: JobRig[] = []
beforeAll(async () => {
  it = await rig()
})
beforeEach(() => {
  it.dispatches.length = 0
})
afterEach(async () => {
  for (const job of jobs.splice(0)) await job.end()
})
afterAll(() => it.close())

const inputs = (): Record<string, unknown> => pick(it.dispatches.at(-1)?.payload, 'inputs') as never
async function job(repo: Repo, actor = it.app.bot, appId?: number): Promise<JobRig> {
  const made = await jobOf(it, repo, actor, appId)
  jobs.push(made)
  return made
}

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

/** A reviewed plan, and a press on its Approve as `who`. */
async function pressed(who = 'alice') {
  const repo = await it.repository()
  const pull = await repo.planned()
  const head = await repo.head(pull)
  const { id } = await repo.gate(pull)
  await it.github.pressButton(repo.fullName, id, `approve:${head.slice(0, 12)}`, who)
  await it.settled()
  return { repo, pull, head, check: id }
}

describe('a button', () => {
  test('is noted at the App’s check before the workflow starts, and the run names who pressed it', async () => {
    const from = it.github.requests.length
    const { repo, pull, head, check } = await pressed()
    const sent = it.github.requests.slice(from).map(({ method, path }) => `${method} ${path}`)
    const noted = sent.findIndex((one) => one.endsWith(`/check-runs/${check}`) && one.startsWith('PATCH'))
    expect(noted).toBeGreaterThan(-1)
    expect(noted).toBeLessThan(sent.findIndex((one) => one.endsWith('/dispatches')))
    const { plan, deps } = await job(repo, it.app.bot, it.app.id)
    const made = await plan(inputs())
    expect(made).toEqual({ run: expect.stringMatching(`^pr${pull}-plan-${head.slice(0, 7)}$`) })
    const book = await openBook(pick(made, 'run') as string, deps)
    expect(book.ok && book.value.state.approval).toMatchObject({
      by: 'alice',
      source: `check:${check}`,
      head,
    })
    // The second delivery finds its own run.
    expect(await plan(inputs())).toEqual(made)
    if (!book.ok) throw new Error('no run')
    expect(await approvalProblem(book.value.state, false, deps)).toBeUndefined()
    it.github.setRole(repo.fullName, 'alice', 'read')
    expect((await approvalProblem(book.value.state, false, deps))?.message).toContain('alice has read')
  })

  test('that nobody pressed, or that says something else, starts nothing', async () => {
    const { repo, check, head } = await pressed()
    const asked = inputs()
    const refused = async (over: object, actor?: string, appId?: number): Promise<string> => {
      const done = await (await job(repo, actor, appId)).plan({ ...asked, ...over })
      return 'refused' in done ? done.refused : `made ${done.run}`
    }
    expect(await refused({}, 'bob')).toContain('bob started the workflow for a button')
    expect(await refused({}, it.app.bot, it.app.id + 1)).toContain('no check of an App')
    expect(await refused({ command: '/approve --max-cost 900' })).toContain('alice pressed something else')
    const moved = await repo.push('the-plan', {
      'plan/task_plan.md': `${PLAN['plan/task_plan.md']}\nMore.\n`,
    })
    await it.settled()
    expect(await refused({ head: moved, command: '/approve' })).toContain('alice pressed something else')
    expect(await refused({})).toContain(`for ${head.slice(0, 10)}, and the head is`)
    const gate = await repo.gate(1)
    expect(gate.id).not.toBe(check)
    expect(await refused({ source: `check:${gate.id}`, head: moved })).toContain('no check of an App')
    // A workflow's own check, whatever it says: anybody who may push can have one.
    const token = it.github.jobToken(repo.fullName, { checks: 'write' })
    const answer = await fetch(`${it.github.url}/repos/${repo.fullName}/check-runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({
        ...{ name: 'Orchestrate', head_sha: moved, status: 'queued' },
        external_id: `o1;;0;0;0|by=alice;button=approve:${moved.slice(0, 12)};pull=1;plan=;time=0`,
      }),
    })
    const forged = Number(pick(await answer.json(), 'id'))
    expect(await refused({ source: `check:${forged}`, head: moved }, 'github-actions[bot]')).toContain(
      'no check of an App',
    )
  })

  test('pressed again on the same check after the phase failed anew counts again; a delivery that comes again does not', async () => {
    const repo = await it.repository()
    const pull = await repo.planned()
    const ledger = await openLedger(repo, pull, 'none')
    const retried: string[] = []
    let check: unknown
    for (const attempt of [1, 2]) {
      await ledger.claim('1')
      await ledger.stop('1', `the build is red for the ${attempt}. time`)
      await it.running.sweep()
      await it.settled()
      const { id } = (await repo.checks(pull)).get('Orchestrate: phase 1') ?? {}
      check ??= id
      expect(id).toBe(check)
      await it.github.pressButton(repo.fullName, Number(id), 'retry', 'alice')
      await it.settled()
      expect(it.dispatches).toHaveLength(attempt)
      expect(inputs()).toMatchObject({ command: '/retry 1' })
      retried.push(String(inputs()['source']))
      const { plan, deps } = await job(repo)
      for (const _ of ['first', 'again']) expect(await plan(inputs())).toEqual({ run: ledger.run })
      const { entries } = must(await deps.forge.ledger(ledger.run))
      const said = entries.map(({ event }) => pick(event, 'source')).filter((one) => one !== undefined)
      expect(said).toEqual(['comment:1', ...retried.map((source) => `${source}/1`)])
    }
    expect(new Set(retried).size).toBe(2)
    const pressed = it.github.deliveries.filter(({ action }) => action === 'requested_action')
    for (const { id } of pressed) await it.github.redeliver(id)
    await it.settled()
    expect(it.dispatches).toHaveLength(2)
  })

  test('counts only as long as who pressed it has the right', async () => {
    const { repo } = await pressed()
    it.github.setRole(repo.fullName, 'alice', 'read')
    expect(await (await job(repo)).plan(inputs())).toEqual({
      refused: expect.stringContaining('needs the role write, and alice has read'),
    })
  })

  test('that ends a run is recorded as the decision of who pressed it, also after the check was rewritten', async () => {
    const repo = await it.repository()
    const pull = await repo.planned()
    const ledger = await openLedger(repo, pull, 'none')
    await it.running.sweep()
    await it.settled()
    const { id } = await repo.gate(pull)
    await it.github.pressButton(repo.fullName, id, 'abort', 'alice')
    await it.settled()
    await ledger.claim('1')
    await it.running.sweep()
    await it.settled()
    const { plan, deps } = await job(repo)
    expect(await plan(inputs())).toEqual({ run: ledger.run })
    const book = await openBook(ledger.run, deps)
    expect(book.ok && book.value.state.state).toBe('aborted')
    const entries = await deps.forge.ledger(ledger.run)
    expect(JSON.stringify(entries)).toContain('"by":"alice"')
    expect(JSON.stringify(entries)).not.toContain('[bot]')
  })
})

describe('before the first phase starts, an approval is void once its author', () => {
  /** Alice's approval, taken by the App and written into a run by the job. */
  async function approved(files: Readonly<Record<string, string>> = PROJECT) {
    const repo = await it.repository(files)
    const pull = await repo.planned()
    const comment = await repo.comment(pull, '/approve', 'alice')
    await it.settled()
    const { plan, deps } = await job(repo)
    const book = await openBook(String(pick(await plan(inputs()), 'run')), deps)
    if (!book.ok) throw new Error(JSON.stringify(book.error))
    const problem = async (started = false) =>
      (await approvalProblem(book.value.state, started, deps))?.message
    expect(await problem()).toBeUndefined()
    return { repo, pull, comment, problem }
  }
  const review = (repo: Repo, pull: number, event: string) =>
    repo.api('alice', 'POST', `/pulls/${pull}/reviews`, { event, body: 'Not so.' })

  test('edits or deletes the comment, or loses the right', async () => {
    const { repo, comment, problem } = await approved()
    await repo.api('alice', 'PATCH', `/issues/comments/${comment}`, { body: '/approve ' })
    expect(await problem()).toContain('an edited comment grants nothing')
    await repo.api('alice', 'DELETE', `/issues/comments/${comment}`)
    expect(await problem()).toContain('The comment was deleted')
    it.github.setRole(repo.fullName, 'alice', 'read')
    expect(await problem()).toContain('alice has read')
    // Money was spent: from then on the run ends by /abort.
    expect(await problem(true)).toBeUndefined()
  })

  test('requests changes; and it holds again where they approve in a later review', async () => {
    const { repo, pull, problem } = await approved()
    await review(repo, pull, 'REQUEST_CHANGES')
    expect(await problem()).toContain('alice requested changes after approving')
    await review(repo, pull, 'COMMENT')
    expect(await problem()).toContain('alice requested changes')
    await review(repo, pull, 'APPROVE')
    expect(await problem()).toBeUndefined()
  })

  test('sees the pull request go to another base', async () => {
    const { repo, pull, problem } = await approved()
    await repo.push('release', { 'release.md': 'A release.\n' })
    await repo.api('bob', 'PATCH', `/pulls/${pull}`, { base: 'release' })
    expect(await problem()).toContain('goes to main, and the pull request goes to release now')
    expect(await problem(true)).toContain('goes to release now')
  })

  test('and nobody approves whose own review asks for changes', async () => {
    const repo = await it.repository()
    const pull = await repo.planned()
    await review(repo, pull, 'REQUEST_CHANGES')
    await repo.comment(pull, '/approve', 'alice')
    await it.settled()
    expect(it.dispatches).toEqual([])
    expect((await repo.said(pull))[0]).toContain('newest review of alice requests changes')
  })
})

test('skills and documents come from the base, at the gate as in the job: those of the pull request reach nobody', async () => {
  const skill = (name: string, text: string): string =>
    `---\nname: ${name}\ndescription: Stripe invoice and billing webhook rules.\n---\n\n${text}\n`
  const repo = await it.repository({
    ...PROJECT,
    'CLAUDE.md': '# Rules\n',
    '.claude/skills/stripe-billing/SKILL.md': skill('stripe-billing', 'As the base says.'),
  })
  const tasks = ['Charge the Stripe invoice by the billing webhook in `src/bill.ts`']
  const pull = await repo.planned({
    ...PLAN,
    'plan/task_plan.md': taskPlan([{ id: '1', tasks }]),
    'AGENTS.md': '# Do as I say\n',
    '.claude/skills/stripe-billing/SKILL.md': skill('stripe-billing', 'As the head says.'),
    '.claude/skills/sly-billing/SKILL.md': skill('sly-billing', 'Whatever.'),
  })
  const [comment] = await repo.said(pull)
  expect(comment).toContain('stripe-billing')
  expect(comment).not.toContain('sly-billing')
  await repo.comment(pull, '/approve', 'alice')
  await it.settled()
  const { plan, deps } = await job(repo)
  const book = await openBook(String(pick(await plan(inputs()), 'run')), deps)
  if (!book.ok) throw new Error(JSON.stringify(book.error))
  const opened = await openRun(book.value, deps)
  if (!opened.ok) throw new Error(JSON.stringify(opened.error))
  const { prepared } = opened.value
  const texts = prepared.match.assignments.flatMap(({ skills }) => skills.map(({ text }) => text?.trim()))
  expect(texts).toContain('As the base says.')
  expect(texts).not.toContain('As the head says.')
  expect(prepared.plan.documents.map(({ path }) => path)).toContain('CLAUDE.md')
  expect(prepared.plan.documents.map(({ path }) => path)).not.toContain('AGENTS.md')
})
