/** What the Action alone does with what it must not trust: forks, workflow files, pushes during a run; and what it keeps to itself. */
import { afterEach, describe, expect, test } from '@jest/globals'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { GateWorld } from '../../local-github/world.ts'
import { taskPlan } from '../support/plans.ts'
import {
  checksOn,
  comes,
  commentsOn,
  conclusionsOn,
  dispatches,
  eventsOf,
  type HeldAgent,
  heldAgent,
  onlyRun,
  openPlan,
  ourComment,
  PLAN_DIR,
  planFiles,
  pushByHand,
  runsOf,
  say,
  thingWorld,
  verifyInClone,
  workflowRuns,
} from '../github/support.ts'

let world: GateWorld | undefined
let held: HeldAgent | undefined
afterEach(async () => {
  await world?.close()
  await held?.remove()
  world = held = undefined
})

const LONG = 600_000

describe('the Action alone', () => {
  test(
    'runs nothing from a fork, and says what would do',
    async () => {
      const here = (world = await thingWorld({ app: false }))
      await here.api('author', 'POST', '/forks', {})
      const fork = `author/${here.repository.split('/')[1] ?? ''}`
      await pushByHand(
        here,
        'author',
        here.defaultBranch,
        async (git, write) => {
          await git('checkout', '--quiet', '-b', 'plan')
          for (const [file, text] of Object.entries(planFiles([{ id: '1' }]))) await write(file, text)
          await git('add', '--all')
          await git('commit', '--quiet', '--message', 'Plan from a fork')
        },
        fork,
      )
      const pull = await here.openPull('author', 'author:plan', 'From a fork')
      await here.label('maintainer', pull)
      await here.settled()
      expect((await ourComment(here, pull)).body).toContain('A plan in a fork is not run')
      await say(here, 'maintainer', pull, '/approve')
      expect(dispatches(here)).toEqual([])
      expect(await runsOf(here)).toEqual([])
      const jobs = workflowRuns(here).flatMap((run) =>
        run.jobs.filter(({ conclusion }) => conclusion !== 'skipped'),
      )
      expect([...new Set(jobs.map(({ name }) => name))]).toEqual(['gate'])
    },
    LONG,
  )

  test(
    'says before the approval that workflow files cannot be pushed by a job',
    async () => {
      const here = (world = await thingWorld({ app: false }))
      const { pull } = await openPlan(here, {
        ...planFiles([{ id: '1' }]),
        '.github/workflows/extra.yml': 'on: push\njobs: {}\n',
      })
      expect((await ourComment(here, pull)).body).toContain('.github/workflows/extra.yml')
    },
    LONG,
  )

  test(
    'stops before the merge when the plan is changed after the approval, and not for a status',
    async () => {
      held = await heldAgent()
      const here = (world = await thingWorld({ app: false, agent: held }))
      const phases = [{ id: '1' }, { id: '2', after: ['1'] }]
      const { pull } = await openPlan(here, planFiles(phases))
      await held.hold('1', 'review-code')
      await here.comment('maintainer', pull, '/approve')
      await held.begun('1', 'review-code')

      const plan = `${PLAN_DIR}/task_plan.md`
      const status = await here.push('author', 'plan', {
        [plan]: taskPlan(phases).replace('**Status:** pending', '**Status:** in_progress'),
      })
      const under = await comes('the check of a new status', async () => {
        const [gate] = (await checksOn(here, status)).filter(({ name }) => name === 'Orchestrate')
        return gate
      })
      expect(under).toMatchObject({ status: 'in_progress' })

      const changed = await here.push('author', 'plan', {
        [plan]: taskPlan(phases).replace('A thing that works', 'Another thing'),
      })
      const again = await comes('the check of a new plan', async () => {
        const [gate] = (await checksOn(here, changed)).filter(({ name }) => name === 'Orchestrate')
        return gate?.conclusion === 'action_required' ? gate : undefined
      })
      expect(again.title).toBe('Needs approval again')
      expect((await ourComment(here, pull)).body).toContain(
        'phases that were running stop at their next step',
      )

      await held.letGo('1', 'review-code')
      await here.settled()
      const run = await onlyRun(here)
      expect(await eventsOf(here, run)).toEqual([
        ...['run-created', 'run-approved', 'phase-claimed 1', 'phase-stopped 1'],
      ])
      expect(await conclusionsOn(here, changed)).toMatchObject({ Orchestrate: 'action_required' })
      await say(here, 'maintainer', pull, '/retry 1')
      expect(await eventsOf(here, run)).toHaveLength(4)

      await say(here, 'maintainer', pull, '/approve')
      const [other] = (await runsOf(here)).filter((name) => name !== run)
      expect((await eventsOf(here, other ?? '')).at(-1)).toBe('run-landed')
      expect((await verifyInClone(here, other ?? '')).code).toBe(0)
    },
    LONG,
  )

  test(
    'uses no commit that somebody else pushed to a branch of the run',
    async () => {
      held = await heldAgent()
      const here = (world = await thingWorld({ app: false, agent: held }))
      const { pull, head } = await openPlan(here, planFiles([{ id: '1' }, { id: '2', after: ['1'] }]))
      await held.hold('1', 'review-code')
      await here.comment('maintainer', pull, '/approve')
      await held.begun('1', 'review-code')
      const run = await onlyRun(here)
      const foreign = await here.push('author', `orchestrate/${run}/plan`, {
        'package.json': '{ "scripts": { "test": "exfiltrate" } }\n',
      })
      await held.letGo('1', 'review-code')
      await here.settled()
      const events = ['run-created', 'run-approved', 'phase-claimed 1', 'phase-lost 1']
      expect(await eventsOf(here, run)).toEqual(events)
      expect(await here.git('rev-parse', 'refs/heads/plan')).toBe(head)
      expect(await here.git('rev-parse', `refs/heads/orchestrate/${run}/plan`)).toBe(foreign)
      expect((await ourComment(here, pull)).body).toContain('has commits that this run did not make')

      await here.git('update-ref', `refs/heads/orchestrate/${run}/plan`, head)
      await say(here, 'maintainer', pull, '/resume 1')
      expect((await eventsOf(here, run)).at(-1)).toBe('run-landed')
      const landed = await here.git('rev-parse', 'refs/heads/plan')
      expect(await here.git('ls-tree', '--name-only', landed)).not.toContain('package.json')
      const { code, output } = await verifyInClone(here, run)
      expect({ code, output }).toMatchObject({ code: 0 })
    },
    LONG,
  )

  test(
    'tells at the pull request what keeps a job from beginning, and starts no other for it',
    async () => {
      const here = (world = await thingWorld({ app: false, command: 'no-such-agent' }))
      const { pull } = await openPlan(here, planFiles([{ id: '1' }, { id: '2', after: ['1'] }]))
      await say(here, 'maintainer', pull, '/approve')
      const run = await onlyRun(here)
      const events = ['run-created', 'run-approved', 'phase-claimed 1', 'phase-lost 1']
      expect(await eventsOf(here, run)).toEqual(events)
      expect(dispatches(here)).toHaveLength(1)
      expect((await ourComment(here, pull)).body).toContain('There is no program "no-such-agent"')
      await say(here, 'maintainer', pull, '/resume 1')
      const again = ['decided 1 resume', 'phase-claimed 1', 'phase-lost 1']
      expect(await eventsOf(here, run)).toEqual([...events, ...again])
      expect(dispatches(here)).toHaveLength(2)
      expect((await verifyInClone(here, run)).code).toBe(0)
    },
    LONG,
  )

  test(
    'keeps keys and tokens to itself',
    async () => {
      held = await heldAgent()
      const key = 'canary-5d1f0c9e7b3a48d2-e6a90c47f81b2d35'
      const here = (world = await thingWorld({
        app: false,
        agent: held,
        secrets: (_, environment) => (environment === 'orchestrate' ? { ANTHROPIC_API_KEY: key } : {}),
      }))
      await held.dump()
      const spill = (name: string): string =>
        `(env; git config --list; git remote -v; cat .git/config 2>/dev/null) | tee ${held?.dir ?? ''}/seen-${name}.txt`
      const { pull } = await openPlan(
        here,
        planFiles([{ id: '1' }, { id: '2', after: ['1'] }, { id: '3', after: ['1'] }], {
          contract: { build: spill('build'), test: spill('test') },
        }),
      )
      await say(here, 'maintainer', pull, '/approve')
      const run = await onlyRun(here)
      expect((await eventsOf(here, run)).at(-1)).toBe('run-landed')

      const seen = await textsIn(held.dir)
      expect([...seen.keys()].filter((file) => file.startsWith('seen-')).length).toBeGreaterThan(12)
      for (const [file, text] of seen) {
        for (const name of text.match(/^\s*"?[A-Z][A-Z0-9_-]*(?="?[:=])/gm) ?? [])
          expect(`${file}: ${name.trim()}`).not.toMatch(
            /: "?(GITHUB_|GH_|ACTIONS_|INPUT_|RUNNER_|ANTHROPIC_)/,
          )
        expect(`${file}: ${leaksIn(text, key).join()}`).toBe(`${file}: `)
      }
      const [{ comments, checks, logs, objects, artifacts }] = [await everythingOf(here, pull)]
      for (const [where, text] of Object.entries({ comments, checks, logs, objects, artifacts })) {
        expect(text.length).toBeGreaterThan(100)
        expect(`${where}: ${leaksIn(text, key).join()}`).toBe(`${where}: `)
      }
    },
    LONG,
  )
})

