import { afterAll, describe, expect, test } from '@jest/globals'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { orchestrate, packageRoot, repository, TempDirs, writeFiles } from '../support/cli.ts'
import { PLAN_FILES, TASK_PLAN } from './plan.ts'

const dirs = new TempDirs()
afterAll(dirs.remove)

describe('orchestrate ingest', () => {
  test('--json prints the plan as the contract says, also outside git', async () => {
    const root = await dirs.make()
    await writeFiles(root, PLAN_FILES)
    const { code, stdout, stderr } = await orchestrate(root, ['ingest', 'plan', '--json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      mode: 'task-based',
      phases: [
        {
          id: '1',
          title: 'First file',
          status: 'pending',
          dependsOn: [],
          line: 3,
          tasks: [{ id: '1.1', title: 'Create a.txt', done: false, line: 7 }],
          criteria: [{ id: 'AC-1', line: 15 }],
          specs: [],
        },
        { id: '2', dependsOn: ['1'] },
      ],
    })
  })

  test('a directory that is no plan is mode invalid and exit 2', async () => {
    const root = await dirs.make()
    for (const dir of ['.', 'nowhere']) {
      const { code, stdout, stderr } = await orchestrate(root, ['ingest', dir, '--json'])
      expect(code).toBe(2)
      expect(JSON.parse(stdout)).toMatchObject({
        mode: 'invalid',
        phases: [],
        diagnostics: [{ severity: 'error' }],
      })
      expect(stderr).toMatch(/^error: /)
    }
  })

  test('without --json an outline for people', async () => {
    const root = await dirs.make()
    await writeFiles(root, PLAN_FILES)
    const { stdout, stderr } = await orchestrate(root, ['ingest', 'plan'])
    expect(stdout).toBe('')
    expect(stderr).toMatch(
      /^Two files: task-based, 2 phases\n {2}1 {2}First file {2}\(1 task, 1 file\)\n {2}2 {2}Second file {2}\(1 task, 1 file, after 1\)\n/,
    )
  })
})

describe('orchestrate review', () => {
  const vague = TASK_PLAN.replace('Create a.txt', 'Improve things')

  test('text for people on stderr, formats for machines on stdout', async () => {
    const root = await repository(await dirs.make(), { ...PLAN_FILES, 'plan/task_plan.md': vague })
    const text = await orchestrate(root, ['review', 'plan'])
    expect(text).toMatchObject({ code: 0, stdout: '' })
    expect(text.stderr).toMatch(/\n *--> task_plan\.md:7\n/)
    const json = await orchestrate(root, ['review', 'plan', '--format', 'json'])
    const { diagnostics } = JSON.parse(json.stdout) as { diagnostics: { file: string; line: number }[] }
    expect(diagnostics.some(({ file, line }) => file === 'task_plan.md' && line === 7)).toBe(true)
    const sarif = await orchestrate(root, ['review', 'plan', '--format', 'sarif'])
    expect(JSON.parse(sarif.stdout)).toMatchObject({ version: '2.1.0' })
    const github = await orchestrate(root, ['review', 'plan', '--format', 'github'])
    expect(github.stdout).toMatch(/^::(warning|notice|error) file=plan\/task_plan\.md,line=7/m)
  })

  test('an error in the plan is exit 1', async () => {
    const cyclic = TASK_PLAN.replace(
      '## Phase 1: First file\n',
      '## Phase 1: First file\n\nDepends on: Phase 2\n',
    )
    const root = await dirs.make()
    await writeFiles(root, { 'plan/task_plan.md': cyclic })
    expect(await orchestrate(root, ['review', 'plan'])).toMatchObject({ code: 1 })
  })
})

