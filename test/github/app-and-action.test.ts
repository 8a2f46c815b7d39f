/** App and Action together: the App reviews, takes approvals, shows and lands; the workflow's jobs run the phases. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { GateWorld } from '../../local-github/world.ts'
import { Listener } from '../local-github/contract/published.ts'
import {
  checksOn,
  commentsOn,
  conclusionsOn,
  DIAMOND,
  dispatches,
  eventsOf,
  onlyRun,
  openPlan,
  ourComment,
  phaseJobs,
  planFiles,
  say,
  thingWorld,
  verifyInClone,
  workflowRuns,
} from './support.ts'

const CI = `name: ci
on: pull_request
jobs:
  ci:
    name: ci
    runs-on: ubuntu-24.04
    steps:
      - run: 'true'
`

describe('a diamond of phases in a repository whose default branch requires the gate and CI', () => {
  let world: GateWorld
  const listener = new Listener()
  beforeAll(async () => {
    world = await thingWorld({
      files: { 'README.md': '# Thing\n', '.github/workflows/ci.yml': CI },
      onAnswer: (answer) => listener.hear(answer),
    })
    const gate = { context: 'Orchestrate', appId: world.localApp?.id ?? 0 }
    const requiredChecks = [gate, { context: 'ci' }]
    world.github.protectBranch(world.repository, world.defaultBranch, { requiredChecks })
  })
  afterAll(() => world.close())

  test('goes from the label over the Approve button to a landed head that CI has checked and that can be merged', async () => {
    const { github, repository } = world
    const { pull, head } = await openPlan(world, planFiles(DIAMOND))
    const bot = world.localApp?.bot ?? ''
    const merge = (): Promise<unknown> => world.api('maintainer', 'PUT', `/pulls/${pull}/merge`, {})
    expect(await conclusionsOn(world, head)).toEqual({ Orchestrate: 'action_required' })
    expect(await ourComment(world, pull)).toMatchObject({ author: bot })
    await expect(merge()).rejects.toThrow(/405.*Orchestrate/)

    const approve = async (who: string): Promise<void> => {
      const gate = (await checksOn(world, head)).find(({ name }) => name === 'Orchestrate')
      await github.pressButton(repository, gate?.id ?? 0, `approve:${head.slice(0, 12)}`, who)
      await world.settled()
    }
    await approve('reader')
    expect(dispatches(world)).toEqual([])
    expect((await ourComment(world, pull)).body).toContain(
      '/approve needs the role write, and reader has read.',
    )

    const before = github.requests.length
    await approve('maintainer')
    const run = await onlyRun(world)
    const phases = ['1', '2', '3', '4']
    expect((await eventsOf(world, run)).sort()).toEqual(
      [
        ...['run-created', 'run-approved', 'run-checked'],
        ...phases.flatMap((id) => [`phase-claimed ${id}`, `phase-merged ${id}`]),
      ].sort(),
    )
    expect(dispatches(world).map(phaseJobs)).toEqual([['phase 1'], ['phase 2', 'phase 3']])

    const landed = await world.git('rev-parse', 'refs/heads/plan')
    expect(landed).toBe(await world.git('rev-parse', `refs/heads/orchestrate/${run}/plan`))
    for (const id of phases) expect(await world.git('show', `${landed}:part-${id}.txt`)).toBe(`part ${id}`)
    // By the App, whose push starts CI, and once.
    const moves = github.requests
      .slice(before)
      .filter(({ method, path }) => method === 'PATCH' && path.includes('/git/refs/heads/plan'))
    expect(moves.map(({ as, status }) => ({ as, status }))).toEqual([{ as: bot, status: 200 }])
    const all = await checksOn(world, landed)
    expect(all.filter(({ name }) => name === 'ci')).toMatchObject([{ conclusion: 'success' }])
    expect(await conclusionsOn(world, landed)).toEqual({ Orchestrate: 'success' })
    expect(await conclusionsOn(world, head)).toMatchObject(
      Object.fromEntries(phases.map((id) => [`Orchestrate: phase ${id}`, 'success'])),
    )
    expect(await commentsOn(world, pull)).toHaveLength(1)
    expect((await ourComment(world, pull)).body).toContain('Landed: 4 of 4 phases done')
    // Whatever else the workflow was started for, no job of it ran.
    const others = workflowRuns(world).filter(
      ({ event, workflow }) => event !== 'workflow_dispatch' && workflow.path.endsWith('orchestrate.yml'),
    )
    expect(others.flatMap(({ jobs }) => jobs.filter(({ conclusion }) => conclusion !== 'skipped'))).toEqual(
      [],
    )

    const { code, output } = await verifyInClone(world, run)
    expect({ code, output }).toMatchObject({ code: 0 })

    await merge()
    expect(await world.git('show', `refs/heads/${world.defaultBranch}:part-4.txt`)).toBe('part 4')
  }, 240_000)

  test('with a comment and checks whose links lead to pages', async () => {
    const { github, repository } = world
    const linksOf = async (url: string): Promise<string[]> => {
      const answer = await fetch(url, { headers: { accept: 'text/html' } })
      expect({ url, status: answer.status }).toEqual({ url, status: 200 })
      const found = [...(await answer.text()).matchAll(/href="([^"#]+)/g)].map(([, href = '']) => href)
      return found.map((href) => new URL(href.replaceAll('&amp;', '&'), url).href)
    }
    const links = new Set(await linksOf(`${github.url}/${repository}/pull/1`))
    const here = [...links].filter((href) => href.startsWith(github.url))
    expect(here.some((href) => href.includes('/tree/orchestrate/'))).toBe(true)
    expect(here.some((href) => href.includes('/runs/'))).toBe(true)
    for (const href of here) await linksOf(href)
  })

  test('in a conversation whose every answer and webhook is as GitHub describes it', () => {
    listener.hearWebhooks(world.github.deliveries)
    expect(listener.differences).toEqual([])
    expect(listener.answers).toBeGreaterThan(50)
  })
})

describe('the App alone', () => {
  let world: GateWorld
  beforeAll(async () => {
    world = await thingWorld({ action: false })
  })
  afterAll(() => world.close())

  test('reviews a plan, and says at an approval how to add the workflow', async () => {
    const { pull, head } = await openPlan(world, planFiles(DIAMOND))
    expect(await conclusionsOn(world, head)).toEqual({ Orchestrate: 'action_required' })
    await say(world, 'maintainer', pull, '/approve')
    const { body } = await ourComment(world, pull)
    expect(body).toContain('Nothing can be run here yet.')
    expect(body).toContain('.github/workflows/orchestrate.yml')
    const asked = world.github.requests.filter(({ path }) => path.endsWith('/dispatches'))
    expect(asked).toEqual([])
    expect(await conclusionsOn(world, head)).toEqual({ Orchestrate: 'action_required' })
  }, 60_000)
})
