/** The built command line on plans that people wrote: found, shown, run, merged, written back. */
import { afterAll, describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isOptional } from '../../src/core/model/optional-tasks.ts'
import type { FakeCall } from '../support/fake-agent.ts'
import { git, orchestrate, packageRoot, repository, TempDirs } from '../support/cli.ts'
import { filesIn, RUN_PLANS, runPlan } from '../formats/fixtures.ts'
import { planOf } from '../formats/read-plan.ts'
import { unseen } from '../formats/seen.ts'
import { faultsOfEnd } from '../formats/write-back.ts'

const AGENT = join(packageRoot, 'test', 'formats', 'agent.mjs')
const dirs = new TempDirs()
afterAll(dirs.remove)

const callsIn = (dir: string): Pick<FakeCall, 'step' | 'phase' | 'unit' | 'prompt'>[] =>
  readdirSync(dir).map((name) => JSON.parse(readFileSync(join(dir, name), 'utf8')) as FakeCall)

describe.each(RUN_PLANS)('a repository with a plan of %s', (name) => {
  const { files, path } = runPlan(name)
  // a PLAN.md may be a note: it is named
  const named = name === 'plan-md' ? [path] : []

  test('is run by `orchestrate run`, without a word where the plan is', async () => {
    const plan = await planOf(files, path)
    const root = await repository(await dirs.make(), { ...files, 'README.md': '# A project\n' })
    const base = await git(root, 'rev-parse', 'main')

    const shown = await orchestrate(root, ['run', ...named, '--dry-run'])

    expect(shown.code).toBe(0)
    if (named.length === 0) expect(shown.stderr.startsWith(`${path}: ${plan.mode} · `)).toBe(true)
    for (const { id } of plan.phases.filter((phase) => !isOptional(phase)))
      expect(shown.stderr).toMatch(new RegExp(`\\n *${id.replaceAll('.', '\\.')} `, 'u'))
    expect(await git(root, 'status', '--porcelain')).toBe('')
    expect(await git(root, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main')

    const asked = await dirs.make()
    const command = `"${process.execPath}" "${AGENT}" "${asked}"`
    const flags = ['--yes', '--agent', 'command', '--agent-command', command, '--sandbox', 'off']
    const ended = await orchestrate(root, ['run', ...named, ...flags])

    expect(ended).toMatchObject({ code: 0, stdout: '' })
    expect(ended.stderr).toMatch(/\nRun [^\n]*: landed\n/u)
    expect(await faultsOfEnd(plan, files, filesIn(root), path)).toEqual([])
    expect(unseen(name, callsIn(asked))).toEqual([])
    expect(await git(root, 'log', '--merges', '--format=%s', `${base}..main`)).not.toBe('')
    const { run } = JSON.parse((await orchestrate(root, ['status', '--json'])).stdout) as { run: string }
    expect(await orchestrate(root, ['verify', run])).toMatchObject({ code: 0 })
    // nothing is left: it is not offered again
    if (!plan.phases.some(isOptional)) {
      const again = await orchestrate(root, ['run', '--dry-run'])
      expect(again.stderr).toContain('there is no plan here that has work left')
    }
  })
})
