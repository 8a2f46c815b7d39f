import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { GateWorld } from '../../local-github/world.ts'
import {
  conclusionsOn,
  checksOn,
  commentsOn,
  DIAMOND,
  dispatches,
  eventsOf,
  onlyRun,
  openPlan,
  ourComment,
  phaseJobs,
  planFiles,
  requestsOf,
  say,
  thingWorld,
  verifyInClone,
} from '../github/support.ts'

describe('a diamond of phases with the Action alone', () => {
  let world: GateWorld
  beforeAll(async () => {
    world = await thingWorld({ app: false })
  })
  afterAll(() => world.close())

  test('goes from the label over check and approval to the pull request that holds it all', async () => {
    const { pull, head } = await openPlan(world, planFiles(DIAMOND))
    const [gate] = await checksOn(world, head)
    expect(gate).toMatchObject({ name: 'Orchestrate', conclusion: 'action_required' })
    expect((await ourComment(world, pull)).body).toContain(`/approve ${head.slice(0, 7)}`)
    expect(dispatches(world)).toEqual([])

    const before = world.github.requests.length
    await say(world, 'maintainer', pull, `/approve ${head}`)

    const run = await onlyRun(world)
    const events = await eventsOf(world, run)
    expect(events.slice(0, 2)).toEqual(['run-created', 'run-approved'])
    expect(events.slice(-2)).toEqual(['run-checked', 'run-landed'])
    const phases = ['1', '2', '3', '4']
    expect([...events].sort()).toEqual(
      [
        ...['run-created', 'run-approved', 'run-checked', 'run-landed'],
        ...phases.flatMap((id) => [`phase-claimed ${id}`, `phase-merged ${id}`]),
      ].sort(),
    )

    // The first run has what was ready first; phases 2 and 3 share one; phase 4 is gone on with where the last of them ended.
    expect(dispatches(world).map(phaseJobs)).toEqual([['phase 1'], ['phase 2', 'phase 3']])

    const landed = await world.git('rev-parse', 'refs/heads/plan')
    expect(landed).toBe(await world.git('rev-parse', `refs/heads/orchestrate/${run}/plan`))
    for (const id of phases) {
      expect(await world.git('show', `${landed}:part-${id}.txt`)).toBe(`part ${id}`)
      const branch = `refs/heads/orchestrate/${run}/phase-${id}-part-${id}`
      const own = await world.git(
        'log',
        '--format=%s',
        '--first-parent',
        `${head}..${branch}`,
        '--',
        `part-${id}.txt`,
      )
      expect(own.split('\n')).toHaveLength(1)
    }

    expect(await commentsOn(world, pull)).toHaveLength(2)
    expect((await ourComment(world, pull)).body).toContain('Landed: 4 of 4 phases done')
    const success = Object.fromEntries(phases.map((id) => [`Orchestrate: phase ${id}`, 'success']))
    // Phases show on what was approved; what is landed carries the one check that a branch's protection may require.
    expect(await conclusionsOn(world, head)).toMatchObject(success)
    expect(await conclusionsOn(world, landed)).toEqual({ Orchestrate: 'success' })

    const { code, output } = await verifyInClone(world, run)
    expect({ code, output }).toMatchObject({ code: 0 })

    // What jobs ask GitHub for, from the dispatch to the landing: per phase at most 14 calls and 6 pushes, all counted in.
    const { pushes, calls } = requestsOf(world, before)
    const begun = calls.findIndex((call) => call.endsWith('/dispatches'))
    expect(pushes).toBeLessThanOrEqual(6 * phases.length)
    expect(calls.slice(begun).length).toBeLessThanOrEqual(14 * phases.length)
  }, 240_000)
})
