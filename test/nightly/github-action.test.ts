/** The shipped workflow and the committed bundle on the local GitHub and its runner, without an App. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type GateWorld, startWorld } from '../../local-github/world.ts'
import { openRepository } from '../../src/adapters/git/repository.ts'
import { verifyChains } from '../../src/core/pipeline/verify.ts'
import { RunBook } from '../../src/core/run/book.ts'
import { packageRoot } from '../support/cli.ts'
import { answerWell, FakeAgentRig, type FakeCall } from '../support/fake-agent.ts'
import { testEnv } from '../support/git.ts'
import { taskPlan, workflow } from '../support/plans.ts'
import { eventsOf } from '../github/support.ts'

/** Two side by side, and one after both. */
const PLAN = [{ id: '1' }, { id: '2' }, { id: '3', after: ['1', '2'] }]
const clock = { now: () => Date.now() }

let agent: FakeAgentRig
let world: GateWorld
const log: string[] = []

beforeAll(async () => {
  agent = await FakeAgentRig.create()
  agent.auto(answerWell)
  world = await startWorld({
    root: packageRoot,
    app: false,
    action: true,
    files: { 'README.md': '# Thing\n' },
    config: `agent: command\nagent_command: ${JSON.stringify(agent.command)}\nsandbox: "off"\n`,
    log: (line) => log.push(line),
  })
}, 60_000)
afterAll(async () => {
  await world.close()
  await agent.close()
})

/** A labelled pull request with a plan in a directory and on a branch of its own. */
async function planned(name: string, phases: Parameters<typeof taskPlan>[0]) {
  const files = { [`${name}/task_plan.md`]: taskPlan(phases), [`${name}/workflow.md`]: workflow() }
  const head = await world.push('author', name, files, 'Write the plan')
  const pull = await world.openPull('author', name, `A plan: ${name}`)
  await world.label('maintainer', pull)
  await world.settled()
  return { head, pull, run: `pr${pull}-${name}-${head.slice(0, 7)}` }
}

async function said(as: 'maintainer' | 'reader' | 'author', pull: number, text: string): Promise<void> {
  await world.comment(as, pull, text)
  await world.settled()
}

/** The run's state as the remote's chain tells it, and the ports to look further. */
async function ledgerOf(run: string) {
  const opened = await openRepository({
    cwd: await world.git('rev-parse', '--absolute-git-dir'),
    env: testEnv(),
    clock,
  })
  if (!opened.ok) throw new Error(JSON.stringify(opened.error))
  const repository = opened.value
  const book = new RunBook(run, { ledger: repository.ledger, clock, random: { hex: () => '00' } })
  const state = await book.open()
  if (!state.ok) throw new Error(state.error.map(({ message }) => message).join('\n'))
  return { repository, book, state: state.value }
}

const ours = async (pull: number): Promise<{ user: { login: string }; body: string }[]> =>
  (
    (await world.api('owner', 'GET', `/issues/${pull}/comments`)) as {
      user: { login: string }
      body: string
    }[]
  ).filter(({ user }) => user.login === 'github-actions[bot]')