/** The secret as it is, its halves, both in base64 at each offset, and anything in the shape of an installation's token. */
function leaksIn(text: string, secret: string): string[] {
  const half = Math.floor(secret.length / 2)
  const raw = [secret, secret.slice(0, half), secret.slice(half)]
  const encoded = ['', 'x', 'xx'].map((before) =>
    // The ends hang on what stands beside them.
    Buffer.from(before + secret, 'utf8')
      .toString('base64')
      .slice(4, -4),
  )
  const tokens = text.match(/gh[sp]_[A-Za-z0-9_]{16,}/g) ?? []
  return [...[...raw, ...encoded].filter((form) => text.includes(form)), ...tokens]
}

async function textsIn(dir: string): Promise<Map<string, string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(
      files.map(async (file) => [path.relative(dir, file), await readFile(file, 'utf8')] as const),
    ),
  )
}

/** All that anybody can read of a pull request, its jobs and its repository. */
async function everythingOf(
  here: GateWorld,
  pull: number,
): Promise<Record<'comments' | 'checks' | 'logs' | 'objects' | 'artifacts', string>> {
  const runs = workflowRuns(here)
  const heads = (await here.git('for-each-ref', '--format=%(objectname)', 'refs/heads')).split('\n')
  const checks = await Promise.all(
    heads.map((sha) => here.api('owner', 'GET', `/commits/${sha}/check-runs?per_page=100`)),
  )
  const objects = await here.git('cat-file', '--batch-all-objects', '--batch', '--buffer')
  const artifacts = await Promise.all(
    runs.map(async ({ id }) => [...(await textsIn(here.runner?.artifactsDir(id) ?? '')).entries()]),
  )
  return {
    comments: JSON.stringify(await commentsOn(here, pull)),
    checks: JSON.stringify(checks),
    logs: JSON.stringify(runs),
    objects,
    artifacts: JSON.stringify(artifacts),
  }
}
