import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { GateWorld } from '../../local-github/world.ts'
import {
  conclusionsOn,
  dispatches,
  eventsOf,
  onlyRun,
  openPlan,
  ourComment,
  planFiles,
  say,
  thingWorld,
  verifyInClone,
} from './support.ts'

describe('a phase that needs a person, with the Action alone', () => {
  let world: GateWorld
  beforeAll(async () => {
    world = await thingWorld({ app: false })
  })
  afterAll(() => world.close())

  test('is told at the pull request, and goes on when somebody who may says so', async () => {
    const broken = { write: 'broken.txt', content: 'broken\n' }
    const part = { write: 'part-1.txt', content: 'part 1\n' }
    const { pull, head } = await openPlan(
      world,
      planFiles([{ id: '1' }, { id: '2', after: ['1'] }], {
        contract: { build: 'test ! -f broken.txt' },
        first: [
          { step: 'implement', phase: '1', attempt: 1, edits: [broken, part] },
          { step: 'fix-build', phase: '1', edits: [{ append: 'broken.txt', content: 'still\n' }] },
        ],
      }),
    )
    await say(world, 'reader', pull, '/approve')
    expect(dispatches(world)).toEqual([])
    expect((await ourComment(world, pull)).body).toContain(
      '/approve needs the role write, and reader has read.',
    )

    await say(world, 'maintainer', pull, '/approve')
    const run = await onlyRun(world)
    const stopped = ['run-created', 'run-approved', 'phase-claimed 1', 'phase-stopped 1']
    expect(await eventsOf(world, run)).toEqual(stopped)
    const comment = (await ourComment(world, pull)).body
    expect(comment).toContain('Phase 1 needs you: 0 of 2 phases done')
    expect(comment).toContain('The build fails after 2 fix attempts')
    expect(comment).toContain('/retry 1')
    expect(await conclusionsOn(world, head)).toEqual({
      Orchestrate: 'action_required',
      'Orchestrate: phase 1': 'action_required',
    })

    await say(world, 'reader', pull, '/skip 1')
    expect((await ourComment(world, pull)).body).toContain('/skip needs the role write, and reader has read.')
    expect(await eventsOf(world, run)).toEqual(stopped)

    await say(world, 'maintainer', pull, '/retry 1')
    expect(await eventsOf(world, run)).toEqual([
      ...stopped,
      ...['decided 1 retry', 'phase-claimed 1', 'phase-merged 1', 'phase-claimed 2', 'phase-merged 2'],
      ...['run-checked', 'run-landed'],
    ])
    const landed = await world.git('rev-parse', 'refs/heads/plan')
    expect(await world.git('ls-tree', '--name-only', landed)).not.toContain('broken.txt')
    expect(await conclusionsOn(world, landed)).toEqual({ Orchestrate: 'success' })
    const { code, output } = await verifyInClone(world, run)
    expect({ code, output }).toMatchObject({ code: 0 })
  }, 240_000)
})