describe('without an App', () => {
  test('a label and an approval later the pull request holds the work of every phase', async () => {
    const { pull, run } = await planned('three', PLAN)
    const from = world.github.requests.length
    await said('maintainer', pull, '/approve')
    const { repository, book, state } = await ledgerOf(run)
    try {
      expect(state).toMatchObject({ state: 'landed', pull, approval: { by: 'maintainer' } })
      expect(
        [...state.phases.values()].map((phase) => [phase.planned.id, phase.state, phase.attempt]),
      ).toEqual([
        ['1', 'merged', 1],
        ['2', 'merged', 1],
        ['3', 'merged', 1],
      ])
      expect(state.checked).toMatchObject({ sha: state.planTip, build: 'green', test: 'green' })
      expect(await world.git('rev-parse', 'three')).toBe(state.planTip)
      const files = await world.git('ls-tree', '--name-only', 'three')
      for (const id of ['1', '2', '3']) expect(files.split('\n')).toContain(`${id}.1.txt`)
      // The chain that the jobs wrote together proves that no step is missing.
      expect(await verifyChains(book, { repository, ledger: repository.ledger })).toMatchObject({
        ok: true,
        value: { phases: 3 },
      })
    } finally {
      await repository.close()
    }
    // At most six pushes a phase, and those of making the run, of its last look and of its landing.
    const sent = world.github.requests.slice(from)
    const pushes = sent.filter(({ method, path }) => method === 'POST' && path.endsWith('/git-receive-pack'))
    expect(pushes.length).toBeLessThanOrEqual(3 * 6 + 3)
    const asked = sent.filter(({ path, as }) => !path.includes('.git/') && as === 'github-actions[bot]')
    expect(asked.length).toBeLessThanOrEqual(3 * 14 + 11)
    expect(await ours(pull)).toHaveLength(1)
    expect(log.join('\n')).not.toMatch(/::(error|set-output|add-mask)/)
  }, 180_000)

  test('no more phases run at one time than the approval says, in however many jobs', async () => {
    const { pull, run } = await planned('narrow', [{ id: '1' }, { id: '2' }, { id: '3' }])
    await said('maintainer', pull, '/approve --max-parallel-phases 1')
    const told = (await eventsOf(world, run)).filter((event) => /^phase-(claimed|merged) /.test(event))
    expect(told).toHaveLength(6)
    for (let at = 0; at < told.length; at += 2) {
      expect([told[at], told[at + 1]]).toEqual([
        expect.stringMatching(/^phase-claimed/),
        told[at]?.replace('claimed', 'merged'),
      ])
    }
  }, 180_000)

  test('whoever may not approve starts nothing, in a comment or by starting the workflow', async () => {
    const { head, pull, run } = await planned('refused', [{ id: '1' }])
    await said('reader', pull, '/approve')
    expect(await world.git('for-each-ref', `refs/orchestrate/${run}`)).toBe('')
    const [comment] = await ours(pull)
    expect(comment?.body).toContain('needs the role write, and reader has read')

    // An author may start workflows. What they claim that the maintainer said is read again where it should stand.
    const mine = await world.comment('author', pull, 'I would like to see this approved.')
    await world.settled()
    const inputs = {
      pull: String(pull),
      head,
      'plan-dir': 'refused',
      command: '/approve',
      phases: '',
      run: '',
      app: 'true',
    }
    for (const source of [`comment:${mine}`, 'comment:999999', 'check:1', 'nonsense']) {
      await world.api('author', 'POST', '/actions/workflows/orchestrate.yml/dispatches', {
        ref: 'main',
        inputs: { ...inputs, source },
      })
    }
    await world.settled()
    expect(await world.git('for-each-ref', `refs/orchestrate/${run}`)).toBe('')
    const errors = log.filter((line) => /^plan \(#\d+\) \| ##\[error\]/.test(line)).join('\n')
    expect(errors).toContain('does not say /approve')
    expect(errors).toContain('The comment was deleted')
    expect(errors).toContain('no check of an App by that name says that it was pressed')
    expect(errors).toContain('an input source that it cannot use')
  }, 120_000)

  test('the same approval under two dispatches is one run', async () => {
    agent.auto(async (call: FakeCall) =>
      call.step === 'implement' ? await call.exit(1) : await answerWell(call),
    )
    const { head, pull, run } = await planned('twice', [{ id: '1' }])
    const id = await world.comment('maintainer', pull, '/approve')
    const inputs = {
      pull: String(pull),
      head,
      'plan-dir': 'twice',
      command: '/approve',
      phases: '',
      run: '',
      app: 'false',
    }
    await world.api('author', 'POST', '/actions/workflows/orchestrate.yml/dispatches', {
      ref: 'main',
      inputs: { ...inputs, source: `comment:${id}` },
    })
    await world.settled()
    expect(
      (await world.git('for-each-ref', '--format=%(refname)', `refs/orchestrate/${run}*/run`)).split('\n'),
    ).toEqual([`refs/orchestrate/${run}/run`])
    const first = await ledgerOf(run)
    await first.repository.close()
    expect(first.state.phases.values().next().value).toMatchObject({ state: 'needs-input', attempt: 1 })

    // A person says what is to be done, and the next job goes on.
    agent.auto(answerWell)
    await said('maintainer', pull, '/retry 1')
    const then = await ledgerOf(run)
    await then.repository.close()
    expect(then.state).toMatchObject({ state: 'landed' })
    expect(then.state.phases.values().next().value).toMatchObject({ state: 'merged', attempt: 2, scratch: 2 })
  }, 180_000)

  test('the phase of a machine that died goes on in another job, from where it was published', async () => {
    const { pull, run } = await planned('dying', [{ id: '1', tasks: ['Write one', 'Write two'] }])
    let killed = false
    agent.auto(async (call: FakeCall) => {
      if (call.step === 'review-test' && !killed) {
        killed = true
        const job = world.runner?.jobs().find(({ name }) => name === `phase 1 (#${pull})`)
        if (job) await world.runner?.killJob(job.id)
        return
      }
      await answerWell(call)
    })
    const before = agent.calls.length
    await said('maintainer', pull, '/approve')
    const { repository, state } = await ledgerOf(run)
    await repository.close()
    expect(killed).toBe(true)
    expect(state).toMatchObject({ state: 'landed' })
    expect(state.phases.values().next().value).toMatchObject({ state: 'merged', attempt: 1 })
    const calls = agent.calls.slice(before).map(({ step, unit }) => `${step} ${unit}`.trim())
    // What was committed before is not done again.
    expect(calls.filter((call) => call.startsWith('implement'))).toHaveLength(2)
    expect(calls.filter((call) => call === 'review-test').length).toBeGreaterThanOrEqual(2)
  }, 180_000)

  test('no agent sees a variable of the job, its token least of all', () => {
    expect(agent.calls.length).toBeGreaterThan(0)
    for (const { env } of agent.calls) {
      expect(Object.keys(env).filter((name) => /^(GITHUB|ACTIONS|INPUT|RUNNER|GH)_/.test(name))).toEqual([])
      expect(Object.values(env).filter((value) => value.includes('ghs_'))).toEqual([])
    }
  })
})
