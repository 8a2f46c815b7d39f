import { afterAll, expect, test } from '@jest/globals'
import { git, orchestrate, repository, TempDirs } from '../support/cli.ts'
import { PLAN_FILES } from './plan.ts'

const dirs = new TempDirs()
afterAll(dirs.remove)

const project = async () => repository(await dirs.make(), PLAN_FILES)
const PHASE = ['phase', '--phase', '1', '--plan-dir', 'plan', '--agent', 'scripted']

/** The fields of a PHASE_RESULT that say how far the phase is, without times and names of commits. */
const fields = (stdout: string): Record<string, string | undefined> =>
  Object.fromEntries(
    [...stdout.matchAll(/^ {2}(status|build|tests|review_code|merge): (.*)$/gm)].map(([, key, value]) => [
      key ?? '',
      value?.replace(/^[0-9a-f]{10}$/, 'SHA'),
    ]),
  )

const started = (stderr: string): string[] => [
  ...new Set(
    [...stderr.matchAll(/^phase 1 · (implement|build|test|review-code|merged)\b/gm)].map(
      ([, step]) => step ?? '',
    ),
  ),
]

test('a phase goes on step by step, never past the one that is asked for', async () => {
  const root = await project()
  const seen: unknown[] = []
  for (const step of ['implement', 'build', 'build', 'test', 'implement', 'review', 'commit', 'merge']) {
    const { code, stdout, stderr } = await orchestrate(root, [...PHASE, '--step', step])
    expect(stdout).toMatch(/^PHASE_RESULT:\n {2}status: /)
    seen.push([step, code, started(stderr).join(' '), fields(stdout)])
  }
  const open = { status: 'in_progress', merge: 'none' }
  const none = { review_code: 'not reviewed' }
  const build = { build: 'pass (test -e plan)' }
  const green = { ...build, tests: 'pass (test -e plan)' }
  const reviewed = { ...open, ...green, review_code: 'none' }
  expect(seen).toEqual([
    ['implement', 0, 'implement', { ...open, ...none, build: 'not-run', tests: 'not-run' }],
    ['build', 0, 'build', { ...open, ...none, ...build, tests: 'not-run' }],
    ['build', 0, '', { ...open, ...none, ...build, tests: 'not-run' }],
    ['test', 0, 'test', { ...open, ...none, ...green }],
    ['implement', 0, '', { ...open, ...none, ...green }],
    ['review', 0, 'review-code', reviewed],
    ['commit', 0, '', reviewed],
    ['merge', 0, 'merged', { ...reviewed, status: 'completed', merge: 'SHA' }],
  ])
  expect(await git(root, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('main')
  expect(await git(root, 'ls-tree', '--name-only', 'main')).toBe('plan')
})

test('what a phase came to so far is JSON too', async () => {
  const root = await project()
  const { code, stdout } = await orchestrate(root, [...PHASE, '--step', 'build', '--json'])
  expect(code).toBe(0)
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const paused = { status: 'in_progress', phase: '1', build: { status: 'pass', command: 'test -e plan' } }
  expect(events.find(({ type }) => type === 'phase-result')).toMatchObject({ result: paused })
  expect(events.at(-1)).toMatchObject({
    type: 'ended',
    exit: 0,
    failures: [],
    view: {
      phases: [
        { id: '1', state: 'running', result: paused },
        { id: '2', state: 'excluded' },
      ],
    },
  })
})

test('a phase takes no other one along, and shows its plan beside a run that is not finished', async () => {
  const root = await project()
  await orchestrate(root, [...PHASE, '--step', 'implement'])
  const [run] = (await git(root, 'for-each-ref', '--format=%(refname:lstrip=2)', 'refs/orchestrate')).split(
    '/',
  )
  const other = ['phase', '--phase', '2', '--plan-dir', 'plan', '--agent', 'scripted']
  const refused = {
    code: 2,
    stdout: '',
    stderr:
      `error: Run ${run} of plan is not finished.\n` +
      `  hint: \`orchestrate resume ${run}\` goes on with it; \`orchestrate abort ${run}\` ends it.\n`,
  }
  expect(await orchestrate(root, other)).toEqual(refused)
  expect(await orchestrate(root, ['run', 'plan', '--agent', 'scripted', '--yes'])).toEqual(refused)
  const shown = await orchestrate(root, [...PHASE, '--dry-run'])
  expect(shown.code).toBe(0)
  expect(shown.stderr).toMatch(/^Execution plan · Two files\n/)
  expect(started(shown.stderr)).toEqual([])
})

test('a phase that comes after one that is not completed is refused', async () => {
  const root = await project()
  const ran = await orchestrate(root, ['phase', '--phase', '2', '--plan-dir', 'plan', '--agent', 'scripted'])
  expect(ran).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'error: Phase 2 depends on phase 1, which is not completed.\n  at task_plan.md:17\n' +
      '  hint: Run phase 1 first and land it, or run both: `orchestrate run DIR --phase 1 --phase 2`.\n',
  })
})
