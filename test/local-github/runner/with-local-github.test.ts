/** The runner on the local GitHub itself: pushes, pull requests and dispatches as people and programs make them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { standIns } from '../../../local-github/runner/stand-ins.ts'
import { startRunner, type Runner } from '../../../local-github/runner/start.ts'
import { startLocalGitHub } from '../../../local-github/start.ts'
import type { LocalGitHub } from '../../../local-github/types.ts'
import { pick } from '../support.ts'
import { fileDir } from './rig.ts'

const run = promisify(execFile)
const dir = fileDir()
let github: LocalGitHub
let runner: Runner
let repository = ''
let token = ''

const CHECK = `
name: check
on:
  pull_request:
  push: { branches: [main, made] }
jobs:
  check:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - run: echo "::error file=feature.txt,line=1::looks odd"; cat feature.txt
`
const GO = `
name: go
run-name: go \${{ inputs.what }}
on:
  workflow_dispatch:
    inputs: { what: { type: string, required: true } }
permissions: { contents: write, actions: write }
jobs:
  first:
    runs-on: ubuntu-24.04
    outputs: { seen: "\${{ steps.seen.outputs.seen }}" }
    steps:
      - uses: actions/checkout@v5
      - id: seen
        run: echo "seen=$(ls)" >> "$GITHUB_OUTPUT"
      - name: push, which starts nothing
        run: git push --quiet origin HEAD:refs/heads/made
      - name: dispatch, which starts a run
        if: inputs.what == 'again'
        run: >-
          node -e 'fetch(process.argv[1], { method: "POST", headers: { authorization: "Bearer " + process.env.TOKEN },
          body: JSON.stringify({ ref: "main", inputs: { what: "once" } }) }).then(async (answer) =>
          { console.log(await answer.text()); process.exitCode = answer.ok ? 0 : 1 })'
          "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/actions/workflows/go.yml/dispatches"
        env: { TOKEN: "\${{ github.token }}" }
      - if: inputs.what == 'fail' && github.run_attempt == 1
        run: exit 9
  second:
    needs: first
    runs-on: ubuntu-24.04
    steps:
      - run: echo "attempt \${{ github.run_attempt }} saw \${{ needs.first.outputs.seen }}"
`

beforeAll(async () => {
  github = await startLocalGitHub()
  token = (await github.addUser('ann')).token
  const files = { 'README.md': '# x\n', '.github/workflows/check.yml': CHECK, '.github/workflows/go.yml': GO }
  repository = (await github.createRepository({ owner: 'ann', name: 'project', files })).fullName
  github.setRole(repository, 'ann', 'admin')
  runner = await startRunner({ github, actions: standIns() })
})
afterAll(async () => {
  await runner.close()
  await github.close()
})

async function api(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${github.url}/repos/${repository}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
}

async function settled(): Promise<void> {
  await github.idle()
  await runner.idle()
  await github.idle()
}
const runs = () => github.actions.runs(repository)

describe('on the local GitHub', () => {
  test('a pull request is checked at its head, with a check run of Actions that carries annotations', async () => {
    const work = join(dir, 'work')
    await run('git', ['clone', '--quiet', github.cloneUrl(repository, token), work])
    const git = (...args: string[]) =>
      run('git', ['-C', work, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args])
    await git('switch', '--quiet', '-c', 'topic')
    await mkdir(work, { recursive: true })
    await writeFile(join(work, 'feature.txt'), 'a feature\n')
    await git('add', '.')
    await git('commit', '--quiet', '-m', 'Add a feature')
    await git('push', '--quiet', 'origin', 'topic')
    const { body: pull } = await api('POST', '/pulls', { title: 'Feature', head: 'topic', base: 'main' })
    await settled()

    const head = pick(pull, 'head.sha')
    expect(runs()).toMatchObject([
      {
        event: 'pull_request',
        headSha: head,
        headBranch: 'topic',
        conclusion: 'success',
        displayTitle: 'Feature',
      },
    ])
    const { body: checks } = await api('GET', `/commits/${String(head)}/check-runs`)
    expect(pick(checks, 'check_runs')).toMatchObject([
      {
        name: 'check',
        conclusion: 'success',
        app: { slug: 'github-actions' },
        output: { annotations_count: 1 },
      },
    ])
    const { body: annotations } = await api(
      'GET',
      `/check-runs/${String(pick(checks, 'check_runs.0.id'))}/annotations`,
    )
    expect(annotations).toMatchObject([
      { path: 'feature.txt', annotation_level: 'failure', message: 'looks odd' },
    ])
  })

  test('a dispatch runs on the default branch; its token pushes without a run and dispatches with one', async () => {
    const before = runs().length
    const { body } = await api('POST', '/actions/workflows/go.yml/dispatches', {
      ref: 'main',
      inputs: { what: 'again' },
      return_run_details: true,
    })
    await settled()
    const made = runs().slice(before)
    expect(made.map((one) => [one.event, one.displayTitle, one.conclusion, one.actor])).toEqual([
      ['workflow_dispatch', 'go again', 'success', 'ann'],
      ['workflow_dispatch', 'go once', 'success', 'github-actions[bot]'],
    ])
    expect(made[0]?.id).toBe(pick(body, 'workflow_run_id'))
    const { body: branch } = await api('GET', '/branches/made')
    expect(pick(branch, 'commit.sha')).toBe(made[0]?.headSha)
    const { body: jobs } = await api('GET', `/actions/runs/${made[0]?.id}/jobs`)
    expect(pick(jobs, 'jobs')).toMatchObject([
      { name: 'first', conclusion: 'success' },
      { name: 'second', conclusion: 'success' },
    ])
  })

  test('a failed run is done again, and goes on where it failed', async () => {
    await api('POST', '/actions/workflows/go.yml/dispatches', { ref: 'main', inputs: { what: 'fail' } })
    await settled()
    const failed = runs().at(-1)
    expect(failed).toMatchObject({ conclusion: 'failure', attempt: 1 })
    expect((await api('POST', `/actions/runs/${failed?.id}/rerun-failed-jobs`)).status).toBe(201)
    await settled()
    expect(github.actions.run(failed?.id ?? 0)).toMatchObject({ conclusion: 'success', attempt: 2 })
    const jobs = github.actions.jobs(failed?.id ?? 0)
    expect(jobs.at(-1)?.log).toContain('attempt 2 saw README.md')
  })
})