describe('orchestrate init', () => {
  test('writes what is not there, and what it wrote is a plan that can be read', async () => {
    const root = await repository(await dirs.make(), { 'README.md': 'x' })
    const { code, stderr } = await orchestrate(root, ['init'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/^Written: \.github\/orchestrate\.yml\nWritten: plans\/example\/task_plan\.md\n/)
    const read = JSON.parse((await orchestrate(root, ['ingest', 'plans/example', '--json'])).stdout) as {
      phases: { dependsOn: string[]; tasks: unknown[]; criteria: unknown[] }[]
    }
    expect(
      read.phases.map(({ dependsOn, tasks, criteria }) => [dependsOn, tasks.length, criteria.length]),
    ).toEqual([
      [[], 2, 2],
      [['1'], 2, 2],
    ])
    const review = JSON.parse(
      (await orchestrate(root, ['review', 'plans/example', '--format', 'json'])).stdout,
    ) as {
      diagnostics: { severity: string }[]
    }
    expect(review.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  })

  test('leaves alone what is there', async () => {
    const root = await repository(await dirs.make(), { '.github/orchestrate.yml': 'land: none\n' })
    const { stderr } = await orchestrate(join(root, '.github'), ['init'])
    expect(stderr).toMatch(/^Left as it is: \.github\/orchestrate\.yml\nWritten: plans/)
    expect(await readFile(join(root, '.github/orchestrate.yml'), 'utf8')).toBe('land: none\n')
  })
})

describe('orchestrate init --github', () => {
  const WORKFLOW = '.github/workflows/orchestrate.yml'

  test('writes the shipped workflow too and says what has to be done on GitHub', async () => {
    const root = await repository(await dirs.make(), { 'README.md': 'x' })
    const { code, stderr } = await orchestrate(root, ['init', '--github'])
    expect(code).toBe(0)
    const shipped = await readFile(join(packageRoot, WORKFLOW), 'utf8')
    expect(await readFile(join(root, WORKFLOW), 'utf8')).toBe(shipped)
    expect(stderr).toBe(`Written: .github/orchestrate.yml
Written: plans/example/task_plan.md
Written: ${WORKFLOW}

Next, on GitHub
  1. Where ${WORKFLOW} says OWNER/REPOSITORY@COMMIT (twice with /setup in between), write the repository of Orchestrate and a commit of it.
  2. Commit workflow and configuration to the default branch: on GitHub they count from nowhere else.
  3. Make the label, and an environment that holds the agent's key:
       gh label create orchestrate
       gh api --method PUT repos/{owner}/{repo}/environments/orchestrate
       gh secret set ANTHROPIC_API_KEY --env orchestrate
  4. With the App (buttons, a check that only it can write): host it as docs/hosting.md says, then
       gh variable set ORCHESTRATE_APP --body true
       gh variable set ORCHESTRATE_APP_ID --body APP_ID
  5. Open a pull request with a plan, set the label orchestrate on it, and read the check.
`)
  })

  test('leaves a workflow alone that is there, and does not ask for what it says already', async () => {
    const own = 'jobs: {}\n'
    const root = await repository(await dirs.make(), { [WORKFLOW]: own })
    const { stderr } = await orchestrate(root, ['init', '--github'])
    expect(stderr).toContain(`Left as it is: ${WORKFLOW}\n\nNext, on GitHub\n  1. Commit workflow and`)
    expect(await readFile(join(root, WORKFLOW), 'utf8')).toBe(own)
  })
})

describe('orchestrate doctor', () => {
  test('is content where everything is there', async () => {
    const root = await repository(await dirs.make(), PLAN_FILES)
    const { code, stderr } = await orchestrate(root, ['doctor', '--agent', 'scripted'])
    expect(stderr).toMatch(
      new RegExp(
        `^✔ node {11}${process.versions.node}\n✔ git {12}\\d\\S*\n✔ repository {5}${root}, branch main, no remote\n` +
          '✔ configuration {2}fine\n✔ agent {10}scripted\n✔ cage {11}(made here|none: .*)\n\nReady to run\\.\n$',
      ),
    )
    expect(code).toBe(0)
  })

  test('says what is missing and what to do, exit 2', async () => {
    const root = await repository(await dirs.make(), {
      '.github/orchestrate.yml': 'agent: claude\nmodle: x\n',
    })
    await writeFiles(root, { '.github/orchestrate.yml': 'agent: claude\n' })
    const { code, stderr } = await orchestrate(root, ['doctor', '--agent', 'claude'])
    expect(code).toBe(2)
    expect(stderr).toContain(
      '✖ repository\n    error: The checkout has changes that are not committed: .github/orchestrate.yml.\n',
    )
    expect(stderr).toContain('✖ configuration\n    error: modle is no setting of Orchestrate.\n')
    expect(stderr).toMatch(/✖ agent\n( {4}.*\n)* {4}error: ANTHROPIC_API_KEY is not set/)
    expect(stderr).toMatch(/\n[34] problems to solve before a run\.\n$/)
  })

  test('finds the agent, tells its version, and refuses one that is known to be unsafe', async () => {
    const root = await repository(await dirs.make(), PLAN_FILES)
    const bin = await dirs.make()
    const found = async (version: string) => {
      await writeFile(join(bin, 'claude'), `#!/bin/sh\necho '${version} (Claude Code)'\n`, { mode: 0o755 })
      const env = { PATH: `${bin}:${process.env['PATH']}`, ANTHROPIC_API_KEY: 'sk-x' }
      const { stderr } = await orchestrate(root, ['doctor', '--agent', 'claude'], { env })
      return stderr
    }
    expect(await found('2.1.330')).toMatch(/✔ agent {10}claude 2\.1\.330\n✔ cage/)
    expect(await found('9.0.0')).toMatch(
      /✔ agent {10}claude 9\.0\.0\n {4}warning: Claude Code 9\.0\.0 is newer than what was tried/,
    )
    expect(await found('2.0.0')).toMatch(
      /✖ agent\n( {4}.*\n)* {4}error: Claude Code 2\.0\.0 .*: it is not started/,
    )
  })

  test('--json for machines', async () => {
    const root = await dirs.make()
    const { code, stdout } = await orchestrate(root, ['doctor', '--agent', 'scripted', '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      checks: [
        { name: 'node', failures: [] },
        { name: 'git', failures: [] },
        { name: 'repository', failures: [{ reason: 'plan-outside-git' }] },
        { name: 'agent' },
        { name: 'cage' },
      ],
    })
  })
})
