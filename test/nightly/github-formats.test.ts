import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import path from 'node:path'
import type { GateWorld } from '../../local-github/world.ts'
import { isOptional } from '../../src/core/model/optional-tasks.ts'
import { RUN_PLANS, runPlan } from '../formats/fixtures.ts'
import { planOf } from '../formats/read-plan.ts'
import { faultsOfEnd } from '../formats/write-back.ts'
import {
  eventsOf,
  onlyRun,
  openPlan,
  ourComment,
  ROOT,
  say,
  thingWorld,
  verifyInClone,
} from '../github/support.ts'

const AGENT = path.join(ROOT, 'test', 'formats', 'agent.mjs')

describe.each(RUN_PLANS)('a pull request with a plan of %s', (format) => {
  let world: GateWorld
  beforeAll(async () => {
    world = await thingWorld({ app: false, command: `node ${AGENT}` })
  })
  afterAll(() => world.close())

  test('is gated by its label, run by its approval, and landed with its statuses', async () => {
    const { files, path: at } = runPlan(format)
    const plan = await planOf(files, at)
    const { pull, head } = await openPlan(world, { ...files })
    const shown = (await ourComment(world, pull)).body
    for (const { title } of plan.phases) expect(shown).toContain(title.split(/[^\p{L}\p{N} ]/u)[0])
    expect(shown).not.toContain('.md/')

    await say(world, 'maintainer', pull, `/approve ${head}`)

    const run = await onlyRun(world)
    const merged = (await eventsOf(world, run)).filter((event) => event.startsWith('phase-merged'))
    const wanted = plan.phases.filter((phase) => phase.status !== 'completed' && !isOptional(phase))
    expect(merged).toEqual(wanted.map(({ id }) => `phase-merged ${id}`))
    const names = (await world.git('ls-tree', '-r', '--name-only', '-z', 'refs/heads/plan')).split('\0')
    const texts = names
      .filter((name) => name !== '')
      .map(async (name) => {
        // the line ends that git's output was trimmed of
        const end = /\s*$/u.exec(files[name] ?? '\n')?.[0] ?? ''
        return [name, (await world.git('show', `refs/heads/plan:${name}`)) + end] as const
      })
    expect(await faultsOfEnd(plan, files, Object.fromEntries(await Promise.all(texts)), at)).toEqual([])
    expect((await ourComment(world, pull)).body).toContain('Landed')
    expect(await verifyInClone(world, run)).toMatchObject({ code: 0 })
  }, 240_000)
})
