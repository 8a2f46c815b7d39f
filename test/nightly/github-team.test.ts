/** A team in a matrix job: the same gates and commits as in a classic phase, and its log among the artifacts. */
import { afterEach, describe, expect, test } from '@jest/globals'
import path from 'node:path'
import type { GateWorld } from '../../local-github/world.ts'
import {
  eventsOf,
  type HeldAgent,
  heldAgent,
  onlyRun,
  openPlan,
  ourComment,
  PLAN_DIR,
  ROOT,
  say,
  thingWorld,
  verifyInClone,
} from '../github/support.ts'
import { taskPlan, workflow } from '../support/plans.ts'

let world: GateWorld | undefined
let held: HeldAgent | undefined
afterEach(async () => {
  await world?.close()
  await held?.remove()
  world = held = undefined
})

const LONG = 600_000
const program = path.join(ROOT, 'test', 'support', 'team-agent.mjs')
const agent = `node ${program}`

/** Phase 1 has three pieces and no criteria, so a team does it; phase 2 has two. */
const files = (): Record<string, string> => ({
  [`${PLAN_DIR}/task_plan.md`]: taskPlan([
    { id: '1', tasks: ['store', 'routes', 'page'].map((name) => `Write the ${name} in \`${name}.txt\``) },
    { id: '2', after: ['1'], tasks: ['login', 'logout'].map((name) => `Write ${name} in \`${name}.txt\``) },
  ]).replace(/### Acceptance Criteria\n.*\n/, ''),
  [`${PLAN_DIR}/workflow.md`]: workflow({ test: 'test ! -e page.txt || grep -q 1.3 page.txt' }),
})

interface Entry {
  type: string
  step?: string
  unit?: string
  commits?: unknown[]
}

async function chainOf(here: GateWorld, run: string, phase: string): Promise<Entry[]> {
  const log = await here.git(
    ...['log', '--reverse', '--first-parent', '--format=%b%x00', `refs/orchestrate/${run}/phase/${phase}/1`],
  )
  return log
    .split('\0')
    .filter((body) => body.trim() !== '')
    .map((body) => JSON.parse(body.trim()) as Entry)
}

interface Seen {
  /** Subjects of the commits of phase 1, sorted. */
  commits: string[]
  tree: string
  checks: string[]
  reviews: string[]
}

/** A whole run of the plan: what it came to. */
async function runOf(here: GateWorld): Promise<Seen & { run: string; pull: number }> {
  const { pull, head } = await openPlan(here, files())
  await say(here, 'maintainer', pull, '/approve')
  const run = await onlyRun(here)
  expect((await ourComment(here, pull)).body).toContain('Landed: 2 of 2 phases done')
  expect(await verifyInClone(here, run)).toMatchObject({ code: 0 })
  const chain = await chainOf(here, run, '1')
  const landed = await here.git('rev-parse', 'refs/heads/plan')
  const trees = await here.git('ls-tree', '-r', '--format=%(objectname) %(path)', landed)
  const of = (type: string): string[] =>
    chain.filter((entry) => entry.type === type).map((entry) => `${entry.step ?? ''} ${entry.unit ?? ''}`)
  const branch = chain.find(({ type }) => type === 'attempt-started')
  expect(branch).toBeDefined()
  const subjects = await here.git('log', '--no-merges', '--format=%s', `${head}..${landed}`)
  return {
    ...{ run, pull },
    commits: subjects.split('\n').sort(),
    tree: trees
      .split('\n')
      .filter((line) => /\.txt$/.test(line))
      .join('\n'),
    checks: chain
      .filter(({ type }) => type === 'check-finished')
      .map((entry) => JSON.stringify(entry).replace(/^.*"check":"(\w+)".*"outcome":"(\w+)".*$/, '$1 $2')),
    reviews: of('step-passed')
      .filter((step) => step.startsWith('review') || step.startsWith('fix'))
      .sort(),
  }
}

describe('a team in a job', () => {
  test(
    'comes to the commits and gates of a classic phase, and leaves its log among the artifacts',
    async () => {
      const here = (world = await thingWorld({ app: false, command: agent }))
      const team = await runOf(here)
      const { run, pull } = team
      const chain = await chainOf(here, run, '1')
      const passed = chain
        .filter(({ type }) => type === 'step-passed')
        .map(({ step, unit }) => `${step ?? ''} ${unit ?? ''}`.trim())
      expect(passed.filter((step) => step.startsWith('lead')).sort()).toEqual([
        ...['lead', 'lead', 'lead 1.1', 'lead 1.2', 'lead 1.2', 'lead 1.3'],
      ])
      const log = await here.git('show', `refs/orchestrate/${run}/phase/1/1:artifacts/team-log.md`)
      for (const line of [
        'Plan of 1.2 rejected (1 of 2): Say which function ends a session',
        '1.1 found out, told to all: Sessions end by end(id)',
        'Worker of 1.3 is stuck (agent-crashed) and replaced (1 of 2).',
      ])
        expect(log).toContain(line)
      // Whoever looks at the pull request sees how the phase was done.
      expect((await ourComment(here, pull)).body).toContain('merged')
      expect(await eventsOf(here, run)).toContain('phase-merged 1')
      await here.close()

      world = await thingWorld({ app: false, command: agent, settings: 'dispatch: classic\n' })
      const classic = await runOf(world)
      const same = ({ commits, tree, checks, reviews }: Seen): Seen => ({ commits, tree, checks, reviews })
      expect(same(team)).toEqual(same(classic))
    },
    LONG,
  )

  test(
    'is gone on with where its machine is gone: nobody works or decides twice',
    async () => {
      held = await heldAgent(program)
      const here = (world = await thingWorld({ app: false, agent: held }))
      await held.hold('1', 'review-code')
      const { pull } = await openPlan(here, files())
      await here.comment('maintainer', pull, '/approve')
      await held.begun('1', 'review-code')
      const job = here.runner?.jobs().find(({ name }) => name === `phase 1 (#${pull})`)
      await held.letGo('1', 'review-code')
      await here.runner?.killJob(job?.id ?? 0)
      await here.settled()

      const run = await onlyRun(here)
      expect((await eventsOf(here, run)).filter((event) => event.endsWith(' 1'))).toEqual([
        ...['phase-claimed 1', 'phase-taken-over 1', 'phase-merged 1'],
      ])
      const chain = await chainOf(here, run, '1')
      const members = chain
        .filter(({ type, step }) => type === 'step-passed' && (step === 'lead' || step === 'implement'))
        .map(({ step, unit }) => `${step ?? ''} ${unit ?? ''}`.trim())
      expect(members.sort()).toEqual([
        ...['implement 1.1', 'implement 1.2', 'implement 1.3'],
        ...['lead', 'lead', 'lead 1.1', 'lead 1.2', 'lead 1.2', 'lead 1.3'],
      ])
      const log = await here.git('show', `refs/orchestrate/${run}/phase/1/1:artifacts/team-log.md`)
      expect(log.match(/told to all: Sessions end by end\(id\)/g)).toHaveLength(1)
      expect((await ourComment(here, pull)).body).toContain('Landed: 2 of 2 phases done')
      expect(await verifyInClone(here, run)).toMatchObject({ code: 0 })
    },
    LONG,
  )
})
