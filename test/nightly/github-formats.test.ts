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

describe('pull requests in a repository with plans of several planners', () => {
  const plans = ['openspec', 'bmad-v4', 'kiro'].map((name) => runPlan(name))
  const base = Object.assign({}, ...plans.map(({ files }) => files)) as Record<string, string>
  let world: GateWorld
  beforeAll(async () => {
    world = await thingWorld({
      app: false,
      command: `node ${AGENT}`,
      files: { ...base, 'README.md': '# Thing\n' },
    })
  })
  afterAll(() => world.close())
  const changed = (path: string): Record<string, string> => ({ [path]: `${base[path] ?? ''}\nAnd more.\n` })

  test.each([
    ['openspec/changes/update-module-docs/design.md', 'IR module'],
    ['docs/stories/1.7.story.md', 'Extractor Module'],
    ['.kiro/specs/cpu-optimization/requirements.md', 'Add pagination support'],
  ])('%s picks the plan that it belongs to', async (path, title) => {
    const { pull } = await openPlan(world, changed(path), `only-${title.split(' ')[0] ?? ''}`)
    expect((await ourComment(world, pull)).body).toContain(title)
  })

  test('of several that are touched one has to be chosen, finished and archived ones left out', async () => {
    const done = (base['.kiro/specs/cpu-optimization/tasks.md'] ?? '').replaceAll('- [ ]', '- [x]')
    const { pull } = await openPlan(
      world,
      {
        ...changed('openspec/changes/update-module-docs/tasks.md'),
        ...changed('docs/stories/1.7.story.md'),
        '.kiro/specs/finished/tasks.md': done,
        'openspec/changes/archive/2026-01-01-old/tasks.md': '## 1. Old\n\n- [ ] 1.1 Never\n',
      },
      'several',
    )
    const { body } = await ourComment(world, pull)
    expect(body).toMatch(/\/orchestrate openspec\/changes\/update-module-docs\b/u)
    expect(body).toMatch(/\/orchestrate docs\b/u)
    expect(body).not.toMatch(/finished|2026-01-01-old/u)
    await say(world, 'maintainer', pull, '/orchestrate docs')
    expect((await ourComment(world, pull)).body).toContain('Extractor Module')
  })

  test('what a plan leaves to its approver is done where they say so', async () => {
    const { pull, head } = await openPlan(
      world,
      changed('.kiro/specs/cpu-optimization/design.md'),
      'optional',
    )
    expect((await ourComment(world, pull)).body).toContain(`/approve ${head.slice(0, 7)}`)
    expect((await ourComment(world, pull)).body).toContain('--with-optional')
    await say(world, 'maintainer', pull, `/approve ${head} --with-optional`)
    const run = await onlyRun(world)
    const merged = (await eventsOf(world, run)).filter((event) => event.startsWith('phase-merged'))
    expect(merged).toEqual(['phase-merged 6', 'phase-merged 7', 'phase-merged 9'])
    const tasks = await world.git('show', 'refs/heads/optional:.kiro/specs/cpu-optimization/tasks.md')
    expect(tasks).toContain('- [x]* 9.1')
    expect(tasks).not.toContain('- [ ]')
  }, 240_000)
})
