/** What a job does that is in the middle of a phase when people change their minds: it looks again, and stops at its next step. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { tmpdir } from 'node:os'
import { openBook } from '../../src/action/modes/dispatched.ts'
import { createCommandAgent } from '../../src/adapters/agents/command.ts'
import { phaseId } from '../../src/core/model/ids.ts'
import { drivePhases } from '../../src/core/pipeline/job/drive-phases.ts'
import { answerWell, type FakeCall, FakeAgentRig } from '../support/fake-agent.ts'
import { testEnv } from '../support/git.ts'
import { taskPlan, workflow } from '../support/plans.ts'
import { jobOf, type JobRig } from './job.ts'
import { pick, PROJECT, type Repo, rig, type Rig } from './support.ts'

/** A job looks once a minute. Milliseconds. */
const LOOK_MS = 61_000

let it: Rig
let agent: FakeAgentRig
const jobs: JobRig[] = []
beforeAll(async () => {
  it = await rig()
  agent = await FakeAgentRig.create()
})
afterEach(async () => {
  for (const job of jobs.splice(0)) await job.end()
})
afterAll(async () => {
  await agent.close()
  await it.close()
})

interface Scene {
  repo: Repo
  pull: number
  run: string
  job: JobRig
  /** A command of Alice's, taken by another job. */
  says(command: string): Promise<unknown>
}

/** Phase 1 in a job, up to a step of its agent in which `meanwhile` happens; then to the job's end. */
async function during(step: string, meanwhile: (scene: Scene) => Promise<unknown>) {
  const config = `agent: command\nagent_command: ${JSON.stringify(agent.command)}\nsandbox: "off"\n`
  const repo = await it.repository({ ...PROJECT, '.github/orchestrate.yml': config })
  const pull = await repo.planned({
    'plan/task_plan.md': taskPlan([{ id: '1' }]),
    'plan/workflow.md': workflow(),
  })
  const approval = await repo.comment(pull, '/approve', 'alice')
  await it.settled()
  const job = await jobOf(it, repo, it.app.bot)
  jobs.push(job)
  const sent = pick(it.dispatches.at(-1)?.payload, 'inputs')
  expect(sent).toMatchObject({ source: `comment:${approval}` })
  const run = String(pick(await job.plan(sent), 'run'))
  const says = async (command: string): Promise<unknown> => {
    const id = await repo.comment(pull, command, 'alice')
    await it.settled()
    const other = await jobOf(it, repo, it.app.bot)
    jobs.push(other)
    const inputs = pick(it.dispatches.at(-1)?.payload, 'inputs')
    expect(inputs).toMatchObject({ command, source: `comment:${id}`, run })
    return await other.plan(inputs)
  }
  let done = false
  agent.auto(async (call: FakeCall) => {
    if (call.step === step && !done) {
      done = true
      await meanwhile({ repo, pull, run, job, says })
    }
    await answerWell(call)
  })
  const book = await openBook(run, job.deps)
  if (!book.ok) throw new Error(JSON.stringify(book.error))
  const ended = await drivePhases(
    book.value,
    {
      phases: [phaseId('1')],
      until: Number.MAX_SAFE_INTEGER,
      agent: ({ agentCommand }) => ({
        ok: true,
        value: createCommandAgent(agentCommand ?? '', { env: testEnv(), tmpDir: tmpdir(), cwd: tmpdir() }),
      }),
    },
    job.deps,
  )
  expect(done).toBe(true)
  return { repo, pull, run, ended, state: book.value.state, steps: job.events }
}

const said = ({ ended }: Awaited<ReturnType<typeof during>>): string =>
  ended.failures.map(({ message }) => message).join('\n')
const steps = (): string[] => agent.calls.map(({ step }) => step)

test('the plan changed at the pull request: the phase stops, and nothing is merged', async () => {
  const from = steps().length
  const scene = await during('implement', async ({ repo, job }) => {
    await repo.push('the-plan', {
      'plan/task_plan.md': taskPlan([{ id: '1' }]).replace('A thing that works', 'Another thing'),
    })
    await it.settled()
    job.later(LOOK_MS)
  })
  expect(said(scene)).toContain('The plan is not the one that was approved')
  expect(scene.state.phases.get(phaseId('1'))).toMatchObject({ state: 'needs-input', attempt: 1 })
  expect(steps().slice(from)).toEqual(['implement'])
})

test('a push that leaves the plan as it is stops nothing', async () => {
  const scene = await during('implement', async ({ repo, job }) => {
    await repo.push('the-plan', { 'README.md': '# App, said better\n' })
    await it.settled()
    job.later(LOOK_MS)
  })
  expect(said(scene)).toBe('')
  expect(scene.state.phases.get(phaseId('1'))).toMatchObject({ state: 'merged' })
})

test('the pull request goes to another base: the phase stops', async () => {
  const from = steps().length
  const scene = await during('implement', async ({ repo, pull, job }) => {
    await repo.push('release', { 'release.md': 'A release.\n' })
    await repo.api('bob', 'PATCH', `/pulls/${pull}`, { base: 'release' })
    await it.settled()
    job.later(LOOK_MS)
  })
  expect(said(scene)).toContain('the pull request goes to release now')
  expect(steps().slice(from)).toEqual(['implement'])
})

test('/abort ends the run at the next step', async () => {
  const from = steps().length
  const scene = await during('implement', async ({ says, run, job }) => {
    expect(await says('/abort')).toEqual({ run })
    job.later(LOOK_MS)
  })
  expect(said(scene)).toBe(`Run ${scene.run} was aborted.`)
  expect(scene.state.state).toBe('aborted')
  expect(steps().slice(from)).toEqual(['implement'])
})

test('/abort while a phase comes to its merge: the run ends aborted, nothing is merged, and the work is kept', async () => {
  const scene = await during('review-code', async ({ says, run }) => {
    expect(await says('/abort')).toEqual({ run })
  })
  expect(said(scene)).toBe(`Run ${scene.run} was aborted.`)
  expect(scene.state.state).toBe('aborted')
  expect(scene.state.planTip).toBe(scene.state.base)
  const branch = `refs/heads/orchestrate/${scene.run}/phase-1-part-1`
  expect(await scene.repo.git('ls-tree', '--name-only', branch)).toContain('1.1.txt')
})

test('/land by hand, as a dispatch without an App, takes over what is merged; whoever may not is refused', async () => {
  const { repo, pull, run, state } = await during('implement', async () => undefined)
  const tip = state.planTip
  expect(tip).not.toBe(state.base)
  const inputs = {
    ...{ pull: String(pull), run, head: '', 'plan-dir': 'plan', command: '/land' },
    ...{ source: 'dispatch', phases: '', app: 'false' },
  }
  const by = async (actor: string, command: string): Promise<unknown> => {
    const job = await jobOf(it, repo, actor)
    jobs.push(job)
    return await job.plan({ ...inputs, command })
  }
  for (const command of ['/land', '/abort'])
    expect(await by('carol', command)).toEqual({ refused: expect.stringContaining('carol has read') })
  expect(await by('github-actions[bot]', '/land')).toEqual({
    refused: expect.stringContaining('is no person'),
  })
  expect(await by('alice', '/land')).toEqual({ run })
  expect(await repo.git('rev-parse', 'the-plan')).toBe(tip)
})
