import { afterAll, describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunView } from '../../src/core/pipeline-types.ts'
import { git, orchestrate, repository, TempDirs } from '../support/cli.ts'
import { PLAN_FILES } from './plan.ts'

const dirs = new TempDirs()
afterAll(dirs.remove)

const project = async (files: Record<string, string> = {}) =>
  repository(await dirs.make(), { ...PLAN_FILES, ...files })
const RUN = ['run', 'plan', '--agent', 'scripted']

const lines = (text: string): { type: string; [key: string]: unknown }[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string })

async function status(root: string): Promise<RunView> {
  const { stdout } = await orchestrate(root, ['status', '--json'])
  return JSON.parse(stdout) as RunView
}

describe('orchestrate run', () => {
  test('runs a plan, lands it, and says what it came to', async () => {
    const root = await project()
    const { code, stdout, stderr } = await orchestrate(root, [...RUN, '--yes'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(await readFile(join(root, 'a.txt'), 'utf8')).toBe('a\n')
    expect(await readFile(join(root, 'b.txt'), 'utf8')).toBe('b\n')
    expect(await git(root, 'status', '--porcelain')).toBe('')
    const { run } = await status(root)
    expect(stderr).toMatch(/^Execution plan · Two files\n/)
    expect(stderr).toContain(`run ${run} · started · 2 phases · agent scripted\n`)
    expect(stderr).toMatch(/\nphase 1 · implement 1\.1 · done · \d/)
    expect(stderr).toContain(`\nRun ${run}: landed\n`)
    expect(stderr).toMatch(/\n1 {2}First file {3}merged {8}1 {2}pass {3}pass {3}none/)
    // No colours and no cursor movements where nobody sees them.
    expect(stderr).not.toMatch(/\u001b/)

    const replay = await orchestrate(root, ['logs', '--phase', '2', '--step', 'review-code'])
    expect(replay).toMatchObject({ code: 0, stdout: '' })
    expect(replay.stderr).toMatch(
      /^phase 2 · review-code · \d{4}-[^\n]+Z\n(?: +\d+:\d\d {2}.+\n)* +\d+:\d\d {2}done · [^\n]+\n$/,
    )
    const all = lines((await orchestrate(root, ['logs', run, '--json'])).stdout)
    expect(all.filter(({ kind }) => kind === 'result')).toHaveLength(8)
    const none = await orchestrate(root, ['logs', run, '--phase', '9'])
    expect(none.code).toBe(2)
    expect(none.stderr).toContain(`This machine has no transcript of phase 9 of run ${run}.`)
  })

  test('--json: one event a line on stdout, the last says how it ended; people read nothing', async () => {
    const root = await project()
    const { code, stdout, stderr } = await orchestrate(root, [...RUN, '--yes', '--json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const events = lines(stdout)
    const types = new Set(events.map(({ type }) => type))
    for (const type of ['stage', 'execution-plan', 'run-started', 'phase-merged', 'phase-result', 'landed']) {
      expect(types).toContain(type)
    }
    expect(events.at(-1)).toMatchObject({ type: 'ended', exit: 0, failures: [], view: { state: 'landed' } })
  })

  test('--dry-run stops at the gate, exit 0, and nothing is made', async () => {
    const root = await project()
    const { code, stderr } = await orchestrate(root, [...RUN, '--dry-run'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/^Execution plan · Two files\n/)
    expect(await git(root, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main')
  })

  test('without a terminal and without --yes the plan is printed and a person is needed', async () => {
    const root = await project()
    const { code, stderr } = await orchestrate(root, RUN)
    expect(code).toBe(3)
    expect(stderr).toMatch(/^Execution plan · Two files\n/)
    expect(stderr).toMatch(
      /\nstopped: The plan needs an approval, and there is no terminal to ask in\.\n {2}hint: .*--yes/,
    )
    expect(await git(root, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main')
  })

  test('settings of the committed file count, flags go over them', async () => {
    const root = await project({
      '.github/orchestrate.yml': 'agent: scripted\nland: none\nmax_parallel_phases: 2\n',
    })
    const { stderr } = await orchestrate(root, ['run', 'plan', '--dry-run', '--max-parallel', '5'])
    expect(stderr).toContain('2 phases × 5 agents at a time')
    expect(stderr).toContain('your branch stays as it is')
  })
})

describe('a run that exists', () => {
  test('land none, then status, land, verify and report', async () => {
    const root = await project()
    const before = await git(root, 'rev-parse', 'main')
    expect(await orchestrate(root, [...RUN, '--yes', '--land', 'none'])).toMatchObject({ code: 0 })
    expect(await git(root, 'rev-parse', 'main')).toBe(before)
    const { run, state, planTip } = await status(root)
    expect(state).toBe('merged')

    expect(await orchestrate(root, ['land'])).toMatchObject({ code: 0 })
    expect(await git(root, 'rev-parse', 'main')).toBe(planTip)

    const verified = await orchestrate(root, ['verify', run])
    expect(verified).toMatchObject({ code: 0, stdout: '' })
    expect(verified.stderr.split('\n')).toEqual([
      expect.stringMatching(/^✔ Run \S+: \d+ events of 2 phases are chained, no step is missing\.$/),
      "  anchored  not looked at: --pull N asks the App's check what it saw",
      '  signed    not signed',
      '',
    ])

    expect(await orchestrate(root, ['report', run, '-o', 'report.html'])).toEqual({
      code: 0,
      stdout: '',
      stderr: `Written: ${root}/report.html\n`,
    })
    expect(await readFile(join(root, 'report.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*First file/)
  })

  test('a phase that stops is exit 3 with what to do; a person mends it by the commands that are offered', async () => {
    const steps = [
      { phase: '1', step: 'implement', edits: [] },
      { phase: '2', step: 'implement', edits: [{ write: 'b.txt', content: 'b\n' }] },
    ]
    const root = await project({ 'plan/scripted.json': JSON.stringify({ steps }) })
    const stopped = await orchestrate(root, [...RUN, '--yes'])
    expect(stopped.code).toBe(3)
    expect(stopped.stderr).toContain('Nothing was changed.')
    expect(stopped.stderr).toMatch(/\nNext\n {2}orchestrate resume plan-/)
    expect((await status(root)).phases.map(({ state }) => state)).toEqual(['needs-input', 'pending'])

    const wrong = await orchestrate(root, ['skip', '7'])
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toMatch(/^error: /)

    expect(await orchestrate(root, ['skip', '1'])).toMatchObject({ code: 0 })
    expect((await status(root)).phases.map(({ state }) => state)).toEqual(['skipped', 'merged'])
  })

  test('abort ends it; what was made stays', async () => {
    const steps = [
      { phase: '1', step: 'implement', edits: [{ write: 'a.txt', content: 'a\n' }] },
      { phase: '2', step: 'implement', edits: [] },
    ]
    const root = await project({ 'plan/scripted.json': JSON.stringify({ steps }) })
    expect(await orchestrate(root, [...RUN, '--yes'])).toMatchObject({ code: 3 })
    const { run } = await status(root)
    expect(await orchestrate(root, ['abort'])).toMatchObject({ code: 0 })
    expect((await status(root)).state).toBe('aborted')
    expect(await git(root, 'show', `orchestrate/${run}/plan:a.txt`)).toBe('a')
  })

  test('the phase runner prints PHASE_RESULT on stdout', async () => {
    const root = await project()
    const { code, stdout } = await orchestrate(root, [
      'phase',
      '--phase',
      '1',
      '--plan-dir',
      'plan',
      '--agent',
      'scripted',
    ])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^PHASE_RESULT:\n {2}status: completed\n {2}phase: 1\n {2}title: First file\n/)
    expect(stdout).toMatch(/\n {2}build: pass \(test -e plan\)\n/)
  })
})
